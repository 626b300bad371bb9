// SPDX-License-Identifier: MIT
// The SSE instructions: what simd.def names. Moves and bits stand in sse.cpp, what rounds or compares in sse_arithmetic.cpp.
// Source: [SDM1] "Programming with Intel Streaming SIMD Extensions (Intel SSE)"; [SDM2] the page of each instruction.
#pragma once

#include "cpu/isa/insn.hpp"
#include "cpu/ops/mmx.hpp"
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"

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

// Run-time forms behind the families.
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
template <u32 lane> inline constexpr Operation* load_half = with<sse_load_half, lane>;
template <u32 lane> inline constexpr Operation* store_half = with<sse_store_half, lane>;
template <u32 to, u32 from> inline constexpr Operation* move_half = with<sse_move_half, to, from>;
template <SseOp op> inline constexpr Operation* sse_packed = with<sse_packed_arithmetic, op>;
template <SseOp op> inline constexpr Operation* sse_scalar = with<sse_scalar_arithmetic, op>;

Operation movups_load, movups_store, movaps_load;
Operation movaps_store; ///< MOVNTPS too: there is no cache to go round
Operation movss_load, movss_store, movmskps, shufps, ldmxcsr, stmxcsr;

// sse_arithmetic.cpp
Operation cmpps, cmpss, comiss, ucomiss, cvtpi2ps, cvtps2pi, cvttps2pi, cvtsi2ss, cvtss2si, cvttss2si;

} // namespace trapgate::cpu::ops
