// SPDX-License-Identifier: MIT
// The MMX instructions, and what the Pentium III added to them: what simd.def names as templates. The eight registers are the
// significands of the x87's physical registers; every instruction but EMMS marks all of those as used.
// Source: [SDM1] "Programming with Intel MMX Technology", "Effect of MMX, SSE, … Instructions on x87 FPU State"; [SDM2] the page of each.
#pragma once

#include "cpu/isa/insn.hpp"
#include "cpu/ops/mmx_lanes.hpp"
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"

namespace trapgate::cpu::ops {

/// What every MMX instruction begins with: #UD with CR0.EM, #NM with CR0.TS, #MF if an x87 exception is pending.
void begin_mmx(Cpu&);
/// TOP becomes 0 and no register is empty.
void enter_mmx(Cpu&);

inline u64 mmx_register(const Cpu& cpu, u8 number) {
    return cpu.x87.registers[number].significand;
}
/// REQUIRES: enter_mmx.
void set_mmx_register(Cpu&, u8 number, u64 value);

/// The register that an instruction writes: it stands in ModRM.reg beside memory, else in `rm`.
inline u8 vector_destination(const Insn& i) {
    return has_memory(i) ? i.reg : i.rm;
}

using MmxFunction = u64(u64 a, u64 b);
using MmxShift = u64(u64 value, u64 count);

// Run-time forms behind the families.
void mmx_compute(Cpu&, const Insn&, MmxFunction*);
void mmx_compute_low(Cpu&, const Insn&, MmxFunction*); ///< the memory operand is 4 bytes
void mmx_shift_by_immediate(Cpu&, const Insn&, MmxShift*);

template <MmxFunction* function> inline constexpr Operation* mmx = with<mmx_compute, function>;
template <MmxFunction* function> inline constexpr Operation* mmx_low = with<mmx_compute_low, function>;
template <MmxShift* shift> inline constexpr Operation* mmx_shift = with<mmx_shift_by_immediate, shift>;

Operation emms, movd_to_mmx, movd_from_mmx, movq_load;
Operation movq_store; ///< MOVNTQ too: there is no cache to go round
Operation pshufw, pinsrw, pextrw, pmovmskb, maskmovq;

} // namespace trapgate::cpu::ops
