// SPDX-License-Identifier: MIT
// Instruction breakpoints of the debug registers. Data breakpoints are matched where accesses happen (memory.cpp).
// Source: [SDM3] "Debug Registers", "Instruction-Breakpoint Exception Condition".
#pragma once

#include "cpu/cpu.hpp"

namespace trapgate::cpu::protect {

/// Raises #DB (a fault, before the instruction) if an enabled execution breakpoint stands at CS:EIP; sets its DR6 bits.
inline void check_instruction_breakpoints(Cpu& cpu) {
    const u32 linear = cpu.segment(SegmentRegister::cs).base + cpu.eip;
    u32 hits = 0;
    for (u32 n = 0; n < 4; ++n) {
        const bool enabled = cpu.dr[7] >> (2 * n) & 3, execution = (cpu.dr[7] >> (16 + 4 * n) & 3) == 0;
        if (enabled && execution && cpu.dr[n] == linear) hits |= 1u << n;
    }
    if (hits) {
        cpu.dr[6] |= hits;
        raise(Vector::DB);
    }
}

} // namespace trapgate::cpu::protect
