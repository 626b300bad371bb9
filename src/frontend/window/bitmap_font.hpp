// SPDX-License-Identifier: MIT
// The built-in 8x16 bitmap font: what pictures are drawn with where no other font is installed, and what exact tests of pictures
// use, because the pixels of a font file change with the version of FreeType. Source: drawn for Trapgate (bitmap_font.def).
#pragma once

#include "base/types.hpp"

#include <array>
#include <span>

namespace trapgate::window {

/// One character: a byte for each of 16 rows, bit 7 is the left pixel.
struct BitmapGlyph {
    char32_t character = 0;
    std::array<u8, 16> rows{};
};

/// All of them, in no order that matters.
std::span<const BitmapGlyph> bitmap_font();
/// Null for a character that the font does not have.
const BitmapGlyph* find_bitmap_glyph(char32_t character);

} // namespace trapgate::window
