// SPDX-License-Identifier: MIT
// A micro-step that has just run, in one line, with its values: "gate.DPL 3 >= CPL 3".
// The fixed texts of the steps are in cpu/isa/micro_steps.def; here are the numbers of this time.
#pragma once

#include "cpu/isa/micro_steps.hpp"
#include "cpu/protect/transfer.hpp"

#include <string>

namespace trapgate::cpu::protect {

/// REQUIRES: `step` has just run in that transfer (or has just failed). Changes nothing.
std::string describe(isa::MicroStep step, const Transfer&);

/// "trap32", "int16", "task", "code32", "data32", "tss32 busy", "ldt", "call32": what a descriptor is.
std::string descriptor_kind(Descriptor);

} // namespace trapgate::cpu::protect
