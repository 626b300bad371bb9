// SPDX-License-Identifier: MIT
// The host's SSE as an arithmetic library: singles go in, rounded singles and exception flags come out.
// Operations run under the guest's rounding, flush-to-zero and denormals-are-zero, with every exception masked; what an unmasked one
// changes is decided in sse_arithmetic.cpp.
#pragma once

#include "cpu/sse_state.hpp"

#include <cstring>

#if !defined(__x86_64__)
#error "SSE arithmetic is done by the host's SSE: an x86-64 host is needed (docs/limits.md)"
#endif

namespace trapgate::cpu::ops::host {

using Singles = float __attribute__((vector_size(16)));

/// `value` is what the destination becomes; `flags` are the six exception flags.
struct SseOutcome {
    Xmm value;
    u32 flags;
};
/// Of a conversion into a general register, or of a comparison (EFLAGS bits).
struct SseScalarOutcome {
    u32 value;
    u32 flags;
};

inline Singles singles(const Xmm& value) {
    Singles result;
    std::memcpy(&result, &value, 16);
    return result;
}
inline Xmm lanes_of(const Singles& value) {
    Xmm result;
    std::memcpy(&result, &value, 16);
    return result;
}

constexpr u32 sse_exceptions = 0x3f, sse_masks = 0x1f80, host_mxcsr = 0x1f80;

// clang-format off
/// Runs `body` under MXCSR `control`, and leaves the flags in `status`.
#define TRAPGATE_HOST_SSE(body, outputs, inputs)                                                                      \
    const u32 guest = (control & ~sse_exceptions) | sse_masks;                                                        \
    u32 status = 0;                                                                                                   \
    asm volatile("ldmxcsr %[guest]\n\t" body "\n\tstmxcsr %[status]\n\tldmxcsr %[host]"                               \
                 : [status] "=m"(status), outputs                                                                     \
                 : [guest] "m"(guest), [host] "m"(host_mxcsr), inputs                                                 \
                 : "cc")
#define TRAPGATE_COMMA ,

/// `a` is the destination, `b` the source.
#define TRAPGATE_HOST_SSE_TWO(name, instruction)                                                                      \
    inline SseOutcome name(u32 control, const Xmm& a, const Xmm& b) {                                                 \
        Singles value = singles(a);                                                                                   \
        const Singles source = singles(b);                                                                            \
        TRAPGATE_HOST_SSE(instruction " %[b], %[a]", [a] "+x"(value), [b] "x"(source));                               \
        return {lanes_of(value), status & sse_exceptions};                                                            \
    }
#define TRAPGATE_HOST_SSE_TO_GENERAL(name, instruction)                                                               \
    inline SseScalarOutcome name(u32 control, const Xmm& b) {                                                         \
        u32 value;                                                                                                    \
        const Singles source = singles(b);                                                                            \
        TRAPGATE_HOST_SSE(instruction " %[b], %[value]", [value] "=r"(value), [b] "x"(source));                       \
        return {value, status & sse_exceptions};                                                                      \
    }
/// ZF, PF and CF at their places.
#define TRAPGATE_HOST_SSE_COMPARE(name, instruction)                                                                  \
    inline SseScalarOutcome name(u32 control, const Xmm& a, const Xmm& b) {                                           \
        u8 zero, parity, carry;                                                                                       \
        const Singles first = singles(a), second = singles(b);                                                        \
        TRAPGATE_HOST_SSE(instruction " %[b], %[a]\n\tsetz %[zero]\n\tsetp %[parity]\n\tsetc %[carry]",               \
                          [zero] "=q"(zero) TRAPGATE_COMMA [parity] "=q"(parity) TRAPGATE_COMMA [carry] "=q"(carry),  \
                          [a] "x"(first) TRAPGATE_COMMA [b] "x"(second));                                             \
        return {u32{zero} << 6 | u32{parity} << 2 | carry, status & sse_exceptions};                                  \
    }

TRAPGATE_HOST_SSE_TWO(addps, "addps")
TRAPGATE_HOST_SSE_TWO(addss, "addss")
TRAPGATE_HOST_SSE_TWO(subps, "subps")
TRAPGATE_HOST_SSE_TWO(subss, "subss")
TRAPGATE_HOST_SSE_TWO(mulps, "mulps")
TRAPGATE_HOST_SSE_TWO(mulss, "mulss")
TRAPGATE_HOST_SSE_TWO(divps, "divps")
TRAPGATE_HOST_SSE_TWO(divss, "divss")
TRAPGATE_HOST_SSE_TWO(minps, "minps")
TRAPGATE_HOST_SSE_TWO(minss, "minss")
TRAPGATE_HOST_SSE_TWO(maxps, "maxps")
TRAPGATE_HOST_SSE_TWO(maxss, "maxss")
TRAPGATE_HOST_SSE_TWO(sqrtps, "sqrtps")
TRAPGATE_HOST_SSE_TWO(sqrtss, "sqrtss")
/// The source's lanes are integers (singles of cvtps2dq's result are, too): what MMX forms convert, without touching the host's MMX.
TRAPGATE_HOST_SSE_TWO(cvtdq2ps, "cvtdq2ps")
TRAPGATE_HOST_SSE_TWO(cvtps2dq, "cvtps2dq")
TRAPGATE_HOST_SSE_TWO(cvttps2dq, "cvttps2dq")
TRAPGATE_HOST_SSE_TO_GENERAL(cvtss2si, "cvtss2si")
TRAPGATE_HOST_SSE_TO_GENERAL(cvttss2si, "cvttss2si")
TRAPGATE_HOST_SSE_COMPARE(comiss, "comiss")
TRAPGATE_HOST_SSE_COMPARE(ucomiss, "ucomiss")

inline SseOutcome cvtsi2ss(u32 control, const Xmm& a, u32 b) {
    Singles value = singles(a);
    TRAPGATE_HOST_SSE("cvtsi2ssl %[b], %[a]", [a] "+x"(value), [b] "r"(b));
    return {lanes_of(value), status & sse_exceptions};
}

/// Both operands as doubles: is the result exact in the 24 bits of a single, were its exponent not limited?
#define TRAPGATE_HOST_SSE_EXACT(name, instruction)                                                                    \
    inline bool name(float a, float b) {                                                                              \
        constexpr u32 control = host_mxcsr, inexact = 32;                                                             \
        double value = a;                                                                                             \
        const double source = b;                                                                                      \
        TRAPGATE_HOST_SSE(instruction " %[b], %[a]", [a] "+x"(value), [b] "x"(source));                               \
        u64 bits;                                                                                                     \
        std::memcpy(&bits, &value, 8);                                                                                \
        return !(status & inexact) && !(bits & 0x1fff'ffff);                                                          \
    }
TRAPGATE_HOST_SSE_EXACT(add_is_exact, "addsd")
TRAPGATE_HOST_SSE_EXACT(sub_is_exact, "subsd")
TRAPGATE_HOST_SSE_EXACT(mul_is_exact, "mulsd")
TRAPGATE_HOST_SSE_EXACT(div_is_exact, "divsd")

/// The predicate is a part of the host's instruction, so there is one for each.
#define TRAPGATE_HOST_SSE_CMP(number)                                                                                 \
    case number: {                                                                                                    \
        TRAPGATE_HOST_SSE("cmpps $" #number ", %[b], %[a]", [a] "+x"(value), [b] "x"(source));                        \
        return {lanes_of(value), status & sse_exceptions};                                                            \
    }
inline SseOutcome cmpps(u32 control, const Xmm& a, const Xmm& b, u8 predicate) {
    Singles value = singles(a);
    const Singles source = singles(b);
    switch (predicate & 7) {
        TRAPGATE_HOST_SSE_CMP(0)
        TRAPGATE_HOST_SSE_CMP(1)
        TRAPGATE_HOST_SSE_CMP(2)
        TRAPGATE_HOST_SSE_CMP(3)
        TRAPGATE_HOST_SSE_CMP(4)
        TRAPGATE_HOST_SSE_CMP(5)
        TRAPGATE_HOST_SSE_CMP(6)
        TRAPGATE_HOST_SSE_CMP(7)
    default: __builtin_unreachable();
    }
}
// clang-format on

} // namespace trapgate::cpu::ops::host
