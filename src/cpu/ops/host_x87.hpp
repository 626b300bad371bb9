// SPDX-License-Identifier: MIT
// The host's floating-point unit as an arithmetic library: values go in, the rounded value and the exception flags come out.
// The only file that knows the host's instruction set. Operations run under the guest's control word, unmasked exceptions included:
// the host notes them, gives the result that silicon gives (with an adjusted exponent, or none), and FNCLEX takes them away before
// an instruction that would report them. What they mean to the guest is decided in x87.cpp.
#pragma once

#include "cpu/x87_state.hpp"

#if !defined(__x86_64__)
#error "x87 arithmetic is done by the host's x87: an x86-64 host is needed (docs/limits.md)"
#endif

namespace trapgate::cpu::ops::host {

/// Result of one operation. `status` holds the exception flags and condition codes it left.
struct Outcome {
    Float80 value;
    Float80 second; ///< of the operations that give two
    u16 status = 0;
};

constexpr u16 all_masked = 0x3f;
constexpr u16 default_control = 0x37f;

// clang-format off
/// Ends an operation: what it noted is read, then nothing is pending and everything masked.
#define TRAPGATE_X87_SETTLE "\n\tfnstsw %[status]\n\tfnclex\n\tfldcw %[host_control]\n\t"
#define TRAPGATE_HOST_X87(body, outputs, inputs)                                                                      \
    const u16 host_control = default_control;                                                                         \
    asm volatile("fnclex\n\tfldcw %[control]\n\t" body                                                                \
                 : [status] "=m"(outcome.status), outputs                                                             \
                 : [control] "m"(control), [host_control] "m"(host_control), inputs                                   \
                 : "st", "st(1)", "st(2)", "st(3)", "cc", "memory")

/// st = a, st(1) = b: one result in st; st(1) is thrown away.
#define TRAPGATE_HOST_X87_TWO(name, instruction)                                                                      \
    inline Outcome name(u16 control, const Float80& a, const Float80& b) {                                            \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[b]\n\tfldt %[a]\n\t" instruction TRAPGATE_X87_SETTLE "fstpt %[value]\n\tfstp %%st(0)", \
                          [value] "=m"(outcome.value), [a] "m"(a) COMMA [b] "m"(b));                                  \
        return outcome;                                                                                               \
    }
/// st = a, st(1) = b, popped into one result.
#define TRAPGATE_HOST_X87_POP(name, instruction)                                                                      \
    inline Outcome name(u16 control, const Float80& a, const Float80& b) {                                            \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[b]\n\tfldt %[a]\n\t" instruction TRAPGATE_X87_SETTLE "fstpt %[value]\n\tfninit",      \
                          [value] "=m"(outcome.value), [a] "m"(a) COMMA [b] "m"(b));                                  \
        return outcome;                                                                                               \
    }
/// Only flags come out.
#define TRAPGATE_HOST_X87_COMPARE(name, instruction)                                                                  \
    inline Outcome name(u16 control, const Float80& a, const Float80& b) {                                            \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[b]\n\tfldt %[a]\n\t" instruction TRAPGATE_X87_SETTLE "fstp %%st(0)\n\tfstp %%st(0)", \
                          [value] "=m"(outcome.value), [a] "m"(a) COMMA [b] "m"(b));                                  \
        return outcome;                                                                                               \
    }
#define TRAPGATE_HOST_X87_ONE(name, instruction)                                                                      \
    inline Outcome name(u16 control, const Float80& a) {                                                              \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[a]\n\t" instruction TRAPGATE_X87_SETTLE "fstpt %[value]",                       \
                          [value] "=m"(outcome.value), [a] "m"(a));                                                   \
        return outcome;                                                                                               \
    }
/// One operand, two results: `value` is what ends in st, `second` in st(1).
#define TRAPGATE_HOST_X87_SPLIT(name, instruction)                                                                    \
    inline Outcome name(u16 control, const Float80& a) {                                                              \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[a]\n\t" instruction, [value] "=m"(outcome.value) COMMA [second] "=m"(outcome.second), [a] "m"(a)); \
        return outcome;                                                                                               \
    }
/// st = a and an operand in memory format T, one result.
#define TRAPGATE_HOST_X87_MEMORY(name, T, instruction)                                                                \
    inline Outcome name(u16 control, const Float80& a, const T& from) {                                               \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[a]\n\t" instruction " %[from]" TRAPGATE_X87_SETTLE "fstpt %[value]",                \
                          [value] "=m"(outcome.value), [a] "m"(a) COMMA [from] "m"(from));                            \
        return outcome;                                                                                               \
    }
#define TRAPGATE_HOST_X87_FORMATS(name, instruction)                                                                  \
    TRAPGATE_HOST_X87_MEMORY(name##_memory, Single, "f" instruction "s")                                              \
    TRAPGATE_HOST_X87_MEMORY(name##_memory, Double, "f" instruction "l")                                              \
    TRAPGATE_HOST_X87_MEMORY(name##_memory, Int16, "fi" instruction "s")                                              \
    TRAPGATE_HOST_X87_MEMORY(name##_memory, Int32, "fi" instruction "l")
/// From memory format T to a register, with all exceptions masked; and back.
#define TRAPGATE_HOST_X87_LOAD(name, T, instruction)                                                                  \
    inline Outcome name(const T& from) {                                                                              \
        Outcome outcome;                                                                                              \
        const u16 control = default_control;                                                                          \
        TRAPGATE_HOST_X87(instruction " %[from]" TRAPGATE_X87_SETTLE "fstpt %[value]",                               \
                          [value] "=m"(outcome.value), [from] "m"(from));                                             \
        return outcome;                                                                                               \
    }
#define TRAPGATE_HOST_X87_STORE(name, T, instruction)                                                                 \
    inline Outcome name(u16 control, const Float80& a, T& to) {                                                       \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[a]\n\t" instruction " %[to]" TRAPGATE_X87_SETTLE "fstp %%st(0)", [to] "+m"(to),     \
                          [a] "m"(a));                                                                                \
        return outcome;                                                                                               \
    }
/// Of the formats that only a popping instruction stores: unmasked exceptions leave the operand on the stack.
#define TRAPGATE_HOST_X87_STORE_POP(name, T, instruction)                                                             \
    inline Outcome name(u16 control, const Float80& a, T& to) {                                                       \
        Outcome outcome;                                                                                              \
        TRAPGATE_HOST_X87("fldt %[a]\n\t" instruction " %[to]" TRAPGATE_X87_SETTLE "fninit", [to] "+m"(to),           \
                          [a] "m"(a));                                                                                \
        return outcome;                                                                                               \
    }
#define COMMA ,

/// A packed decimal number of 18 digits.
struct Bcd { u8 bytes[10]; };
/// The bits of an operand in memory, told apart by what they mean.
struct Single { u32 bits; };
struct Double { u64 bits; };
struct Int16 { u16 bits; };
struct Int32 { u32 bits; };

TRAPGATE_HOST_X87_TWO(add, "fadd %%st(1), %%st")
TRAPGATE_HOST_X87_TWO(mul, "fmul %%st(1), %%st")
TRAPGATE_HOST_X87_TWO(sub, "fsub %%st(1), %%st")
TRAPGATE_HOST_X87_TWO(subr, "fsubr %%st(1), %%st")
TRAPGATE_HOST_X87_TWO(div, "fdiv %%st(1), %%st")
TRAPGATE_HOST_X87_TWO(divr, "fdivr %%st(1), %%st")
TRAPGATE_HOST_X87_FORMATS(add, "add")
TRAPGATE_HOST_X87_FORMATS(mul, "mul")
TRAPGATE_HOST_X87_FORMATS(com, "com")
TRAPGATE_HOST_X87_FORMATS(sub, "sub")
TRAPGATE_HOST_X87_FORMATS(subr, "subr")
TRAPGATE_HOST_X87_FORMATS(div, "div")
TRAPGATE_HOST_X87_FORMATS(divr, "divr")
TRAPGATE_HOST_X87_TWO(prem, "fprem")
TRAPGATE_HOST_X87_TWO(prem1, "fprem1")
TRAPGATE_HOST_X87_TWO(scale, "fscale")
TRAPGATE_HOST_X87_POP(yl2x, "fyl2x")
TRAPGATE_HOST_X87_POP(yl2xp1, "fyl2xp1")
TRAPGATE_HOST_X87_POP(patan, "fpatan")
TRAPGATE_HOST_X87_COMPARE(com, "fcom %%st(1)")
TRAPGATE_HOST_X87_COMPARE(ucom, "fucom %%st(1)")
TRAPGATE_HOST_X87_ONE(chs, "fchs")
TRAPGATE_HOST_X87_ONE(abs, "fabs")
TRAPGATE_HOST_X87_ONE(sqrt, "fsqrt")
TRAPGATE_HOST_X87_ONE(rndint, "frndint")
TRAPGATE_HOST_X87_ONE(f2xm1, "f2xm1")
TRAPGATE_HOST_X87_ONE(sin, "fsin")
TRAPGATE_HOST_X87_ONE(cos, "fcos")
TRAPGATE_HOST_X87_ONE(xam, "fxam")
TRAPGATE_HOST_X87_SPLIT(xtract, "fxtract" TRAPGATE_X87_SETTLE "fstpt %[value]\n\tfstpt %[second]\n\tfninit")
// Out of range (C2 set), or after an unmasked exception, nothing is pushed: `second` is then of no use, the caller looks first.
TRAPGATE_HOST_X87_SPLIT(sincos, "fsincos" TRAPGATE_X87_SETTLE "fstpt %[value]\n\tfstpt %[second]\n\tfninit")
TRAPGATE_HOST_X87_SPLIT(ptan, "fptan" TRAPGATE_X87_SETTLE "fstpt %[value]\n\tfstpt %[second]\n\tfninit")
TRAPGATE_HOST_X87_LOAD(load_single, u32, "flds")
TRAPGATE_HOST_X87_LOAD(load_double, u64, "fldl")
TRAPGATE_HOST_X87_LOAD(load_int16, u16, "filds")
TRAPGATE_HOST_X87_LOAD(load_int32, u32, "fildl")
TRAPGATE_HOST_X87_LOAD(load_int64, u64, "fildll")
TRAPGATE_HOST_X87_LOAD(load_bcd, Bcd, "fbld")
TRAPGATE_HOST_X87_STORE(store_single, u32, "fsts")
TRAPGATE_HOST_X87_STORE(store_double, u64, "fstl")
TRAPGATE_HOST_X87_STORE(store_int16, u16, "fists")
TRAPGATE_HOST_X87_STORE(store_int32, u32, "fistl")
TRAPGATE_HOST_X87_STORE_POP(store_int64, u64, "fistpll")
TRAPGATE_HOST_X87_STORE_POP(store_bcd, Bcd, "fbstp")
// clang-format on

template <u8 which> Outcome constant(u16 control) {
    Outcome outcome;
    const Float80 unused;
#define TRAPGATE_HOST_X87_CONSTANT(number, instruction)                                                            \
    if constexpr (which == number) {                                                                               \
        TRAPGATE_HOST_X87(                                                                                         \
            instruction TRAPGATE_X87_SETTLE "fstpt %[value]", [value] "=m"(outcome.value), [a] "m"(unused));       \
    }
    TRAPGATE_HOST_X87_CONSTANT(0, "fld1")
    TRAPGATE_HOST_X87_CONSTANT(1, "fldl2t")
    TRAPGATE_HOST_X87_CONSTANT(2, "fldl2e")
    TRAPGATE_HOST_X87_CONSTANT(3, "fldpi")
    TRAPGATE_HOST_X87_CONSTANT(4, "fldlg2")
    TRAPGATE_HOST_X87_CONSTANT(5, "fldln2")
    TRAPGATE_HOST_X87_CONSTANT(6, "fldz")
    return outcome;
}

} // namespace trapgate::cpu::ops::host
