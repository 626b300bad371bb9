// SPDX-License-Identifier: MIT
// How a handler ends, and how it reaches its operands.
//
// Every handler that can fault or ask the time notes itself in `cpu.current` first. It ends in one of four ways: the next
// instruction of the block; TRAPGATE_GO to a linked block; TRAPGATE_JUMP to an address; `leave`, back to the outer loop.
#pragma once

#include "cpu/engine/block.hpp"
#include "cpu/engine/dispatch.hpp"
#include "cpu/memory.hpp"
#include "cpu/ops/arithmetic.hpp"
#include "cpu/ops/operand.hpp"

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

} // namespace trapgate::cpu::engine
