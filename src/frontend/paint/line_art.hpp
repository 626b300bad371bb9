// SPDX-License-Identifier: MIT
// Box-drawing characters as strokes and heads of arrows as triangles, so that drawn pictures (SVG, the window) have unbroken lines
// in any font. Units are cells; a stroke runs from the middle of a cell to its edges.
#pragma once

#include "frontend/paint/grid.hpp"

#include <array>
#include <optional>
#include <vector>

namespace trapgate::paint {

enum class Weight : u8 { None, Light, Heavy };

/// What leaves the middle of a cell, and how heavy.
struct Arms {
    Weight up = Weight::None, right = Weight::None, down = Weight::None, left = Weight::None;
    bool operator==(const Arms&) const = default;
};
/// Nothing for characters that are no lines.
std::optional<Arms> arms_of(char32_t character);

/// A stroke, in half cells: columns 2x (left edge), 2x+1 (middle), 2x+2 (right edge); rows the same.
struct Stroke {
    Point from, to; ///< from is left of or above to
    Style style;
    Weight weight;
    bool operator==(const Stroke&) const = default;
};
/// All strokes of the grid, neighbours joined. Inverse cells are left out: they are drawn as text.
std::vector<Stroke> strokes_of(const Grid& grid);

enum class Direction : u8 { Up, Right, Down, Left };
/// For ▲ ► ▼ ◄.
std::optional<Direction> head_of(char32_t character);

/// Whether this cell is drawn as strokes or a head rather than as text.
bool is_line_art(const Cell& cell);

} // namespace trapgate::paint
