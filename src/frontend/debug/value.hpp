// SPDX-License-Identifier: MIT
// Types and values of the debugger's expressions: the integers of C on i386, pointers, arrays and structures known from DWARF.
// Source: the i386 System V ABI for sizes; C's usual arithmetic conversions.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trapgate::frontend::debug {

/// `structure` or an integer, behind `pointers` levels of pointers; `count` of them one after the other if it is an array.
struct Type {
    u32 bytes = 4; ///< of the integer or structure, without pointers and count
    bool is_signed = true;
    bool is_char = false;    ///< shown as a character too; arrays of it are text
    bool is_void = false;    ///< only behind a pointer
    bool is_code = false;    ///< what a pointer to it points at are instructions
    std::string structure{}; ///< its name; empty: an integer
    u8 pointers = 0;
    u32 count = 0;            ///< 0: no array
    u8 bits = 0, low_bit = 0; ///< of a bit field: so many bits, from `low_bit` on, of the integer in memory; 0: all

    bool is_pointer() const { return pointers > 0 && count == 0; }
    bool is_structure() const { return !structure.empty() && pointers == 0 && count == 0; }
    bool is_number() const { return count == 0 && (pointers > 0 || structure.empty()); }
    /// Of one element.
    u32 element_bytes() const { return pointers ? 4 : bytes; }
    u32 size() const { return element_bytes() * (count ? count : 1); }
    Type element() const;
    /// What a pointer of this type points at.
    Type target() const;
    Type pointer_to() const;
    bool operator==(const Type&) const = default;
};

/// "int", "unsigned char *", "struct task_struct", "char [16]".
std::string to_text(const Type& type);
Type integer(u32 bytes, bool is_signed);
/// A word that begins the name of a type in C or in Linux: "int", "unsigned", "u32", "struct" …
bool begins_type(std::string_view word);
/// All of those words, for completion.
std::span<const std::string_view> type_words();

/// A number, or a place in the guest.
struct Value {
    Type type;
    u64 bits = 0;                 ///< of a number: sign- or zero-extended to 64 bits, as its type says
    std::optional<u32> address{}; ///< where it lies in the guest's memory (linear)
    std::string register_name{};  ///< where it lies in the processor
};

/// `bits` as a number of that type would hold it: cut to its size and extended.
u64 fit(u64 bits, const Type& type);
/// The number that `unit`, read from memory, holds as that type: of a bit field only its own bits.
u64 from_memory(u64 unit, const Type& type);
/// `unit` with that number in it.
u64 into_memory(u64 unit, u64 value, const Type& type);

} // namespace trapgate::frontend::debug
