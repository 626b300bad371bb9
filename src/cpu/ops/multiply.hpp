// SPDX-License-Identifier: MIT
// MUL, IMUL, DIV and IDIV with one operand; LOOP and JCXZ: instructions on fixed registers.
// Source: [SDM2] the page of each instruction.
#pragma once

#include "cpu/ops/arithmetic.hpp"
#include "cpu/ops/operand.hpp"

namespace trapgate::cpu::ops {

/// The double-width accumulator: AX, DX:AX or EDX:EAX.
template <class T> u64 wide_accumulator(const Cpu& cpu) {
    if constexpr (sizeof(T) == 1)
        return cpu.get<u16>(0);
    else
        return u64{cpu.get<T>(8)} << bits<T> | cpu.get<T>(0);
}
template <class T> void set_wide_accumulator(Cpu& cpu, u64 value) {
    if constexpr (sizeof(T) == 1) {
        cpu.set<u16>(0, static_cast<u16>(value));
    } else {
        cpu.set<T>(0, static_cast<T>(value));
        cpu.set<T>(8, static_cast<T>(value >> bits<T>));
    }
}
/// AL and AH, or (E)AX and (E)DX.
template <class T> void set_quotient(Cpu& cpu, T quotient, T remainder) {
    cpu.set<T>(0, quotient);
    cpu.set<T>(sizeof(T) == 1 ? 1 : 8, remainder);
}

struct Mul {
    template <class T> static void apply(Cpu& cpu, T factor) {
        const u64 product = u64{cpu.get<T>(0)} * factor;
        set_wide_accumulator<T>(cpu, product);
        const bool high = product >> bits<T>;
        cpu.flags.set_result<T>(static_cast<T>(product), high, high);
    }
};
struct Imul {
    template <class T> static void apply(Cpu& cpu, T factor) {
        const s64 product = s64{as_signed(cpu.get<T>(0))} * as_signed(factor);
        set_wide_accumulator<T>(cpu, static_cast<u64>(product));
        const T low = static_cast<T>(product);
        const bool lost = product != as_signed(low);
        cpu.flags.set_result<T>(low, lost, lost);
    }
};
struct Div {
    template <class T> static void apply(Cpu& cpu, T divisor) {
        if (divisor == 0) raise(Vector::DE);
        const u64 dividend = wide_accumulator<T>(cpu);
        const u64 quotient = dividend / divisor;
        if (quotient > std::numeric_limits<T>::max()) raise(Vector::DE);
        set_quotient<T>(cpu, static_cast<T>(quotient), static_cast<T>(dividend % divisor));
    }
};
struct Idiv {
    template <class T> static void apply(Cpu& cpu, T raw_divisor) {
        using Signed = std::make_signed_t<T>;
        const s64 divisor = as_signed(raw_divisor);
        constexpr u32 unused = 64 - 2 * bits<T>;
        const s64 dividend = static_cast<s64>(wide_accumulator<T>(cpu) << unused) >> unused;
        const bool overflows_the_host = dividend == std::numeric_limits<s64>::min() && divisor == -1;
        if (divisor == 0 || overflows_the_host) raise(Vector::DE);
        const s64 quotient = dividend / divisor;
        if (quotient > std::numeric_limits<Signed>::max() || quotient < std::numeric_limits<Signed>::min())
            raise(Vector::DE);
        set_quotient<T>(cpu, static_cast<T>(quotient), static_cast<T>(dividend % divisor));
    }
};

/// The counter is CX or ECX as the address size says.
inline u32 loop_counter(const Cpu& cpu, const Insn& i) {
    return wrap(i, cpu.reg(Gpr::ecx));
}
struct Loop {
    static bool taken(const Cpu& cpu, const Insn& i) { return wrap(i, loop_counter(cpu, i) - 1) != 0; }
    static void commit(Cpu& cpu, const Insn& i) {
        const u32 next = loop_counter(cpu, i) - 1;
        if (i.shape & isa::shape::address16)
            cpu.set<u16>(4, static_cast<u16>(next));
        else
            cpu.set<u32>(4, next);
    }
};
struct Loope : Loop {
    static bool taken(const Cpu& cpu, const Insn& i) { return Loop::taken(cpu, i) && cpu.flags.zf(); }
};
struct Loopne : Loop {
    static bool taken(const Cpu& cpu, const Insn& i) { return Loop::taken(cpu, i) && !cpu.flags.zf(); }
};
struct Jcxz {
    static bool taken(const Cpu& cpu, const Insn& i) { return loop_counter(cpu, i) == 0; }
    static void commit(Cpu&, const Insn&) {}
};

} // namespace trapgate::cpu::ops
