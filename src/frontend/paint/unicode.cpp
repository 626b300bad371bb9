// SPDX-License-Identifier: MIT
// UTF-8 in and out of cells.
#include "frontend/paint/unicode.hpp"

#include "base/types.hpp"

#include <algorithm>

namespace trapgate::paint {

namespace {

constexpr char32_t replacement = 0xfffd;

struct Range {
    char32_t first, last;
};

// Blocks whose characters take no column or two of them.
constexpr Range not_one_column[] = {
    {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x300, 0x36f},      {0x483, 0x489},
    {0x591, 0x5c7},     {0x600, 0x605},     {0x610, 0x61a},     {0x64b, 0x65f},      {0x6d6, 0x6ed},
    {0x711, 0x711},     {0x730, 0x74a},     {0x900, 0x902},     {0x93a, 0x957},      {0x981, 0x981},
    {0x9bc, 0x9cd},     {0xe31, 0xe31},     {0xe34, 0xe3a},     {0xe47, 0xe4e},      {0x1100, 0x11ff},
    {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x200b, 0x200f},   {0x2028, 0x202e},    {0x2060, 0x206f},
    {0x20d0, 0x20ff},   {0x2329, 0x232a},   {0x2e80, 0x303e},   {0x3041, 0x33ff},    {0x3400, 0x4dbf},
    {0x4e00, 0xa4cf},   {0xa960, 0xa97f},   {0xac00, 0xdfff},   {0xe000, 0xfaff},    {0xfe00, 0xfe6f},
    {0xfeff, 0xfeff},   {0xff00, 0xff60},   {0xffe0, 0xffff},   {0x16fe0, 0x18cff},  {0x1b000, 0x1b2ff},
    {0x1d165, 0x1d1ad}, {0x1f000, 0x1faff}, {0x20000, 0x3fffd}, {0xe0000, 0x10ffff},
};

bool fits_one_column(char32_t c) {
    if (c == replacement) return true;
    return std::none_of(std::begin(not_one_column), std::end(not_one_column),
                        [c](Range range) { return c >= range.first && c <= range.last; });
}

/// Length that a first byte announces, 0 if it cannot be a first byte.
int sequence_length(u8 first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return 2;
    if (first >= 0xe0 && first <= 0xef) return 3;
    if (first >= 0xf0 && first <= 0xf4) return 4;
    return 0;
}

/// Takes one character off the front of `text`; broken bytes one at a time.
char32_t take(std::string_view& text) {
    constexpr u8 payload[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const auto length = static_cast<std::size_t>(sequence_length(static_cast<u8>(text[0])));
    char32_t c = static_cast<u8>(text[0]) & payload[length];
    bool good = length != 0 && length <= text.size();
    for (std::size_t i = 1; good && i < length; ++i) {
        const auto byte = static_cast<u8>(text[i]);
        good = (byte & 0xc0) == 0x80;
        c = c << 6 | (byte & 0x3fu);
    }
    good = good && c >= least[length] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
    text.remove_prefix(good ? length : 1);
    return good ? c : replacement;
}

} // namespace

std::u32string to_cells(std::string_view utf8) {
    std::u32string out;
    out.reserve(utf8.size());
    while (!utf8.empty()) {
        const char32_t c = take(utf8);
        out.push_back(fits_one_column(c) ? c : replacement);
    }
    return out;
}

int width_of(std::string_view utf8) {
    return static_cast<int>(to_cells(utf8).size());
}

void append_utf8(std::string& out, char32_t c) {
    const auto tail = [&](int shift) { out.push_back(static_cast<char>(0x80 | (c >> shift & 0x3f))); };
    if (c < 0x80) {
        out.push_back(static_cast<char>(c));
    } else if (c < 0x800) {
        out.push_back(static_cast<char>(0xc0 | c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | c >> 12));
        tail(6), tail(0);
    } else {
        out.push_back(static_cast<char>(0xf0 | c >> 18));
        tail(12), tail(6), tail(0);
    }
}

std::string to_utf8(std::u32string_view text) {
    std::string out;
    for (const char32_t c : text) append_utf8(out, c);
    return out;
}

std::string fit(std::string_view utf8, int columns) {
    std::u32string cells = to_cells(utf8);
    if (columns <= 0) return {};
    if (cells.size() > static_cast<std::size_t>(columns)) {
        cells.resize(static_cast<std::size_t>(columns));
        cells.back() = U'…';
    }
    return to_utf8(cells);
}

} // namespace trapgate::paint
