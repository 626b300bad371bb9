// SPDX-License-Identifier: MIT
// A compare-like instruction and the conditional jump behind it, done by one handler: the most frequent pair of all code.
// Only in flat modes, where the jump itself cannot fault; the flags are set as if the two ran one after the other.
#pragma once

#include "cpu/engine/value_handlers.hpp"

#include <type_traits>

namespace trapgate::cpu::engine {

/// Does the condition hold after `Op` on a and b? `flags` have been set by it.
template <class Op, u8 code, class T> bool holds_after(const Flags& flags, T a, T b) {
    constexpr bool negated = code & 1;
    if constexpr (std::is_same_v<Op, ops::Cmp>) { // straight from the operands
        switch (code >> 1) {
        case 1: return (a < b) != negated;
        case 2: return (a == b) != negated;
        case 3: return (a <= b) != negated;
        case 6: return (ops::as_signed(a) < ops::as_signed(b)) != negated;
        case 7: return (ops::as_signed(a) <= ops::as_signed(b)) != negated;
        default: break;
        }
    }
    if constexpr (std::is_same_v<Op, ops::Test>) {
        const T result = a & b;
        switch (code >> 1) {
        case 2: return (result == 0) != negated;
        case 4:
        case 6: return (ops::as_signed(result) < 0) != negated;
        case 7: return (ops::as_signed(result) <= 0) != negated;
        default: break;
        }
    }
    return flags.condition<code>();
}

/// Goes where the jump at `jump` leads.
#define TRAPGATE_BRANCH(cpu, jump, taken)                                                                          \
    do {                                                                                                           \
        if (taken) TRAPGATE_GO(cpu, jump, 1, (jump)->immediate);                                                   \
        TRAPGATE_GO(cpu, jump, 0, Block::of(jump).eip_after(jump));                                                \
    } while (0)

template <class Op, class T, class Destination, class Source, u8 code>
const Insn* fused_binary_handler(Cpu& cpu, const Insn* i) {
    note<Destination, Source>(cpu, i);
    bool taken = false;
    const T source = Source::template read<T>(cpu, i);
    if constexpr (Op::writes_back) {
        Destination::template update<T>(cpu, i, [&](T value) {
            const T result = Op::template apply<T>(cpu.flags, value, source);
            taken = holds_after<Op, code, T>(cpu.flags, value, source);
            return result;
        });
    } else {
        const T value = Destination::template read<T>(cpu, i);
        Op::template apply<T>(cpu.flags, value, source);
        taken = holds_after<Op, code, T>(cpu.flags, value, source);
    }
    const Insn* jump = i + 1;
    TRAPGATE_BRANCH(cpu, jump, taken);
}

template <class Op, class T, u8 code> const Insn* fused_unary_handler(Cpu& cpu, const Insn* i) {
    const T result = Op::template apply<T>(cpu.flags, cpu.get<T>(i->rm));
    cpu.set<T>(i->rm, result);
    const bool taken = cpu.flags.condition<code>();
    const Insn* jump = i + 1;
    TRAPGATE_BRANCH(cpu, jump, taken);
}

} // namespace trapgate::cpu::engine
