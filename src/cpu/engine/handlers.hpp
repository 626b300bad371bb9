// SPDX-License-Identifier: MIT
// Handlers: operand accessors × operation × width. Nothing here knows an encoding; the binders choose.
//
// Every handler that can fault or ask the time notes itself in `cpu.current` first. A handler ends in one of four ways: the next
// instruction of the block; `go` to a linked block; `jump` to an address; `leave`, back to the engine's outer loop.
#pragma once

#include "cpu/engine/block.hpp"
#include "cpu/engine/dispatch.hpp"
#include "cpu/memory.hpp"
#include "cpu/ops/arithmetic.hpp"
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/ops/string.hpp"
#include "cpu/ops/x87.hpp"

#define TRAPGATE_NEXT(cpu, insn) TRAPGATE_RUN(cpu, (insn) + 1)

namespace trapgate::cpu::engine {

using isa::Insn;

// --- Ways out of a handler ----------------------------------------------------------------------------

/// The block behind a link if it may be entered now, else null and the engine is told what to look for.
inline const Insn* follow(Cpu& cpu, const Insn* i, u32 slot, u32 target) {
    Link& link = Block::of(i).links[slot];
    cpu.instructions += i->index + 1u;
    if (link.block && ((link.epoch ^ cpu.translation_epoch) & link.epoch_mask) == 0 &&
        cpu.instructions + link.block->count <= cpu.deadline) [[likely]]
        return link.block->insns;
    cpu.eip = target;
    cpu.open_link = &link;
    return nullptr;
}

/// The block at an address that only the instruction knows.
inline const Insn* find_target(Cpu& cpu, const Insn* i, u32 target) {
    cpu.instructions += i->index + 1u;
    const JumpCache::Entry& entry = cpu.jump_cache->at(target);
    if (entry.eip == target && entry.mode == cpu.mode && entry.epoch == cpu.translation_epoch &&
        cpu.instructions + entry.block->count <= cpu.deadline) [[likely]]
        return entry.block->insns;
    cpu.eip = target;
    return nullptr;
}

/// Back to the outer loop; `cpu.eip` is set by the instruction.
inline const Insn* leave(Cpu& cpu, const Insn* i) {
    cpu.instructions += i->index + 1u;
    return nullptr;
}

#define TRAPGATE_GO(cpu, i, slot, target)                                                                          \
    do {                                                                                                           \
        const Insn* next_insn_ = follow(cpu, i, slot, target);                                                     \
        if (!next_insn_) [[unlikely]]                                                                              \
            return nullptr;                                                                                        \
        TRAPGATE_RUN(cpu, next_insn_);                                                                             \
    } while (0)

#define TRAPGATE_JUMP(cpu, i, target)                                                                              \
    do {                                                                                                           \
        const Insn* next_insn_ = find_target(cpu, i, target);                                                      \
        if (!next_insn_) [[unlikely]]                                                                              \
            return nullptr;                                                                                        \
        TRAPGATE_RUN(cpu, next_insn_);                                                                             \
    } while (0)

// --- Addresses ----------------------------------------------------------------------------------------

struct FlatBase { ///< flat segment, base register or none, displacement
    template <class T> static u32 linear(const Cpu& cpu, const Insn* i, Intent) {
        return cpu.get<u32>(i->base) + i->displacement;
    }
};
struct FlatIndexed { ///< flat segment, base, scaled index, displacement
    template <class T> static u32 linear(const Cpu& cpu, const Insn* i, Intent) {
        return cpu.get<u32>(i->base) + (cpu.get<u32>(i->scaled) << i->scale) + i->displacement;
    }
};
struct Segmented { ///< any segment, any address size
    template <class T> static u32 linear(const Cpu& cpu, const Insn* i, Intent intent) {
        return linear_address(cpu, ops::segment_of(*i), ops::effective_offset(cpu, *i), sizeof(T), intent);
    }
};

// --- Operands -----------------------------------------------------------------------------------------

struct RmRegister {
    static constexpr bool faults = false;
    template <class T> static T read(Cpu& cpu, const Insn* i) { return cpu.get<T>(i->rm); }
    template <class T> static void write(Cpu& cpu, const Insn* i, T value) { cpu.set<T>(i->rm, value); }
    template <class T, class Compute> static void update(Cpu& cpu, const Insn* i, Compute compute) {
        cpu.set<T>(i->rm, compute(cpu.get<T>(i->rm)));
    }
};
struct RegRegister {
    static constexpr bool faults = false;
    template <class T> static T read(Cpu& cpu, const Insn* i) { return cpu.get<T>(i->reg); }
    template <class T> static void write(Cpu& cpu, const Insn* i, T value) { cpu.set<T>(i->reg, value); }
    template <class T, class Compute> static void update(Cpu& cpu, const Insn* i, Compute compute) {
        cpu.set<T>(i->reg, compute(cpu.get<T>(i->reg)));
    }
};
struct Immediate {
    static constexpr bool faults = false;
    template <class T> static T read(Cpu&, const Insn* i) { return static_cast<T>(i->immediate); }
};
template <class Address> struct Memory {
    static constexpr bool faults = true;
    template <class T> static T read(Cpu& cpu, const Insn* i) {
        return load<T>(cpu, Address::template linear<T>(cpu, i, Intent::Read));
    }
    template <class T> static void write(Cpu& cpu, const Insn* i, T value) {
        store<T>(cpu, Address::template linear<T>(cpu, i, Intent::Write), value);
    }
    template <class T, class Compute> static void update(Cpu& cpu, const Insn* i, Compute compute) {
        cpu::update<T>(cpu, Address::template linear<T>(cpu, i, Intent::Write), compute);
    }
};

template <class... Operands> void note(Cpu& cpu, const Insn* i) {
    if constexpr ((Operands::faults || ...)) cpu.current = i;
}

/// Calls `body` with Flags, or with DeadFlags when nobody can see the flags.
template <bool dead, class Body> auto with_flags(Cpu& cpu, Body body) {
    if constexpr (dead) {
        ops::DeadFlags flags{cpu.flags};
        return body(flags);
    } else {
        return body(cpu.flags);
    }
}

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

// --- The stack, flat and 32 bits wide -------------------------------------------------------------------

template <class Source> const Insn* push_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 value = Source::template read<u32>(cpu, i);
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, value);
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_NEXT(cpu, i);
}

template <class T, class Source> const Insn* push_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    ops::push_any(cpu, *i, static_cast<u32>(Source::template read<T>(cpu, i)));
    TRAPGATE_NEXT(cpu, i);
}

inline const Insn* pop_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp);
    const u32 value = load<u32>(cpu, esp);
    cpu.reg(Gpr::esp) = esp + 4;
    cpu.set<u32>(i->rm, value); // after ESP: POP ESP keeps the value
    TRAPGATE_NEXT(cpu, i);
}

inline const Insn* leave_frame_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 frame = cpu.reg(Gpr::ebp);
    cpu.reg(Gpr::ebp) = load<u32>(cpu, frame);
    cpu.reg(Gpr::esp) = frame + 4;
    TRAPGATE_NEXT(cpu, i);
}

const Insn* leave_frame_any_handler(Cpu&, const Insn*);

// --- Near transfers -------------------------------------------------------------------------------------

/// A segment limit that can be passed needs the check that [SDM2] Jcc, JMP, CALL and RET make.
inline void check_target(const Cpu& cpu, u32 target) {
    if (!(cpu.mode & mode::flat)) [[unlikely]]
        ops::check_code_offset(cpu, target);
}

template <u8 code> const Insn* jcc_handler(Cpu& cpu, const Insn* i) {
    if (cpu.flags.condition<code>()) {
        cpu.current = i;
        check_target(cpu, i->immediate);
        TRAPGATE_GO(cpu, i, 1, i->immediate);
    }
    TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
}

/// The synthetic end of a block that was cut: goes on at the next instruction. It is not counted.
inline const Insn* continue_handler(Cpu& cpu, const Insn* i) {
    const Insn* last = i - 1;
    TRAPGATE_GO(cpu, last, 0, Block::of(last).eip_after(last));
}

inline const Insn* jump_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    check_target(cpu, i->immediate);
    TRAPGATE_GO(cpu, i, 1, i->immediate);
}

inline const Insn* call_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, Block::of(i).eip_after(i));
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_GO(cpu, i, 1, i->immediate);
}

template <class Source> const Insn* jump_indirect_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = Source::template read<u32>(cpu, i);
    TRAPGATE_JUMP(cpu, i, target);
}

template <class Source> const Insn* call_indirect_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = Source::template read<u32>(cpu, i);
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, Block::of(i).eip_after(i));
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_JUMP(cpu, i, target);
}

inline const Insn* return_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp);
    const u32 target = load<u32>(cpu, esp);
    cpu.reg(Gpr::esp) = esp + 4 + i->immediate;
    TRAPGATE_JUMP(cpu, i, target);
}

// The same outside the flat 32-bit case.
const Insn* call_any_handler(Cpu&, const Insn*);
const Insn* jump_indirect_any_handler(Cpu&, const Insn*);
const Insn* call_indirect_any_handler(Cpu&, const Insn*);
const Insn* return_any_handler(Cpu&, const Insn*);

template <class Op> const Insn* loop_handler(Cpu& cpu, const Insn* i) {
    if (Op::taken(cpu, *i)) {
        cpu.current = i;
        check_target(cpu, i->immediate);
        Op::commit(cpu, *i);
        TRAPGATE_GO(cpu, i, 1, i->immediate);
    }
    Op::commit(cpu, *i);
    TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
}

// --- Functions of the whole processor -------------------------------------------------------------------

template <ops::Operation* operation> const Insn* simple_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    operation(cpu, *i);
    TRAPGATE_NEXT(cpu, i);
}

template <ops::Operation* operation> const Insn* x87_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_of(i);
    operation(cpu, *i);
    TRAPGATE_NEXT(cpu, i);
}

template <ops::Operation* operation> const Insn* leave_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_after(i);
    operation(cpu, *i);
    return leave(cpu, i);
}

/// True if nothing but the next block is due: no trap, no interrupt that has just been enabled, nobody who wants attention.
inline bool nothing_due(const Cpu& cpu) {
    return !cpu.flags.test_system(eflags::tf | eflags::rf) && !cpu.interrupt_shadow && !cpu.debug_enabled() &&
           !(cpu.flags.test_system(eflags::if_) && cpu.interrupt_controller &&
             cpu.interrupt_controller->requested());
}

/// Ring switches: like leave_handler, but straight to the target's block when it is known and nothing else is due.
template <ops::Operation* operation> const Insn* transfer_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_after(i);
    operation(cpu, *i);
    if (!nothing_due(cpu)) [[unlikely]]
        return leave(cpu, i);
    TRAPGATE_JUMP(cpu, i, cpu.eip);
}

/// Goes on by link if the mode stayed what the block was decoded for.
template <ops::Operation* operation> const Insn* segment_load_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    operation(cpu, *i);
    if (cpu.mode == Block::of(i).key.mode && !cpu.interrupt_shadow)
        TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
    cpu.eip = Block::of(i).eip_after(i);
    return leave(cpu, i);
}

template <class Op, class T> const Insn* string_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    if (ops::run_string<Op, T>(cpu, *i)) TRAPGATE_NEXT(cpu, i);
    cpu.eip = Block::of(i).eip_of(i);
    return leave(cpu, i);
}

template <class Op, class T> const Insn* port_string_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const Block& block = Block::of(i);
    const bool finished = ops::run_string<Op, T>(cpu, *i);
    cpu.eip = finished ? block.eip_after(i) : block.eip_of(i);
    return leave(cpu, i);
}

inline const Insn* nop_handler([[maybe_unused]] Cpu& cpu, const Insn* i) {
    TRAPGATE_NEXT(cpu, i);
}

const Insn* undefined_handler(Cpu&, const Insn*);

} // namespace trapgate::cpu::engine
