// SPDX-License-Identifier: MIT
// What the processor will ask of a descriptor or gate, whether this one passes, and what it would raise if one bit were otherwise:
// each answer with the edit that tries it on a copy of the machine.
// Source: [SDM2] INT n, "Operation", and MOV; [SDM3] "Protection", "Exception and Interrupt Handling".
#pragma once

#include "cpu/cpu.hpp"
#include "kernel/guest_memory.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::views {

/// A byte of memory that would make a check fail, or pass.
struct ByteEdit {
    u32 address;
    u8 value;
};

struct DescriptorCheck {
    std::string name;    ///< "gate.DPL >= CPL"
    std::string here;    ///< with the numbers: "3 >= 3"
    bool passes = true;  ///< now
    std::string change;  ///< "DPL := 0"; empty: nothing to try
    std::string outcome; ///< "#GP(402)", what follows from a failure
    std::string because; ///< "(80h << 3) | 2: vector 80h, IDT bit set, EXT 0"
    std::optional<ByteEdit> edit{};
};

/// Of IDT[vector] as the target of INT n by code at `cpl`.
std::vector<DescriptorCheck> interrupt_checks(const cpu::Cpu& cpu, const kernel::GuestMemory& memory, u8 vector,
                                              u8 cpl);

/// May code at `cpl` load `selector` into a register? The exception that it raises instead, "" if it may.
enum class LoadTarget : u8 { Data, Stack, Code };
std::string load_outcome(cpu::Descriptor descriptor, u16 selector, u8 cpl, LoadTarget target);

} // namespace trapgate::frontend::views
