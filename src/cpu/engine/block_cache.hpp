// SPDX-License-Identifier: MIT
// All decoded blocks: found by what they depend on, dropped when their bytes change.
#pragma once

#include "cpu/engine/block.hpp"
#include "cpu/isa/decoder.hpp"

#include <memory>
#include <new>
#include <unordered_map>
#include <vector>

namespace trapgate::cpu::engine {

class BlockCache : public CodeGuard {
  public:
    explicit BlockCache(Cpu& cpu);
    ~BlockCache() override;

    /// The block at CS:EIP, decoded if need be. `plain`: of one instruction, as the debugger and the watched engine want it.
    /// Raises #GP beyond the CS limit, #PF on the fetch; throws Unimplemented for code outside RAM.
    Block* at_eip(bool plain);

    /// A block for `link` or the jump cache to remember, if it may be remembered.
    void remember(Link& link, Block* to);
    void remember_jump(Block* to);

    bool holds_code(PhysicalAddress page) const override;
    void before_store(PhysicalAddress address, u32 size) override;
    void require_alone() override;

    /// Forgets everything. REQUIRES: no block is running.
    void clear();

  private:
    struct Page {
        u64 granules = 0; ///< 64 bytes each: which of them hold code
        std::vector<Block*> blocks;
    };
    static constexpr u32 bucket_count = 1u << 15;
    static constexpr std::size_t chunk_bytes = 1u << 20;
    static constexpr std::size_t most_chunks = 32;

    BlockKey key_at_eip(bool plain);
    Block* find(const BlockKey&) const;
    Block* decode(const BlockKey&);
    u8* allocate(std::size_t bytes);
    void enter_into_page(Block*, u64 page, u32 first, u32 last);
    void drop(Block*);
    static void cut(Block&);
    static u32 bucket_of(const BlockKey&);

    Cpu& cpu_;
    std::vector<Block*> buckets_;
    std::unordered_map<u64, Page> pages_; ///< by physical page number
    std::vector<bool> page_has_code_;     ///< the same by number, for RAM
    struct FreeChunk {
        void operator()(u8* chunk) const { ::operator delete (chunk, std::align_val_t{chunk_alignment}); }
    };
    static constexpr std::size_t chunk_alignment = 64;
    std::vector<std::unique_ptr<u8, FreeChunk>> chunks_;
    std::size_t used_in_chunk_ = chunk_bytes;
    std::unique_ptr<JumpCache> jump_cache_;
};

} // namespace trapgate::cpu::engine
