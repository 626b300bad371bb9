// SPDX-License-Identifier: MIT
// Characters as coverage: how much of each pixel of a cell a glyph covers. Two sources: a font file through SDL2_ttf, for the eye;
// the built-in bitmap font, for exact tests and where no font is installed. Every glyph is made once and kept.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <memory>
#include <string>
#include <vector>

namespace trapgate::window {

/// Size of a cell in pixels.
struct CellSize {
    int width = 8, height = 16;
    bool operator==(const CellSize&) const = default;
};

/// Coverage 0–255 of a cell's pixels, row by row; empty: nothing to draw.
using Coverage = std::vector<u8>;

class Glyphs {
  public:
    virtual ~Glyphs() = default;
    virtual CellSize cell() const = 0;
    /// Valid as long as this. A character that the font lacks looks like U+FFFD.
    virtual const Coverage& glyph(char32_t character, bool bold) = 0;
    /// "DejaVu Sans Mono 15", for `help`-like lines.
    virtual std::string name() const = 0;
};

/// The built-in font, each of its pixels `scale` pixels wide and high.
std::unique_ptr<Glyphs> bitmap_glyphs(int scale = 1);
/// A font file at so many pixels of height per line.
Result<std::unique_ptr<Glyphs>> font_file_glyphs(const std::string& path, int line_height);
/// DejaVu Sans Mono where Linux distributions put it; otherwise the built-in font as large as fits. Never fails.
/// TRAPGATE_FONT in the environment names another font file, or `builtin`.
std::unique_ptr<Glyphs> best_glyphs(int line_height);

} // namespace trapgate::window
