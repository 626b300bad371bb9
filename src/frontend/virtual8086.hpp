// SPDX-License-Identifier: MIT
// Virtual-8086 mode in words: who is in it, and how its places are written.
// Source: [SDM3] "8086 Emulation": the mode is EFLAGS.VM at CPL 3; a selector is a paragraph, sixteen bytes each.
#pragma once

#include "cpu/protect/recorder.hpp"

#include <string>

namespace trapgate::frontend {

/// EFLAGS.VM.
bool in_virtual8086(const cpu::protect::Registers& registers);
/// "1000:000a".
std::string far_pointer(u32 paragraph, u32 offset);
/// The linear address at which a paragraph begins.
constexpr u32 paragraph_base(u32 selector) {
    return (selector & 0xffff) << 4;
}

} // namespace trapgate::frontend
