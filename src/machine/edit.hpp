// SPDX-License-Identifier: MIT
// Changes that a person makes to the guest from outside, in a debugger: one register or some bytes of memory.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "cpu/cpu.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::machine {

/// A register by name: reading all of them, changing those that may be changed alone.
struct RegisterInfo {
    std::string_view
        name; ///< lower case, as gdb and the manuals call it: "eax", "cs", "cr0", "gdtr_base", "msr_sysenter_esp"
    u8 bits;
    u64 (*get)(const cpu::Cpu&);
    /// Null: cannot be set alone. Gives an error if this value is not possible.
    Status (*set)(cpu::Cpu&, u64 value);
};

/// All registers, in the order in which a reader looks for them.
std::span<const RegisterInfo> all_registers();
const RegisterInfo* find_register(std::string_view name);

/// Sets a register, or bytes at a linear address as the current address space maps it.
struct Edit {
    std::string register_name; ///< empty: memory
    u64 value = 0;             ///< of the register
    u32 address = 0;           ///< linear
    std::vector<u8> bytes;
};

using cpu::WatchHit;
using cpu::WatchRange;

} // namespace trapgate::machine
