// SPDX-License-Identifier: MIT
// Tables of keys.
#include "devices/scan_codes.hpp"

#include <algorithm>
#include <array>

namespace trapgate::devices {

namespace {

/// Set 2 (index) into set 1; above 7Fh only two codes change.
constexpr std::array<u8, 128> translation{
    0xff, 0x43, 0x41, 0x3f, 0x3d, 0x3b, 0x3c, 0x58, 0x64, 0x44, 0x42, 0x40, 0x3e, 0x0f, 0x29, 0x59, //
    0x65, 0x38, 0x2a, 0x70, 0x1d, 0x10, 0x02, 0x5a, 0x66, 0x71, 0x2c, 0x1f, 0x1e, 0x11, 0x03, 0x5b, //
    0x67, 0x2e, 0x2d, 0x20, 0x12, 0x05, 0x04, 0x5c, 0x68, 0x39, 0x2f, 0x21, 0x14, 0x13, 0x06, 0x5d, //
    0x69, 0x31, 0x30, 0x23, 0x22, 0x15, 0x07, 0x5e, 0x6a, 0x72, 0x32, 0x24, 0x16, 0x08, 0x09, 0x5f, //
    0x6b, 0x33, 0x25, 0x17, 0x18, 0x0b, 0x0a, 0x60, 0x6c, 0x34, 0x35, 0x26, 0x27, 0x19, 0x0c, 0x61, //
    0x6d, 0x73, 0x28, 0x74, 0x1a, 0x0d, 0x62, 0x6e, 0x3a, 0x36, 0x1c, 0x1b, 0x75, 0x2b, 0x63, 0x76, //
    0x55, 0x56, 0x77, 0x78, 0x79, 0x7a, 0x0e, 0x7b, 0x7c, 0x4f, 0x7d, 0x4b, 0x47, 0x7e, 0x7f, 0x6f, //
    0x52, 0x53, 0x50, 0x4c, 0x4d, 0x48, 0x01, 0x45, 0x57, 0x4e, 0x51, 0x4a, 0x37, 0x49, 0x46, 0x54, //
};

/// Rows of the keyboard: the code (set 1) of the leftmost key, then the keys' characters without and with shift.
struct Row {
    u8 first;
    std::string_view plain;
    std::string_view shifted;
};
constexpr Row rows[]{
    {0x02, "1234567890-=", "!@#$%^&*()_+"},
    {0x10, "qwertyuiop[]", "QWERTYUIOP{}"},
    {0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~"},
    {0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"},
};

constexpr u8 key_escape = 0x01, key_backspace = 0x0e, key_tab = 0x0f, key_enter = 0x1c, key_control = 0x1d,
             key_shift = 0x2a, key_space = 0x39;

/// What terminals send for keys that are no characters.
struct Sequence {
    std::string_view text;
    u8 code;
    bool extended;
};
constexpr Sequence sequences[]{
    {"\x1b[A", 0x48, true},    {"\x1b[B", 0x50, true},    {"\x1b[C", 0x4d, true},    {"\x1b[D", 0x4b, true},
    {"\x1bOA", 0x48, true},    {"\x1bOB", 0x50, true},    {"\x1bOC", 0x4d, true},    {"\x1bOD", 0x4b, true},
    {"\x1b[H", 0x47, true},    {"\x1b[F", 0x4f, true},    {"\x1b[1~", 0x47, true},   {"\x1b[2~", 0x52, true},
    {"\x1b[3~", 0x53, true},   {"\x1b[4~", 0x4f, true},   {"\x1b[5~", 0x49, true},   {"\x1b[6~", 0x51, true},
    {"\x1bOP", 0x3b, false},   {"\x1bOQ", 0x3c, false},   {"\x1bOR", 0x3d, false},   {"\x1bOS", 0x3e, false},
    {"\x1b[15~", 0x3f, false}, {"\x1b[17~", 0x40, false}, {"\x1b[18~", 0x41, false}, {"\x1b[19~", 0x42, false},
    {"\x1b[20~", 0x43, false}, {"\x1b[21~", 0x44, false}, {"\x1b[23~", 0x57, false}, {"\x1b[24~", 0x58, false},
};

std::optional<Key> printable(char c) {
    for (const Row& row : rows)
        for (const bool shift : {false, true})
            if (const auto at = (shift ? row.shifted : row.plain).find(c); at != std::string_view::npos)
                return Key{static_cast<u8>(row.first + at), false, shift, false};
    return std::nullopt;
}

std::optional<Key> key_of(char c) {
    switch (c) {
    case '\n':
    case '\r': return Key{key_enter};
    case '\t': return Key{key_tab};
    case '\b':
    case 0x7f: return Key{key_backspace};
    case 0x1b: return Key{key_escape};
    case ' ': return Key{key_space};
    default: break;
    }
    if (c >= 1 && c <= 26) {
        auto key = printable(static_cast<char>('a' + c - 1));
        key->control = true;
        return key;
    }
    return printable(c);
}

/// A code of set 1 as set 2 names it.
u8 set2_code(u8 code) {
    return static_cast<u8>(std::find(translation.begin(), translation.end(), code) - translation.begin());
}

void press(std::vector<u8>& bytes, u8 code, bool extended, bool down, u8 set) {
    if (extended) bytes.push_back(0xe0);
    if (set == 1) {
        bytes.push_back(static_cast<u8>(down ? code : code | 0x80));
    } else {
        if (!down) bytes.push_back(0xf0);
        bytes.push_back(set2_code(code));
    }
}

} // namespace

std::optional<Key> take_key(std::string_view& text) {
    while (!text.empty()) {
        for (const Sequence& sequence : sequences)
            if (text.starts_with(sequence.text)) {
                text.remove_prefix(sequence.text.size());
                return Key{sequence.code, sequence.extended, false, false};
            }
        const char c = text.front();
        text.remove_prefix(1);
        if (auto key = key_of(c)) return key;
    }
    return std::nullopt;
}

std::vector<u8> key_bytes(const Key& key, u8 set) {
    std::vector<u8> bytes;
    if (key.shift) press(bytes, key_shift, false, true, set);
    if (key.control) press(bytes, key_control, false, true, set);
    press(bytes, key.code, key.extended, true, set);
    press(bytes, key.code, key.extended, false, set);
    if (key.control) press(bytes, key_control, false, false, set);
    if (key.shift) press(bytes, key_shift, false, false, set);
    return bytes;
}

u8 translate_scan_code(u8 code) {
    if (code < 0x80) return translation[code];
    return code == 0x83 ? 0x41 : code == 0x84 ? 0x54 : code;
}

} // namespace trapgate::devices
