// SPDX-License-Identifier: MIT
// The instructions that are functions of the whole processor. Each does what its manual page says; the engine has put the EIP of
// the next instruction into `cpu.eip` for those in "Control" and "System" (binder `leave`), not for the others.
// Source: [SDM2] the page of each instruction. Raises as there.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/insn.hpp"

namespace trapgate::cpu::ops {

using isa::Insn;
using Operation = void(Cpu&, const Insn&);

/// The operation that calls `run` with these arguments more: a row of the tables names a family and its member that way.
template <auto run, auto... arguments> void with(Cpu& cpu, const Insn& i) {
    run(cpu, i, arguments...);
}

// moves.cpp
Operation bswap, xlat, pusha, popa, pushf, popf, push_segment, enter;
Operation cbw, cwd, salc, sahf, lahf, cmc, clc, stc, cld, std;
Operation cmpxchg8b;
void push_any(Cpu&, const Insn&,
              u32 value); ///< PUSH of a register, memory or immediate, outside the flat 32-bit case
Operation pop_register, pop_memory;

// bcd.cpp
Operation daa, das, aaa, aas, aam, aad;

// segments.cpp: the segment register is in insn.reg
Operation pop_segment, load_segment, store_segment, arpl;
void load_far_pointer_into(Cpu&, const Insn&, SegmentRegister);
template <SegmentRegister segment> ///< LES, LDS, LSS, LFS, LGS
inline constexpr Operation* load_far_pointer = with<load_far_pointer_into, segment>;
Operation sldt, str, lldt, ltr, verr, verw, lar, lsl;

// control.cpp
Operation far_call_direct, far_jump_direct, far_call_indirect, far_jump_indirect, far_return;
Operation int3, int_n, into, iret, int1, bound, sysenter, sysexit, undefined;

// system.cpp
Operation cli, sti, hlt, in_immediate, in_dx, out_immediate, out_dx;
Operation sgdt, sidt, lgdt, lidt, smsw, lmsw, invlpg, clts, invalidate_caches;
Operation mov_from_cr, mov_from_dr, mov_to_cr, mov_to_dr, wrmsr, rdmsr, rdtsc, cpuid, fwait;

} // namespace trapgate::cpu::ops
