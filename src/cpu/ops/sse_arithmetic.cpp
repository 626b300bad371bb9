// SPDX-License-Identifier: MIT
// SSE instructions that round, compare or convert: the host computes, this decides what an exception means.
// Source: [SDM1] "SIMD Floating-Point Exceptions", "SIMD Floating-Point Exception Conditions"; [SDM2] the page of each instruction.
#include "cpu/ops/host_sse.hpp"
#include "cpu/ops/sse.hpp"
#include "cpu/ops/sse_approximation.hpp"

#include <bit>

namespace trapgate::cpu::ops {

namespace {

constexpr u32 ie = 1, de = 2, ze = 4, oe = 8, ue = 16, pe = 32, flush_to_zero = 1u << 15;
constexpr u32 before_computing = ie | de | ze;

u32 masks(const Cpu& cpu) {
    return cpu.sse.mxcsr >> 7 & 0x3f;
}

/// MXCSR as the host shall use it: flush-to-zero counts only while underflow is masked.
u32 control(const Cpu& cpu) {
    return masks(cpu) & ue ? cpu.sse.mxcsr : cpu.sse.mxcsr & ~flush_to_zero;
}

/// Notes the flags; raises #XM if one of them is unmasked (#UD if the system does not know #XM).
void settle(Cpu& cpu, u32 flags) {
    if (flags & before_computing & ~masks(cpu)) flags &= before_computing; // nothing was computed
    cpu.sse.mxcsr |= flags;
    if (flags & ~masks(cpu)) raise(cpu.cr4 & cr4::osxmmexcpt ? Vector::XM : Vector::UD);
}

/// RCPPS, RSQRTPS and their scalar forms: no rounding to choose, no exceptions, and nothing of the host's.
template <u32 (*approximate)(u32), u32 lanes> host::SseOutcome approximated(u32, const Xmm& a, const Xmm& b) {
    Xmm value = a;
    for (u32 n = 0; n < lanes; ++n) value[n] = approximate(b[n]);
    return {value, 0};
}

using Function = host::SseOutcome(u32, const Xmm&, const Xmm&);
constexpr Function* packed_functions[] = {host::addps,
                                          host::mulps,
                                          host::subps,
                                          host::divps,
                                          host::minps,
                                          host::maxps,
                                          host::sqrtps,
                                          approximated<approximation::reciprocal_square_root, 4>,
                                          approximated<approximation::reciprocal, 4>};
constexpr Function* scalar_functions[] = {host::addss,
                                          host::mulss,
                                          host::subss,
                                          host::divss,
                                          host::minss,
                                          host::maxss,
                                          host::sqrtss,
                                          approximated<approximation::reciprocal_square_root, 1>,
                                          approximated<approximation::reciprocal, 1>};

void finish(Cpu& cpu, u8 destination, const host::SseOutcome& outcome) {
    settle(cpu, outcome.flags);
    cpu.sse.xmm[destination] = outcome.value;
}

bool is_exact(SseOp op, u32 a, u32 b) {
    const float x = std::bit_cast<float>(a), y = std::bit_cast<float>(b);
    switch (op) {
    case SseOp::Add: return host::add_is_exact(x, y);
    case SseOp::Sub: return host::sub_is_exact(x, y);
    case SseOp::Mul: return host::mul_is_exact(x, y);
    default: return host::div_is_exact(x, y);
    }
}

bool is_denormal(u32 single) {
    return !(single & 0x7f800000) && (single & 0x007fffff);
}

/// The flags of one lane while overflow or underflow is unmasked. Then tiny is enough, inexact or not; and the result that counts
/// as inexact is the one with an unlimited exponent, which the handler would be given.
u32 unlimited_flags(const Cpu& cpu, SseOp op, u32 a, u32 b) {
    const host::SseOutcome outcome = scalar_functions[static_cast<u8>(op)](control(cpu), {a}, {b});
    const u32 unmasked = ~masks(cpu);
    u32 flags = outcome.flags;
    const bool tiny = (flags & ue) || is_denormal(outcome.value[0]);
    if (tiny && (unmasked & ue)) flags |= ue;
    if (!(flags & unmasked & (oe | ue))) return flags;
    return is_exact(op, a, b) ? flags & ~pe : flags | pe;
}

/// Additions, subtractions, products and quotients can overflow and underflow.
u32 flags_of(const Cpu& cpu, SseOp op, const Xmm& a, const Xmm& b, u32 lanes, u32 flags) {
    if (op > SseOp::Div || !(~masks(cpu) & (oe | ue))) return flags;
    flags = 0;
    for (u32 n = 0; n < lanes; ++n) flags |= unlimited_flags(cpu, op, a[n], b[n]);
    return flags;
}

void compute(Cpu& cpu, const Insn& i, SseOp op, const Xmm& source, Function* const (&functions)[9], u32 lanes) {
    const u8 destination = vector_destination(i);
    const Xmm before = cpu.sse.xmm[destination];
    host::SseOutcome outcome = functions[static_cast<u8>(op)](control(cpu), before, source);
    outcome.flags = flags_of(cpu, op, before, source, lanes, outcome.flags);
    finish(cpu, destination, outcome);
}

Xmm low_pair(u64 value) {
    return {static_cast<u32>(value), static_cast<u32>(value >> 32)};
}

/// Two integers into an MMX register.
void convert_to_mmx(Cpu& cpu, const Insn& i, Function* function) {
    begin_sse(cpu);
    begin_mmx(cpu);
    Xmm source;
    if (has_memory(i))
        source = low_pair(load_from<u64>(cpu, segment_of(i), effective_offset(cpu, i)));
    else
        source = {cpu.sse.xmm[i.reg][0], cpu.sse.xmm[i.reg][1]};
    const host::SseOutcome outcome = function(control(cpu), {}, source);
    enter_mmx(cpu);
    settle(cpu, outcome.flags);
    set_mmx_register(cpu, vector_destination(i), outcome.value[0] | u64{outcome.value[1]} << 32);
}

void convert_to_general(Cpu& cpu, const Insn& i, host::SseScalarOutcome (*function)(u32, const Xmm&)) {
    begin_sse(cpu);
    const host::SseScalarOutcome outcome = function(control(cpu), read_scalar(cpu, i));
    settle(cpu, outcome.flags);
    cpu.set<u32>(vector_destination(i), outcome.value);
}

void compare_to_flags(Cpu& cpu, const Insn& i, host::SseScalarOutcome (*function)(u32, const Xmm&, const Xmm&)) {
    begin_sse(cpu);
    const Xmm source = read_scalar(cpu, i);
    const host::SseScalarOutcome outcome = function(control(cpu), cpu.sse.xmm[vector_destination(i)], source);
    settle(cpu, outcome.flags);
    cpu.flags.set_arithmetic(outcome.value);
}

} // namespace

void sse_packed_arithmetic(Cpu& cpu, const Insn& i, SseOp op) {
    begin_sse(cpu);
    compute(cpu, i, op, read_packed(cpu, i), packed_functions, 4);
}
void sse_scalar_arithmetic(Cpu& cpu, const Insn& i, SseOp op) {
    begin_sse(cpu);
    compute(cpu, i, op, read_scalar(cpu, i), scalar_functions, 1);
}

void cmpps(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm source = read_packed(cpu, i);
    const u8 destination = vector_destination(i);
    finish(cpu, destination,
           host::cmpps(control(cpu), cpu.sse.xmm[destination], source, static_cast<u8>(i.immediate)));
}
/// Only the lowest lanes are compared: the others are put to 0.
void cmpss(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm source{read_scalar(cpu, i)[0]};
    Xmm& destination = cpu.sse.xmm[vector_destination(i)];
    const host::SseOutcome outcome =
        host::cmpps(control(cpu), {destination[0]}, source, static_cast<u8>(i.immediate));
    settle(cpu, outcome.flags);
    destination[0] = outcome.value[0];
}

void comiss(Cpu& cpu, const Insn& i) {
    compare_to_flags(cpu, i, host::comiss);
}
void ucomiss(Cpu& cpu, const Insn& i) {
    compare_to_flags(cpu, i, host::ucomiss);
}

void cvtpi2ps(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const bool from_register = !has_memory(i); // from memory it leaves the x87 alone
    if (from_register) begin_mmx(cpu);
    const u64 source =
        from_register ? mmx_register(cpu, i.reg) : load_from<u64>(cpu, segment_of(i), effective_offset(cpu, i));
    const host::SseOutcome outcome = host::cvtdq2ps(control(cpu), {}, low_pair(source));
    if (from_register) enter_mmx(cpu);
    settle(cpu, outcome.flags);
    Xmm& destination = cpu.sse.xmm[vector_destination(i)];
    destination[0] = outcome.value[0];
    destination[1] = outcome.value[1];
}
void cvtps2pi(Cpu& cpu, const Insn& i) {
    convert_to_mmx(cpu, i, host::cvtps2dq);
}
void cvttps2pi(Cpu& cpu, const Insn& i) {
    convert_to_mmx(cpu, i, host::cvttps2dq);
}

void cvtsi2ss(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const u32 source =
        has_memory(i) ? load_from<u32>(cpu, segment_of(i), effective_offset(cpu, i)) : cpu.get<u32>(i.reg);
    const u8 destination = vector_destination(i);
    finish(cpu, destination, host::cvtsi2ss(control(cpu), cpu.sse.xmm[destination], source));
}
void cvtss2si(Cpu& cpu, const Insn& i) {
    convert_to_general(cpu, i, host::cvtss2si);
}
void cvttss2si(Cpu& cpu, const Insn& i) {
    convert_to_general(cpu, i, host::cvttss2si);
}

} // namespace trapgate::cpu::ops
