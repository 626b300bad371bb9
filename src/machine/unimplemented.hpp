// SPDX-License-Identifier: MIT
// What to say about an instruction that this processor does not have: where, which bytes, what it would be.
#pragma once

#include "cpu/cpu.hpp"

#include <string>

namespace trapgate::machine {

/// One line. `what`: what is missing. The instruction is the one at CS:EIP.
std::string describe_unimplemented(const cpu::Cpu& cpu, const char* what);

} // namespace trapgate::machine
