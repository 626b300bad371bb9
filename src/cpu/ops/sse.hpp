// SPDX-License-Identifier: MIT
// The SSE instructions: what simd.def names. Moves and bits stand in sse.cpp, what rounds or compares in sse_arithmetic.cpp.
// Source: [SDM1] "Programming with Intel Streaming SIMD Extensions (Intel SSE)"; [SDM2] the page of each instruction.
#pragma once

#include "cpu/isa/insn.hpp"
#include "cpu/ops/mmx.hpp"
#include "cpu/ops/operand.hpp"

namespace trapgate::cpu::ops {

enum class SseOp : u8 { Add, Mul, Sub, Div, Min, Max, Sqrt, Rsqrt, Rcp };

/// What every SSE instruction begins with: #UD with CR0.EM or without CR4.OSFXSR, #NM with CR0.TS.
void begin_sse(Cpu&);

/// 16 bytes of memory. Aligned: #GP(0) at an address that 16 does not divide.
Xmm load_xmm(Cpu&, const Insn&, bool aligned);
void store_xmm(Cpu&, const Insn&, const Xmm& value, bool aligned);
/// The last operand, a register or aligned memory; or its lowest single (the rest is 0 from memory).
Xmm read_packed(Cpu&, const Insn&);
Xmm read_scalar(Cpu&, const Insn&);

namespace lanes {
template <u32 first> Xmm unpack(const Xmm& a, const Xmm& b) {
    return {a[first], b[first], a[first + 1], b[first + 1]};
}
inline Xmm and_(const Xmm& a, const Xmm& b) {
    return {a[0] & b[0], a[1] & b[1], a[2] & b[2], a[3] & b[3]};
}
inline Xmm and_not(const Xmm& a, const Xmm& b) {
    return {~a[0] & b[0], ~a[1] & b[1], ~a[2] & b[2], ~a[3] & b[3]};
}
inline Xmm or_(const Xmm& a, const Xmm& b) {
    return {a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]};
}
inline Xmm xor_(const Xmm& a, const Xmm& b) {
    return {a[0] ^ b[0], a[1] ^ b[1], a[2] ^ b[2], a[3] ^ b[3]};
}
} // namespace lanes

using XmmFunction = Xmm(const Xmm& a, const Xmm& b);

// Run-time forms behind the templates.
void sse_load_half(Cpu&, const Insn&, u32 lane);
void sse_store_half(Cpu&, const Insn&, u32 lane);
void sse_move_half(Cpu&, const Insn&, u32 to, u32 from);
void sse_packed_arithmetic(Cpu&, const Insn&, SseOp);
void sse_scalar_arithmetic(Cpu&, const Insn&, SseOp);

template <XmmFunction* function> void sse_bits(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm source = read_packed(cpu, i);
    Xmm& destination = cpu.sse.xmm[vector_destination(i)];
    destination = function(destination, source);
}
template <u32 lane> void load_half(Cpu& cpu, const Insn& i) {
    sse_load_half(cpu, i, lane);
}
template <u32 lane> void store_half(Cpu& cpu, const Insn& i) {
    sse_store_half(cpu, i, lane);
}
template <u32 to, u32 from> void move_half(Cpu& cpu, const Insn& i) {
    sse_move_half(cpu, i, to, from);
}
template <SseOp op> void sse_packed(Cpu& cpu, const Insn& i) {
    sse_packed_arithmetic(cpu, i, op);
}
template <SseOp op> void sse_scalar(Cpu& cpu, const Insn& i) {
    sse_scalar_arithmetic(cpu, i, op);
}

void movups_load(Cpu&, const Insn&);
void movups_store(Cpu&, const Insn&);
void movaps_load(Cpu&, const Insn&);
void movaps_store(Cpu&, const Insn&); ///< MOVNTPS too: there is no cache to go round
void movss_load(Cpu&, const Insn&);
void movss_store(Cpu&, const Insn&);
void movmskps(Cpu&, const Insn&);
void shufps(Cpu&, const Insn&);
void ldmxcsr(Cpu&, const Insn&);
void stmxcsr(Cpu&, const Insn&);

// sse_arithmetic.cpp
void cmpps(Cpu&, const Insn&);
void cmpss(Cpu&, const Insn&);
void comiss(Cpu&, const Insn&);
void ucomiss(Cpu&, const Insn&);
void cvtpi2ps(Cpu&, const Insn&);
void cvtps2pi(Cpu&, const Insn&);
void cvttps2pi(Cpu&, const Insn&);
void cvtsi2ss(Cpu&, const Insn&);
void cvtss2si(Cpu&, const Insn&);
void cvttss2si(Cpu&, const Insn&);

} // namespace trapgate::cpu::ops
