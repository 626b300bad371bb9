// SPDX-License-Identifier: MIT
// Decoding blocks, finding them again, and noticing that their bytes change.
#include "cpu/engine/block_cache.hpp"

#include "base/assert.hpp"
#include "cpu/engine/binders.hpp"
#include "cpu/memory.hpp"

#include <algorithm>
#include <new>

namespace trapgate::cpu::engine {

namespace {

using isa::Decoded;
using isa::Found;

constexpr u32 granule = 64;

/// Bits for the granules from offset `first` to offset `last` of a page.
u64 granule_bits(u32 first, u32 last) {
    const u32 low = first / granule, high = last / granule;
    return (~u64{0} >> (63 - (high - low))) << low;
}

/// Instructions of one block while it is being built.
struct Draft {
    std::array<Decoded, max_block_length> items;
    u32 count = 0;
    u32 bytes = 0;
    u64 second_page = 0;
    bool ends_in_transfer = false; ///< the last instruction knows where to go on
};

/// Reads instructions from one page, the first perhaps into the next.
class Drafter {
  public:
    Drafter(Cpu& cpu, const BlockKey& key) : cpu_(cpu), key_(key) {}

    Draft run() {
        const u32 most = key_.plain ? 1 : max_block_length;
        while (draft_.count < most && !draft_.ends_in_transfer && add_instruction())
            ;
        return draft_;
    }

  private:
    bool code32() const { return key_.mode & mode::code32; }
    u32 eip() const { return key_.eip + draft_.bytes; }
    u32 page_room() const {
        return page_size - static_cast<u32>((key_.physical + draft_.bytes) & page_offset_mask);
    }
    bool first() const { return draft_.count == 0; }

    /// False: the block ends before this instruction.
    bool add_instruction() {
        if (((key_.physical + draft_.bytes) ^ key_.physical) > page_offset_mask)
            return false; // the next page of code may lie anywhere in RAM, also behind an instruction that crosses into it
        if (eip() > key_.cs_limit || eip() < key_.eip) return false; // the next block raises #GP
        if (!first() && cpu_.stops && cpu_.stops->stops_at(key_.cs_base + eip())) return false;
        const u32 limit_room = key_.cs_limit - eip(); // bytes beyond the first
        const u32 room = std::min(page_room(), limit_room == ~0u ? ~0u : limit_room + 1);
        Decoded decoded = isa::decode({cpu_.ram + key_.physical + draft_.bytes, std::min(room, isa::max_length)},
                                      code32(), eip(), cpu_.model.generation);
        if (decoded.found == Found::NeedMoreBytes) {
            if (!first()) return false;
            decoded = decode_across(limit_room);
        }
        return add(decoded);
    }

    Decoded decode_across(u32 limit_room) {
        u8 bytes[2 * isa::max_length];
        const u32 here = std::min(page_room(), isa::max_length);
        std::copy_n(cpu_.ram + key_.physical, here, bytes);
        if (limit_room < here) raise(Vector::GP, 0);
        const u32 next_linear = key_.cs_base + key_.eip + here;
        const PhysicalAddress next = translate_fetch(cpu_, next_linear);
        if (!cpu_.bus.memory().contains(next, isa::max_length)) throw Unimplemented{"code outside RAM"};
        std::copy_n(cpu_.ram + next.value, isa::max_length, bytes + here);
        draft_.second_page = next.value & ~u64{page_offset_mask};
        const u32 within_limit = limit_room == ~0u ? ~0u : limit_room + 1;
        const Decoded decoded = isa::decode({bytes, std::min(here + isa::max_length, within_limit)}, code32(),
                                            key_.eip, cpu_.model.generation);
        if (decoded.found == Found::NeedMoreBytes) raise(Vector::GP, 0);
        return decoded;
    }

    bool add(Decoded& decoded) {
        if (decoded.found != Found::Instruction) {
            if (!first()) return false;
            if (decoded.found == Found::TooLong) raise(Vector::GP, 0);
            decoded.insn.row = isa::no_row;
            decoded.insn.length = 1;
            draft_.ends_in_transfer = true;
        } else {
            draft_.ends_in_transfer = isa::row(decoded.insn.row).is(isa::attribute::ends);
        }
        decoded.insn.offset = static_cast<u16>(draft_.bytes);
        decoded.insn.index = static_cast<u8>(draft_.count);
        draft_.items[draft_.count++] = decoded;
        draft_.bytes += decoded.insn.length;
        return true;
    }

    Cpu& cpu_;
    const BlockKey& key_;
    Draft draft_;
};

/// Marks instructions whose flags nobody can see: overwritten in the block before anything reads them or may fault.
void mark_dead_flags(Draft& draft) {
    u32 live = eflags::arithmetic;
    for (u32 n = draft.count; n-- > 0;) {
        isa::Insn& insn = draft.items[n].insn;
        if (insn.row == isa::no_row) continue;
        const isa::Row& row = isa::row(insn.row);
        if (row.flags_written && !(row.flags_written & live)) insn.shape |= isa::shape::flags_dead;
        live = (live & ~row.flags_written) | row.flags_read;
        if ((insn.shape & isa::shape::memory) && row.mnemonic != "lea" && row.mnemonic != "nop")
            live = eflags::arithmetic;
    }
}

void bind_handlers(Draft& draft, const BlockKey& key) {
    for (u32 n = 0; n < draft.count; ++n) {
        Decoded& item = draft.items[n];
        item.insn.handler = item.insn.row == isa::no_row ? undefined_binder() : bind(item, key.mode);
    }
    if (key.plain) return;
    for (u32 n = 0; n + 1 < draft.count; ++n)
        if (isa::Handler fused = bind_fused(draft.items[n], draft.items[n + 1], key.mode))
            draft.items[n].insn.handler = fused;
}

} // namespace

BlockCache::BlockCache(Cpu& cpu)
    : cpu_(cpu), buckets_(bucket_count, nullptr), page_has_code_(cpu.bus.memory().size() / page_size, false),
      jump_cache_(std::make_unique<JumpCache>()) {
    cpu_.code_guard = this;
    cpu_.jump_cache = jump_cache_.get();
}

BlockCache::~BlockCache() {
    cpu_.code_guard = nullptr;
    cpu_.jump_cache = nullptr;
}

u32 BlockCache::bucket_of(const BlockKey& key) {
    u64 hash = key.physical * 0x9e3779b97f4a7c15u + key.eip * 0xc2b2ae3d27d4eb4fu + key.mode * 2u + key.plain;
    hash ^= hash >> 29;
    return static_cast<u32>(hash * 0x9e3779b97f4a7c15u >> 49) % bucket_count;
}

BlockKey BlockCache::key_at_eip(bool plain) {
    const Segment& cs = cpu_.segment(SegmentRegister::cs);
    if (cpu_.eip > cs.limit) raise(Vector::GP, 0);
    const PhysicalAddress physical = translate_fetch(cpu_, cs.base + cpu_.eip);
    if (!cpu_.bus.memory().contains(physical, 1)) throw Unimplemented{"code outside RAM"};
    return {physical.value, cpu_.eip, cs.base, cs.limit, cpu_.mode, plain};
}

Block* BlockCache::find(const BlockKey& key) const {
    for (Block* block = buckets_[bucket_of(key)]; block; block = block->hash_next)
        if (block->key == key) return block;
    return nullptr;
}

Block* BlockCache::at_eip(bool plain) {
    const BlockKey key = key_at_eip(plain);
    Block* block = find(key);
    if (block && block->second_page) {
        const u32 tail =
            (key.cs_base + key.eip + block->bytes - 1) & ~page_offset_mask; // CR2, as if it were decoded anew
        if ((translate_fetch(cpu_, tail).value & ~u64{page_offset_mask}) != block->second_page) {
            drop(block);
            block = nullptr;
        }
    }
    return block ? block : decode(key);
}

Block* BlockCache::decode(const BlockKey& key) {
    Draft draft = Drafter(cpu_, key).run();
    if (!key.plain) mark_dead_flags(draft);
    bind_handlers(draft, key);

    auto* block = new (allocate(sizeof(Block) + draft.count * sizeof(isa::Insn))) Block;
    block->key = key;
    block->count = draft.count;
    block->bytes = draft.bytes;
    block->second_page = draft.second_page;
    block->stop = cpu_.stops && cpu_.stops->stops_at(key.cs_base + key.eip);
    for (Link& link : block->links) link.owner = block;
    for (u32 n = 0; n < draft.count; ++n) block->insns[n] = draft.items[n].insn;
    isa::Insn& end = block->insns[draft.count];
    end = {};
    end.handler = continue_binder();
    end.index = static_cast<u8>(draft.count);

    const auto first = static_cast<u32>(key.physical & page_offset_mask);
    const u32 last = first + draft.bytes - 1;
    enter_into_page(block, key.physical / page_size, first, std::min(last, page_offset_mask));
    if (draft.second_page) enter_into_page(block, draft.second_page / page_size, 0, last - page_size);
    Block*& bucket = buckets_[bucket_of(key)];
    block->hash_next = bucket;
    bucket = block;
    return block;
}

u8* BlockCache::allocate(std::size_t bytes) {
    bytes = (bytes + alignof(Block) - 1) & ~(alignof(Block) - 1);
    if (used_in_chunk_ + bytes > chunk_bytes) {
        if (chunks_.size() >= most_chunks) clear();
        chunks_.emplace_back(static_cast<u8*>(::operator new (chunk_bytes, std::align_val_t{chunk_alignment})));
        used_in_chunk_ = 0;
    }
    u8* place = chunks_.back().get() + used_in_chunk_;
    used_in_chunk_ += bytes;
    return place;
}

/// A page that gets its first code loses its fast stores.
void BlockCache::enter_into_page(Block* block, u64 number, u32 first, u32 last) {
    Page& page = pages_[number];
    page.blocks.push_back(block);
    page.granules |= granule_bits(first, last);
    if (page_has_code_[number]) return;
    page_has_code_[number] = true;
    for (mmu::Tlb& tlb : cpu_.tlbs)
        for (u32 n = 0; n < mmu::tlb_entries; ++n)
            if (tlb.details[n].page.value == number * page_size &&
                !(tlb.entries[n].write_tag & mmu::tlb_tag::invalid))
                tlb.entries[n].write_tag |= mmu::tlb_tag::slow;
}

void BlockCache::remember(Link& link, Block* to) {
    const BlockKey& from = link.owner->key;
    if (link.owner->dead || to->second_page || to->stop || to->key.plain || from.plain ||
        from.mode != to->key.mode || from.cs_base != to->key.cs_base || from.cs_limit != to->key.cs_limit)
        return;
    const bool same_page =
        (from.eip ^ to->key.eip) < page_size && !link.owner->second_page && (from.cs_base & page_offset_mask) == 0;
    link.block = to;
    link.epoch = cpu_.translation_epoch;
    link.epoch_mask = same_page ? 0 : ~u64{0};
}

void BlockCache::remember_jump(Block* to) {
    if (to->second_page || to->stop || to->key.plain || !(to->key.mode & mode::flat)) return;
    jump_cache_->at(to->key.eip) = {to->key.eip, to->key.mode, cpu_.translation_epoch, to};
}

bool BlockCache::holds_code(PhysicalAddress page) const {
    return page.value / page_size < page_has_code_.size() && page_has_code_[page.value / page_size];
}

void BlockCache::before_store(PhysicalAddress address, u32 size) {
    const u64 number = address.value / page_size;
    const auto found = pages_.find(number);
    if (found == pages_.end()) return;
    Page& page = found->second;
    const auto first = static_cast<u32>(address.value & page_offset_mask);
    if (!(page.granules & granule_bits(first, std::min(first + size - 1, page_offset_mask)))) return;

    const auto overlaps = [&](const Block* block) {
        const u64 begin = block->key.physical, end = begin + block->bytes;
        const bool in_first = address.value < end && begin < address.value + size;
        const u64 tail_begin = block->second_page;
        const u64 tail_end = tail_begin + (end & page_offset_mask);
        const bool in_tail = tail_begin && address.value < tail_end && tail_begin < address.value + size;
        return in_first || in_tail;
    };
    if (cpu_.current) {
        Block& running = Block::of(cpu_.current);
        if (!running.dead && running.count > 1 && overlaps(&running)) throw CodeChange{};
    }
    const auto first_hit =
        std::partition(page.blocks.begin(), page.blocks.end(), [&](Block* b) { return !overlaps(b); });
    const std::vector<Block*> hit(first_hit, page.blocks.end());
    for (Block* block : hit) drop(block);
}

void BlockCache::require_alone() {
    if (cpu_.current && Block::of(cpu_.current).count > 1) throw CodeChange{};
}

void BlockCache::cut(Block& block) {
    for (Link& link : block.links) link.block = nullptr;
}

/// Takes a block out of every index; its memory stays until clear(). Links to it are cut: those inside its page by hand,
/// all others by the epoch.
void BlockCache::drop(Block* block) {
    block->dead = true;
    for (Block** at = &buckets_[bucket_of(block->key)]; *at; at = &(*at)->hash_next)
        if (*at == block) {
            *at = block->hash_next;
            break;
        }
    for (u64 number : {block->key.physical / page_size, block->second_page / page_size}) {
        const auto found = pages_.find(number);
        if (found == pages_.end()) continue;
        std::erase(found->second.blocks, block);
        for (Block* other : found->second.blocks) cut(*other);
    }
    cut(*block);
    ++cpu_.translation_epoch;
}

void BlockCache::clear() {
    std::fill(buckets_.begin(), buckets_.end(), nullptr);
    std::fill(page_has_code_.begin(), page_has_code_.end(), false);
    pages_.clear();
    chunks_.clear();
    used_in_chunk_ = chunk_bytes;
    *jump_cache_ = {};
    cpu_.open_link = nullptr;
    cpu_.current = nullptr;
    cpu_.flush_tlb(false); // write tags of former code pages become fast again
}

} // namespace trapgate::cpu::engine
