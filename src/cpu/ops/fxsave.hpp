// SPDX-License-Identifier: MIT
// FXSAVE and FXRSTOR: x87, MMX and SSE registers as one image of 512 bytes.
// Source: [SDM1] "FXSAVE and FXRSTOR Instructions"; [SDM2] FXSAVE, FXRSTOR.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/insn.hpp"

namespace trapgate::cpu::ops {

void fxsave(Cpu&, const isa::Insn&);
void fxrstor(Cpu&, const isa::Insn&);

} // namespace trapgate::cpu::ops
