// SPDX-License-Identifier: MIT
// The x87 instructions, by family: what instructions.def names as templates. The engine has put the EIP of the instruction itself
// into `cpu.eip` (binder `x87`), for the instruction pointer that FSTENV shows.
// Source: [SDM1] "Programming with the x87 FPU"; [SDM2] the page of each instruction.
#pragma once

#include "cpu/ops/ops.hpp"

namespace trapgate::cpu::ops {

enum class X87Op : u8 { Add, Mul, Com, Comp, Sub, Subr, Div, Divr, Ucom, Ucomp };
enum class X87Type : u8 { Single, Double, Extended, Int16, Int32, Int64, Bcd };
enum class X87Unary : u8 { Chs, Abs, Sqrt, Rndint, F2xm1, Sin, Cos };
enum class X87Two : u8 { Yl2x, Patan, Yl2xp1, Prem, Prem1, Scale };
enum class X87Split : u8 { Ptan, Xtract, Sincos };

// Run-time forms behind the families.
void x87_arithmetic_memory(Cpu&, const Insn&, X87Op, X87Type);
void x87_arithmetic_top(Cpu&, const Insn&, X87Op);
void x87_arithmetic_other(Cpu&, const Insn&, X87Op, bool pop);
void x87_compare_to_flags(Cpu&, const Insn&, bool unordered, bool pop);
void x87_load_memory(Cpu&, const Insn&, X87Type);
void x87_store_memory(Cpu&, const Insn&, X87Type, bool pop);
void x87_one(Cpu&, const Insn&, X87Unary);
void x87_two_operands(Cpu&, const Insn&, X87Two, bool pop);
void x87_split_result(Cpu&, const Insn&, X87Split);
void x87_move_top(Cpu&, const Insn&, int by);
void x87_store_register(Cpu&, const Insn&, bool pop);
void x87_conditional_move(Cpu&, const Insn&, bool moves);
void x87_push_constant(Cpu&, const Insn&, u8 which);

template <X87Op op, X87Type type> inline constexpr Operation* x87_memory = with<x87_arithmetic_memory, op, type>;
template <X87Op op> inline constexpr Operation* x87_to_top = with<x87_arithmetic_top, op>;
template <X87Op op, bool pop> inline constexpr Operation* x87_to_other = with<x87_arithmetic_other, op, pop>;
template <bool unordered, bool pop>
inline constexpr Operation* x87_compare_flags = with<x87_compare_to_flags, unordered, pop>;
template <X87Type type> inline constexpr Operation* x87_load = with<x87_load_memory, type>;
template <X87Type type, bool pop> inline constexpr Operation* x87_store = with<x87_store_memory, type, pop>;
template <X87Unary op> inline constexpr Operation* x87_unary = with<x87_one, op>;
template <X87Two op, bool pop> inline constexpr Operation* x87_two = with<x87_two_operands, op, pop>;
template <X87Split op> inline constexpr Operation* x87_split = with<x87_split_result, op>;
template <int by> inline constexpr Operation* x87_rotate = with<x87_move_top, by>;
template <bool pop> inline constexpr Operation* fst_register = with<x87_store_register, pop>;
template <u8 code> void fcmov(Cpu& cpu, const Insn& i) {
    x87_conditional_move(cpu, i, cpu.flags.condition<code>());
}
template <u8 which> inline constexpr Operation* fld_constant = with<x87_push_constant, which>;

Operation fcompp, fucompp, fld_register, fxch, ffree, ftst, fxam, fnop;

// x87_control.cpp
Operation fldenv, fldcw, fnstenv, fnstcw, frstor, fnsave, fnstsw_memory, fnstsw_ax, fnclex, fninit, fnop_control;

} // namespace trapgate::cpu::ops
