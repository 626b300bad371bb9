// SPDX-License-Identifier: MIT
// Blocks of decoded instructions and the links between them.
//
// A block is a run of instructions without a branch but at its end, inside one page, under one mode. It remembers its successors.
// A link inside one linear page stays valid as long as its target lives; a link to another page only as long as no translation
// has changed (`Cpu::translation_epoch`).
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/insn.hpp"

#include <array>

namespace trapgate::cpu::engine {

constexpr u32 max_block_length = 32;

struct Block;

struct Link {
    Block* block = nullptr; ///< where it leads
    Block* owner = nullptr; ///< whose link it is
    u64 epoch = 0;
    u64 epoch_mask = ~u64{0}; ///< 0 for a link inside the page
};

/// What makes a block the same block.
struct BlockKey {
    u64 physical = 0; ///< of the first byte
    u32 eip = 0;
    u32 cs_base = 0;
    u32 cs_limit = 0;
    u8 mode = 0;
    bool plain = false; ///< one instruction, no fusing: for single steps and watched runs
    bool operator==(const BlockKey&) const = default;
};

struct Block {
    BlockKey key;
    u32 count = 0; ///< instructions
    u32 bytes = 0; ///< from the first byte to the end of the last instruction
    u64 second_page =
        0; ///< physical page of the tail of an instruction that crosses into another page, 0 if none does
    std::array<Link, 2> links; ///< [0] next in line, [1] taken branch
    Block* hash_next = nullptr;
    bool dead = false;
    bool stop = false;              ///< a debugger's breakpoint stands at its first instruction: never linked to
    alignas(32) isa::Insn insns[1]; ///< `count` of them, and the one that goes on to the next block

    static Block& of(const isa::Insn* insn) {
        const isa::Insn* first = insn - insn->index;
        return *reinterpret_cast<Block*>(const_cast<u8*>(reinterpret_cast<const u8*>(first)) -
                                         offsetof(Block, insns));
    }
    u32 eip_of(const isa::Insn* insn) const { return key.eip + insn->offset; }
    u32 eip_after(const isa::Insn* insn) const { return key.eip + insn->offset + insn->length; }
};

/// Blocks by target EIP, for indirect jumps in flat modes.
struct JumpCache {
    struct Entry {
        u32 eip = 0;
        u8 mode = 0xff;
        u64 epoch = 0;
        Block* block = nullptr;
    };
    std::array<Entry, 4096> entries;
    Entry& at(u32 eip) { return entries[(eip ^ (eip >> 12)) % 4096]; }
};

} // namespace trapgate::cpu::engine
