// SPDX-License-Identifier: MIT
// Cells into pixels. Source: [Unicode] charts "Box Drawing", "Block Elements"; paint/line_art.hpp for what a line character is.
#include "frontend/window/canvas.hpp"

#include "frontend/paint/line_art.hpp"

#include <algorithm>

namespace trapgate::window {

namespace {

u32 packed(paint::Colour c) {
    return 0xff000000u | u32{c.red} << 16 | u32{c.green} << 8 | c.blue;
}

u8 mix(u8 paper, u8 ink, u32 share) {
    return static_cast<u8>((paper * (255 - share) + ink * share + 127) / 255);
}

paint::Colour mix(paint::Colour paper, paint::Colour ink, u32 share) {
    return {mix(paper.red, ink.red, share), mix(paper.green, ink.green, share), mix(paper.blue, ink.blue, share)};
}

/// What one sees of a cell; the node behind it does not count.
bool looks_same(const paint::Cell& a, const paint::Cell& b) {
    return a.character == b.character && a.style == b.style && a.inverse == b.inverse &&
           (a.style != paint::Style::Vga || a.vga == b.vga);
}

} // namespace

bool Canvas::draw(const paint::Grid& grid, const paint::Theme& theme, Glyphs& glyphs) {
    const CellSize size = glyphs.cell();
    const int width = grid.columns() * size.width, height = grid.rows() * size.height;
    const auto cells = static_cast<std::size_t>(grid.columns()) * static_cast<std::size_t>(grid.rows());
    const bool afresh = width != width_ || height != height_ || drawn_columns_ != grid.columns() ||
                        drawn_.size() != cells || theme_ != &theme || glyphs_ != &glyphs;
    if (afresh) {
        width_ = width, height_ = height;
        pixels_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), packed(theme.paper));
        drawn_.assign(cells, {});
        drawn_columns_ = grid.columns(), theme_ = &theme, glyphs_ = &glyphs;
    }
    bool changed = afresh;
    for (int y = 0; y < grid.rows(); ++y)
        for (int x = 0; x < grid.columns(); ++x) {
            const paint::Cell& cell = grid.at(x, y);
            paint::Cell& before = drawn_[static_cast<std::size_t>(y * grid.columns() + x)];
            if (!afresh && looks_same(cell, before)) continue;
            draw_cell(cell, x * size.width, y * size.height, theme, glyphs);
            before = cell;
            changed = true;
        }
    return changed;
}

void Canvas::fill(int x, int y, int width, int height, paint::Colour colour) {
    const u32 value = packed(colour);
    for (int row = y; row < y + height; ++row)
        std::fill_n(pixels_.begin() + static_cast<std::ptrdiff_t>(row) * width_ + x, width, value);
}

void Canvas::draw_cell(const paint::Cell& cell, int x, int y, const paint::Theme& theme, Glyphs& glyphs) {
    const CellSize size = glyphs.cell();
    const paint::Ink ink = paint::resolve(theme, cell);
    fill(x, y, size.width, size.height, ink.paper);
    const int thin = std::max(1, size.height / 16);
    if (cell.character != U' ' && !draw_lines(cell.character, x, y, size, ink.ink) &&
        !draw_head(cell.character, x, y, size, ink.ink) && !draw_block(cell.character, x, y, size, ink))
        draw_glyph(glyphs.glyph(cell.character, ink.bold), x, y, size, ink);
    if (ink.underline) fill(x, y + size.height - 2 * thin, size.width, thin, ink.ink);
    if (ink.strike && cell.character != U' ') fill(x, y + size.height / 2, size.width, thin, ink.ink);
}

void Canvas::draw_glyph(const Coverage& coverage, int x, int y, CellSize size, const paint::Ink& ink) {
    for (int row = 0; row < size.height; ++row) {
        const auto start = static_cast<std::size_t>(row * size.width);
        u32* out = &pixels_[static_cast<std::size_t>(y + row) * static_cast<std::size_t>(width_) +
                            static_cast<std::size_t>(x)];
        for (int column = 0; column < size.width; ++column)
            if (const u8 share = coverage[start + static_cast<std::size_t>(column)])
                out[column] = packed(mix(ink.paper, ink.ink, share));
    }
}

bool Canvas::draw_lines(char32_t character, int x, int y, CellSize size, paint::Colour ink) {
    const auto arms = paint::arms_of(character);
    if (!arms) return false;
    const int thin = std::max(1, size.height / 16);
    const auto thickness = [&](paint::Weight weight) { return weight == paint::Weight::Heavy ? 3 * thin : thin; };
    // Every arm reaches from its edge to the far side of the thickest line that crosses it, so that corners have no notches.
    const auto none = paint::Weight::None;
    const int upright =
        std::max(arms->up == none ? 0 : thickness(arms->up), arms->down == none ? 0 : thickness(arms->down));
    const int level =
        std::max(arms->left == none ? 0 : thickness(arms->left), arms->right == none ? 0 : thickness(arms->right));
    const int middle_x = size.width / 2, middle_y = size.height / 2;
    const auto across = [](int middle, int thick) { return middle - thick / 2; };
    const int cross_x = std::max(upright, 1), cross_y = std::max(level, 1);
    const int right_of_cross = across(middle_x, cross_x) + cross_x,
              below_cross = across(middle_y, cross_y) + cross_y;
    if (arms->left != none)
        fill(x, y + across(middle_y, thickness(arms->left)), right_of_cross, thickness(arms->left), ink);
    if (arms->right != none)
        fill(x + across(middle_x, cross_x), y + across(middle_y, thickness(arms->right)),
             size.width - across(middle_x, cross_x), thickness(arms->right), ink);
    if (arms->up != none) fill(x + across(middle_x, thickness(arms->up)), y, thickness(arms->up), below_cross, ink);
    if (arms->down != none)
        fill(x + across(middle_x, thickness(arms->down)), y + across(middle_y, cross_y), thickness(arms->down),
             size.height - across(middle_y, cross_y), ink);
    return true;
}

bool Canvas::draw_head(char32_t character, int x, int y, CellSize size, paint::Colour ink) {
    const auto head = paint::head_of(character);
    if (!head) return false;
    using paint::Direction;
    const bool upright = *head == Direction::Up || *head == Direction::Down;
    const int length = upright ? size.width : size.width - 1, half = size.width / 2;
    const int top = y + (size.height - (upright ? length : 2 * half)) / 2;
    for (int step = 0; step < length; ++step) {
        const bool grows = *head == Direction::Up || *head == Direction::Left;
        const int spread = (grows ? step : length - 1 - step) * half / std::max(1, length - 1);
        if (upright)
            fill(x + half - spread, top + step, std::min(2 * spread + 1, size.width - half + spread), 1, ink);
        else
            fill(x + step, y + size.height / 2 - spread, 1, 2 * spread + 1, ink);
    }
    return true;
}

bool Canvas::draw_block(char32_t character, int x, int y, CellSize size, const paint::Ink& ink) {
    const int w = size.width, h = size.height;
    if (character >= U'▁' && character <= U'█') { // lower eighths
        const int part = h * static_cast<int>(character - U'▁' + 1) / 8;
        fill(x, y + h - part, w, part, ink.ink);
        return true;
    }
    switch (character) {
    case U'▀': fill(x, y, w, h / 2, ink.ink); return true;
    case U'▌': fill(x, y, w / 2, h, ink.ink); return true;
    case U'▐': fill(x + w / 2, y, w - w / 2, h, ink.ink); return true;
    case U'■': fill(x + 1, y + h / 2 - w / 2 + 1, w - 2, w - 2, ink.ink); return true;
    case U'░': fill(x, y, w, h, mix(ink.paper, ink.ink, 64)); return true;
    case U'▒': fill(x, y, w, h, mix(ink.paper, ink.ink, 128)); return true;
    case U'▓': fill(x, y, w, h, mix(ink.paper, ink.ink, 192)); return true;
    default: return false;
    }
}

} // namespace trapgate::window
