// SPDX-License-Identifier: MIT
// Segment registers with their hidden part, and the descriptors they are loaded from.
// Source: [SDM3] "Segment Registers", "Segment Descriptors", "Code- and Data-Segment Descriptor Types".
#pragma once

#include "base/types.hpp"

namespace trapgate::cpu {

/// In the order of the `Sw` operand encoding.
enum class SegmentRegister : u8 { es, cs, ss, ds, fs, gs };
constexpr u8 segment_registers = 6;

constexpr u16 selector_rpl(u16 selector) {
    return selector & 3;
}
constexpr bool selector_is_null(u16 selector) {
    return (selector & ~3u) == 0;
}
constexpr bool selector_in_ldt(u16 selector) {
    return selector & 4;
}

/// Eight bytes of a GDT, LDT or IDT entry, as read from memory.
struct Descriptor {
    u64 raw = 0;

    constexpr u32 base() const { return static_cast<u32>(((raw >> 16) & 0xffffff) | ((raw >> 32) & 0xff000000)); }
    /// The limit in bytes, inclusive, granularity applied.
    constexpr u32 limit() const {
        const auto field = static_cast<u32>((raw & 0xffff) | ((raw >> 32) & 0xf0000));
        return granularity() ? (field << 12) | 0xfff : field;
    }
    constexpr u8 type() const { return (raw >> 40) & 0xf; }
    constexpr bool is_code_or_data() const { return raw >> 44 & 1; } ///< the S flag
    constexpr u8 dpl() const { return (raw >> 45) & 3; }
    constexpr bool present() const { return raw >> 47 & 1; }
    constexpr bool default_big() const { return raw >> 54 & 1; } ///< D/B
    constexpr bool granularity() const { return raw >> 55 & 1; }

    // For code and data segments.
    constexpr bool is_code() const { return is_code_or_data() && (type() & 8); }
    constexpr bool is_data() const { return is_code_or_data() && !(type() & 8); }
    constexpr bool conforming() const { return type() & 4; } ///< of code
    constexpr bool readable() const { return is_data() || (type() & 2); }
    constexpr bool writable() const { return is_data() && (type() & 2); }
    constexpr bool expand_down() const { return is_data() && (type() & 4); }
    constexpr bool accessed() const { return type() & 1; }

    // For gates.
    constexpr u16 gate_selector() const { return static_cast<u16>(raw >> 16); }
    constexpr u32 gate_offset() const { return static_cast<u32>((raw & 0xffff) | ((raw >> 32) & 0xffff0000)); }
    constexpr u8 gate_parameter_count() const { return (raw >> 32) & 0x1f; }
};

/// A segment register: the selector, and the descriptor as it was when the register was loaded.
struct Segment {
    u16 selector = 0;
    u32 base = 0;
    u32 limit = 0; ///< in bytes, inclusive
    u8 type = 0;   ///< type field of the descriptor; with `s` tells code/data, writable, …
    bool s = false;
    u8 dpl = 0;
    bool present = false; ///< false for a register that holds a null selector (or a nulled one)
    bool big = false;     ///< D/B
    bool granular = false;
    // Derived: an access of `size` bytes at `offset` is inside iff lowest <= offset and offset+size-1 <= highest, no wrap.
    u32 lowest = 1;
    u32 highest = 0;
    bool can_read = false;
    bool can_write = false;
    /// The descriptor that all of this came from, or 0: a second load of the same one then has nothing to do.
    u64 raw = 0;

    static Segment from(u16 selector, Descriptor d) {
        Segment segment{selector, d.base(), d.limit(),       d.type(),       d.is_code_or_data(),
                        d.dpl(),  true,     d.default_big(), d.granularity()};
        segment.derive();
        return segment;
    }
    static Segment null(u16 selector) {
        Segment segment;
        segment.selector = selector;
        return segment;
    }
    bool is_code() const { return s && (type & 8); }
    bool conforming() const { return is_code() && (type & 4); }

    void derive() {
        const bool down = s && !(type & 8) && (type & 4);
        lowest = down ? limit + 1 : 0;
        highest = down ? (big ? 0xffffffffu : 0xffffu) : limit;
        if (down && limit == 0xffffffffu) lowest = 1, highest = 0;
        can_read = present && s && (!(type & 8) || (type & 2));
        can_write = present && s && !(type & 8) && (type & 2);
        if (!present) lowest = 1, highest = 0;
    }
    bool holds(u32 offset, u32 size) const {
        const u32 last = offset + (size - 1);
        const bool wraps = last < offset; // silicon lets an access wrap if all 4 GB are in the segment
        return offset >= lowest && last <= highest && (!wraps || (lowest == 0 && highest == 0xffffffffu));
    }
    bool flat() const { return base == 0 && lowest == 0 && highest == 0xffffffffu; }
};

} // namespace trapgate::cpu
