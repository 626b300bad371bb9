// SPDX-License-Identifier: MIT
// See the header.
#include "frontend/virtual8086.hpp"

#include <fmt/format.h>

namespace trapgate::frontend {

bool in_virtual8086(const cpu::protect::Registers& registers) {
    return registers.eflags & cpu::eflags::vm;
}

std::string far_pointer(u32 paragraph, u32 offset) {
    return fmt::format("{:04x}:{:04x}", paragraph & 0xffff, offset);
}

} // namespace trapgate::frontend
