// SPDX-License-Identifier: MIT
// A bare processor with the engine: tests that run code.
#pragma once

#include "cpu/bare_machine.hpp"
#include "cpu/engine/engine.hpp"

#include <initializer_list>

namespace trapgate::tests {

struct EngineMachine : BareMachine {
    engine::Engine engine{cpu};

    void code(u32 address, std::initializer_list<int> bytes) {
        for (int byte : bytes) {
            const u8 value = static_cast<u8>(byte);
            put_bytes(address++, &value, 1);
        }
    }
    u32 eax() const { return cpu.reg(Gpr::eax); }
};

} // namespace trapgate::tests
