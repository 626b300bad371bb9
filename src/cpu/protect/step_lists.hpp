// SPDX-License-Identifier: MIT
// The lists of micro-steps that privileged transfers execute: data, so that what is shown is what runs.
#pragma once

namespace trapgate::cpu::protect {

struct StepLists {};
extern const StepLists standard_step_lists;

} // namespace trapgate::cpu::protect
