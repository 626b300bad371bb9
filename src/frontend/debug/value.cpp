// SPDX-License-Identifier: MIT
#include "frontend/debug/value.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr std::array<std::string_view, 29> words{
    "int",      "char",    "short",    "long",     "unsigned", "signed", "void",    "_Bool",   "struct", "union",
    "enum",     "u8",      "u16",      "u32",      "u64",      "s8",     "s16",     "s32",     "s64",    "const",
    "volatile", "uint8_t", "uint16_t", "uint32_t", "uint64_t", "int8_t", "int16_t", "int32_t", "int64_t"};

std::string base_text(const Type& type) {
    if (!type.structure.empty()) return "struct " + type.structure;
    if (type.is_code) return "void ()";
    if (type.is_void) return "void";
    if (type.is_char) return type.is_signed ? "char" : "unsigned char";
    const std::string sign = type.is_signed ? "" : "unsigned ";
    switch (type.bytes) {
    case 1: return sign + "char";
    case 2: return sign + "short";
    case 4: return sign + "int";
    case 8: return sign + "long long";
    default: return "void";
    }
}

} // namespace

Type Type::element() const {
    Type type = *this;
    type.count = 0;
    return type;
}

Type Type::target() const {
    Type type = *this;
    --type.pointers;
    return type;
}

Type Type::pointer_to() const {
    Type type = *this;
    type.count = 0; // the address of an array serves as that of its first element
    ++type.pointers;
    return type;
}

std::string to_text(const Type& type) {
    std::string text = base_text(type);
    if (type.pointers) text += " " + std::string(type.pointers, '*');
    if (type.count) text += fmt::format(" [{}]", type.count);
    return text;
}

Type integer(u32 bytes, bool is_signed) {
    Type type;
    type.bytes = bytes;
    type.is_signed = is_signed;
    return type;
}

bool begins_type(std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

std::span<const std::string_view> type_words() {
    return words;
}

u64 fit(u64 bits, const Type& type) {
    const u32 bytes = type.element_bytes();
    if (bytes >= 8 || bytes == 0) return bits;
    const u32 unused = 64 - 8 * bytes;
    if (type.is_signed && type.pointers == 0) return static_cast<u64>(static_cast<s64>(bits << unused) >> unused);
    return bits << unused >> unused;
}

u64 from_memory(u64 unit, const Type& type) {
    if (!type.bits) return fit(unit, type);
    const u32 above = 64u - type.bits - type.low_bit, unused = 64u - type.bits;
    const u64 moved = unit << above;
    return type.is_signed ? static_cast<u64>(static_cast<s64>(moved) >> unused) : moved >> unused;
}

u64 into_memory(u64 unit, u64 value, const Type& type) {
    if (!type.bits) return value;
    const u64 mask = (u64{1} << type.bits) - 1; // a field of 64 bits is no field
    return (unit & ~(mask << type.low_bit)) | (value & mask) << type.low_bit;
}

} // namespace trapgate::frontend::debug
