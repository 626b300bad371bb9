// SPDX-License-Identifier: MIT
// The x87 instructions, by family: what instructions.def names as templates. The engine has put the EIP of the instruction itself
// into `cpu.eip` (binder `x87`), for the instruction pointer that FSTENV shows.
// Source: [SDM1] "Programming with the x87 FPU"; [SDM2] the page of each instruction.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/insn.hpp"

namespace trapgate::cpu::ops {

using isa::Insn;

enum class X87Op : u8 { Add, Mul, Com, Comp, Sub, Subr, Div, Divr, Ucom, Ucomp };
enum class X87Type : u8 { Single, Double, Extended, Int16, Int32, Int64, Bcd };
enum class X87Unary : u8 { Chs, Abs, Sqrt, Rndint, F2xm1, Sin, Cos };
enum class X87Two : u8 { Yl2x, Patan, Yl2xp1, Prem, Prem1, Scale };
enum class X87Split : u8 { Ptan, Xtract, Sincos };

// Run-time forms behind the templates.
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

template <X87Op op, X87Type type> void x87_memory(Cpu& cpu, const Insn& i) {
    x87_arithmetic_memory(cpu, i, op, type);
}
template <X87Op op> void x87_to_top(Cpu& cpu, const Insn& i) {
    x87_arithmetic_top(cpu, i, op);
}
template <X87Op op, bool pop> void x87_to_other(Cpu& cpu, const Insn& i) {
    x87_arithmetic_other(cpu, i, op, pop);
}
template <bool unordered, bool pop> void x87_compare_flags(Cpu& cpu, const Insn& i) {
    x87_compare_to_flags(cpu, i, unordered, pop);
}
template <X87Type type> void x87_load(Cpu& cpu, const Insn& i) {
    x87_load_memory(cpu, i, type);
}
template <X87Type type, bool pop> void x87_store(Cpu& cpu, const Insn& i) {
    x87_store_memory(cpu, i, type, pop);
}
template <X87Unary op> void x87_unary(Cpu& cpu, const Insn& i) {
    x87_one(cpu, i, op);
}
template <X87Two op, bool pop> void x87_two(Cpu& cpu, const Insn& i) {
    x87_two_operands(cpu, i, op, pop);
}
template <X87Split op> void x87_split(Cpu& cpu, const Insn& i) {
    x87_split_result(cpu, i, op);
}
template <int by> void x87_rotate(Cpu& cpu, const Insn& i) {
    x87_move_top(cpu, i, by);
}
template <bool pop> void fst_register(Cpu& cpu, const Insn& i) {
    x87_store_register(cpu, i, pop);
}
template <u8 code> void fcmov(Cpu& cpu, const Insn& i) {
    x87_conditional_move(cpu, i, cpu.flags.condition<code>());
}
template <u8 which> void fld_constant(Cpu& cpu, const Insn& i) {
    x87_push_constant(cpu, i, which);
}

void fcompp(Cpu&, const Insn&);
void fucompp(Cpu&, const Insn&);
void fld_register(Cpu&, const Insn&);
void fxch(Cpu&, const Insn&);
void ffree(Cpu&, const Insn&);
void ftst(Cpu&, const Insn&);
void fxam(Cpu&, const Insn&);
void fnop(Cpu&, const Insn&);

// x87_control.cpp
void fldenv(Cpu&, const Insn&);
void fldcw(Cpu&, const Insn&);
void fnstenv(Cpu&, const Insn&);
void fnstcw(Cpu&, const Insn&);
void frstor(Cpu&, const Insn&);
void fnsave(Cpu&, const Insn&);
void fnstsw_memory(Cpu&, const Insn&);
void fnstsw_ax(Cpu&, const Insn&);
void fnclex(Cpu&, const Insn&);
void fninit(Cpu&, const Insn&);
void fnop_control(Cpu&, const Insn&);

} // namespace trapgate::cpu::ops
