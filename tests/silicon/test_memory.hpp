// SPDX-License-Identifier: MIT
// The test pages as both sides keep them: laid out before a test, searched for changes and put back after it.
// Freestanding: the 32-bit child uses it too.
// Source: case.hpp.
#pragma once

#include "case.hpp"

namespace trapgate::silicon {

class TestMemory {
  public:
    /// Both point to page_count pages, one after the other in the order of `pages`.
    TestMemory(uint8_t* live, uint8_t* pristine) : live_(live), pristine_(pristine) {}

    /// Gives every page its background.
    void paint() {
        for (uint32_t page = 0; page < page_count; ++page)
            for (uint32_t i = 0; i < page_size; ++i) {
                const uint32_t at = page * page_size + i;
                live_[at] = pristine_[at] = background(pages[page].address + i, pages[page].code);
            }
    }

    void arrange(const Case& test) {
        for (uint32_t i = 0; i < test.poke_count; ++i)
            for (uint32_t k = 0; k < test.pokes[i].length; ++k)
                put(test.pokes[i].address + k, test.pokes[i].bytes[k]);
        for (uint32_t i = 0; i < test.code_length; ++i) put(test.code_address + i, test.code[i]);
    }

    /// Undoes arrange().
    void clean(const Case& test) {
        for (uint32_t i = 0; i < test.poke_count; ++i)
            for (uint32_t k = 0; k < test.pokes[i].length; ++k) restore(test.pokes[i].address + k);
        for (uint32_t i = 0; i < test.code_length; ++i) restore(test.code_address + i);
    }

    /// Lists the bytes that the test changed, and puts them back.
    void collect_changes(Outcome& outcome) {
        outcome.changed_count = 0;
        outcome.changed_hash = empty_hash;
        for (uint32_t page = 0; page < page_count; ++page)
            if (pages[page].writable) compare_page(outcome, page);
    }

  private:
    static constexpr uint32_t block_bytes = 128;

    static uint8_t background(uint32_t address, bool code) {
        return code ? filler : uint8_t(background_word(address & ~3u) >> (address & 3) * 8);
    }

    /// Where the byte at a linear address is kept, or -1 if no page is there.
    static int32_t position(uint32_t address) {
        for (uint32_t page = 0; page < page_count; ++page)
            if (address - pages[page].address < page_size)
                return int32_t(page * page_size + (address & (page_size - 1)));
        return -1;
    }

    void put(uint32_t address, uint8_t value) {
        const int32_t at = position(address);
        if (at >= 0) live_[at] = pristine_[at] = value;
    }
    void restore(uint32_t address) { put(address, background(address, address - code_base < code_bytes)); }

    static bool same_block(const uint8_t* a, const uint8_t* b) {
        uint64_t difference = 0;
        for (uint32_t i = 0; i < block_bytes; i += 8) {
            uint64_t x, y;
            __builtin_memcpy(&x, a + i, 8);
            __builtin_memcpy(&y, b + i, 8);
            difference |= x ^ y;
        }
        return difference == 0;
    }

    void compare_page(Outcome& outcome, uint32_t page) {
        for (uint32_t block = 0; block < page_size; block += block_bytes) {
            const uint32_t start = page * page_size + block;
            if (same_block(live_ + start, pristine_ + start)) continue;
            for (uint32_t at = start; at < start + block_bytes; ++at)
                if (live_[at] != pristine_[at]) note(outcome, pages[page].address + (at & (page_size - 1)), at);
        }
    }

    void note(Outcome& outcome, uint32_t address, uint32_t at) {
        if (outcome.changed_count < listed_changes) outcome.changed[outcome.changed_count] = {address, live_[at]};
        ++outcome.changed_count;
        outcome.changed_hash = hash_change(outcome.changed_hash, address, live_[at]);
        live_[at] = pristine_[at];
    }

    uint8_t* live_;
    uint8_t* pristine_;
};

} // namespace trapgate::silicon
