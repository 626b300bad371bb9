// SPDX-License-Identifier: MIT
// Handlers of arithmetic, moves and bits: operand accessors × operation × width. Nothing here knows an encoding; the binders choose.
#pragma once

#include "cpu/engine/operands.hpp"

namespace trapgate::cpu::engine {

// --- Arithmetic and moves -----------------------------------------------------------------------------

template <class Op, class T, class Destination, class Source, bool dead>
const Insn* binary_handler(Cpu& cpu, const Insn* i) {
    note<Destination, Source>(cpu, i);
    with_flags<dead>(cpu, [&](auto& flags) {
        const T source = Source::template read<T>(cpu, i);
        if constexpr (Op::writes_back)
            Destination::template update<T>(cpu, i,
                                            [&](T value) { return Op::template apply<T>(flags, value, source); });
        else
            Op::template apply<T>(flags, Destination::template read<T>(cpu, i), source);
    });
    TRAPGATE_NEXT(cpu, i);
}

template <class Op, class T, class Destination, bool dead> const Insn* unary_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    with_flags<dead>(cpu, [&](auto& flags) {
        Destination::template update<T>(cpu, i, [&](T value) { return Op::template apply<T>(flags, value); });
    });
    TRAPGATE_NEXT(cpu, i);
}

template <class T, class Destination, class Source> const Insn* mov_handler(Cpu& cpu, const Insn* i) {
    note<Destination, Source>(cpu, i);
    Destination::template write<T>(cpu, i, Source::template read<T>(cpu, i));
    TRAPGATE_NEXT(cpu, i);
}

template <class Op, class T, class From, class Destination, class Source>
const Insn* extend_handler(Cpu& cpu, const Insn* i) {
    note<Source>(cpu, i);
    Destination::template write<T>(cpu, i, Op::template apply<T>(Source::template read<From>(cpu, i)));
    TRAPGATE_NEXT(cpu, i);
}

template <class Address> const Insn* lea_handler(Cpu& cpu, const Insn* i) {
    cpu.set<u32>(i->reg, Address::template linear<u8>(cpu, i, Intent::Read));
    TRAPGATE_NEXT(cpu, i);
}

template <u8 code, class T, class Destination, class Source> const Insn* cmov_handler(Cpu& cpu, const Insn* i) {
    note<Source>(cpu, i);
    const T value = Source::template read<T>(cpu, i); // read even when not moved: it may fault
    if (cpu.flags.condition<code>()) Destination::template write<T>(cpu, i, value);
    TRAPGATE_NEXT(cpu, i);
}

template <u8 code, class Destination> const Insn* setcc_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    Destination::template write<u8>(cpu, i, cpu.flags.condition<code>() ? 1 : 0);
    TRAPGATE_NEXT(cpu, i);
}

/// Counts: an immediate, or CL; the row's third column tells the binder which.
struct CountImmediate {
    static u32 count(const Cpu&, const Insn* i) { return i->immediate & 31; }
};
struct CountCl {
    static u32 count(const Cpu& cpu, const Insn*) { return cpu.get<u8>(4) & 31; }
};

template <class Op, class T, class Destination, class Count, bool dead>
const Insn* shift_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    const u32 count = Count::count(cpu, i);
    with_flags<dead>(cpu, [&](auto& flags) {
        Destination::template update<T>(
            cpu, i, [&](T value) { return count ? Op::template apply<T>(flags, value, count) : value; });
    });
    TRAPGATE_NEXT(cpu, i);
}

template <class Op, class T, class Destination, class Count>
const Insn* double_shift_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    const u32 count = Count::count(cpu, i);
    const T filler = cpu.get<T>(i->reg);
    Destination::template update<T>(
        cpu, i, [&](T value) { return count ? Op::template apply<T>(cpu.flags, value, filler, count) : value; });
    TRAPGATE_NEXT(cpu, i);
}

template <class Op, class T, class Source> const Insn* one_source_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    Op::template apply<T>(cpu, Source::template read<T>(cpu, i));
    TRAPGATE_NEXT(cpu, i);
}

template <class T, class Destination, class Source> const Insn* imul3_handler(Cpu& cpu, const Insn* i) {
    note<Source>(cpu, i);
    const T a = Source::template read<T>(cpu, i);
    Destination::template write<T>(cpu, i, ops::Imul2::apply<T>(cpu.flags, a, static_cast<T>(i->immediate)));
    TRAPGATE_NEXT(cpu, i);
}

template <class T, class Destination> const Insn* exchange_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    T other = cpu.get<T>(i->reg);
    Destination::template update<T>(cpu, i, [&](T value) {
        const T mine = other;
        other = value;
        return mine;
    });
    cpu.set<T>(i->reg, other);
    TRAPGATE_NEXT(cpu, i);
}

/// XADD: the register gets the old destination, then the destination the sum (which wins when both are one register).
template <class T, class Destination> const Insn* exchange_add_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    const T addend = cpu.get<T>(i->reg);
    Destination::template update<T>(cpu, i, [&](T value) {
        cpu.set<T>(i->reg, value);
        return ops::Add::apply<T>(cpu.flags, value, addend);
    });
    TRAPGATE_NEXT(cpu, i);
}

/// CMPXCHG: the destination is written in either case, as on silicon.
template <class T, class Destination> const Insn* compare_exchange_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    const T expected = cpu.get<T>(0);
    const T wanted = cpu.get<T>(i->reg);
    T found{};
    Destination::template update<T>(cpu, i, [&](T value) {
        found = value;
        ops::Cmp::apply<T>(cpu.flags, expected, value);
        return value == expected ? wanted : value;
    });
    if (found != expected) cpu.set<T>(0, found);
    TRAPGATE_NEXT(cpu, i);
}

// --- Bits ---------------------------------------------------------------------------------------------

/// BT and family on a register, or on memory with an immediate bit number: the number is taken modulo the width.
template <class Op, class T, class Destination, class BitNumber>
const Insn* bit_test_handler(Cpu& cpu, const Insn* i) {
    note<Destination>(cpu, i);
    const T mask = static_cast<T>(T{1} << (BitNumber::template read<T>(cpu, i) % ops::bits<T>));
    bool bit = false;
    const auto change = [&](T value) {
        bit = value & mask;
        return Op::template apply<T>(value, mask);
    };
    if constexpr (Op::writes_back)
        Destination::template update<T>(cpu, i, change);
    else
        change(Destination::template read<T>(cpu, i));
    cpu.flags.set_cf(bit);
    TRAPGATE_NEXT(cpu, i);
}

/// BT and family on memory with a register bit number: it reaches beyond the operand, in either direction.
template <class Op, class T> const Insn* bit_string_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const T number = cpu.get<T>(i->reg);
    const s32 element = s32{static_cast<std::make_signed_t<T>>(number)} >> (sizeof(T) == 2 ? 4 : 5);
    const u32 offset = ops::wrap(*i, ops::effective_offset(cpu, *i) + static_cast<u32>(element) * u32{sizeof(T)});
    const T mask = static_cast<T>(T{1} << (number % ops::bits<T>));
    const Intent intent = Op::writes_back ? Intent::Write : Intent::Read;
    const u32 linear = linear_address(cpu, ops::segment_of(*i), offset, sizeof(T), intent);
    bool bit = false;
    const auto change = [&](T value) {
        bit = value & mask;
        return Op::template apply<T>(value, mask);
    };
    if constexpr (Op::writes_back)
        cpu::update<T>(cpu, linear, change);
    else
        change(load<T>(cpu, linear));
    cpu.flags.set_cf(bit);
    TRAPGATE_NEXT(cpu, i);
}

/// BSF and BSR. A zero source sets ZF and leaves the destination, as silicon does.
template <class Op, class T, class Destination, class Source>
const Insn* bit_scan_handler(Cpu& cpu, const Insn* i) {
    note<Source>(cpu, i);
    const T value = Source::template read<T>(cpu, i);
    if (value) Destination::template write<T>(cpu, i, Op::template apply<T>(value));
    cpu.flags.set_logic<T>(value);
    TRAPGATE_NEXT(cpu, i);
}

} // namespace trapgate::cpu::engine
