// SPDX-License-Identifier: MIT
// A grid of cells as pixels. The window shows these pixels and a PNG file holds them, so the two cannot differ, whatever driver
// SDL uses. Lines, blocks and heads of arrows are drawn, not taken from a font: so they join at every size.
#pragma once

#include "frontend/paint/grid.hpp"
#include "frontend/paint/theme.hpp"
#include "frontend/window/glyphs.hpp"

#include <span>
#include <vector>

namespace trapgate::window {

class Canvas {
  public:
    int width() const { return width_; }
    int height() const { return height_; }
    /// 0xffRRGGBB, row by row.
    std::span<const u32> pixels() const { return pixels_; }

    /// Draws the grid, as large as it is in this font. Cells that look as the last time are not drawn again, unless theme or font
    /// changed. True if any pixel was drawn.
    bool draw(const paint::Grid& grid, const paint::Theme& theme, Glyphs& glyphs);

  private:
    void fill(int x, int y, int width, int height, paint::Colour colour);
    void draw_cell(const paint::Cell& cell, int x, int y, const paint::Theme& theme, Glyphs& glyphs);
    void draw_glyph(const Coverage& coverage, int x, int y, CellSize size, const paint::Ink& ink);
    bool draw_lines(char32_t character, int x, int y, CellSize size, paint::Colour ink);
    bool draw_head(char32_t character, int x, int y, CellSize size, paint::Colour ink);
    bool draw_block(char32_t character, int x, int y, CellSize size, const paint::Ink& ink);

    int width_ = 0, height_ = 0;
    std::vector<u32> pixels_;
    std::vector<paint::Cell> drawn_; ///< what stands in pixels_, row by row; empty: nothing
    int drawn_columns_ = 0;
    const paint::Theme* theme_ = nullptr;
    const Glyphs* glyphs_ = nullptr;
};

} // namespace trapgate::window
