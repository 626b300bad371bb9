// SPDX-License-Identifier: MIT
// The rows of bitmap_font.def as a table. Source: drawn for Trapgate.
#include "frontend/window/bitmap_font.hpp"

#include <initializer_list>

namespace trapgate::window {

namespace {

constexpr BitmapGlyph glyph(char32_t character, std::initializer_list<u8> rows) {
    BitmapGlyph made{character, {}};
    std::size_t y = 2;
    for (const u8 row : rows) made.rows[y++] = row;
    return made;
}

constexpr BitmapGlyph glyphs[] = {
#define GLYPH(character, ...) glyph(character, {__VA_ARGS__}),
#include "frontend/window/bitmap_font.def"
};

} // namespace

std::span<const BitmapGlyph> bitmap_font() {
    return glyphs;
}

const BitmapGlyph* find_bitmap_glyph(char32_t character) {
    for (const BitmapGlyph& candidate : glyphs)
        if (candidate.character == character) return &candidate;
    return nullptr;
}

} // namespace trapgate::window
