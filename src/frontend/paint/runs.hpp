// SPDX-License-Identifier: MIT
// A row of cells as runs of equal look, and the escaping of text for markup: what SVG and HTML have in common.
#pragma once

#include "frontend/paint/grid.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::paint {

struct Run {
    int x = 0, length = 0; ///< columns
    std::u32string text;
    Cell look; ///< of its first cell (the character does not count)
};

/// From left to right, without gaps. Neighbours differ in style, inverse, vga or node.
std::vector<Run> runs_of_row(const Grid& grid, int y);

/// For XML and HTML: text and quoted attributes. Control characters that XML forbids become U+FFFD.
std::string escape_markup(std::string_view utf8);
/// A quoted JSON string, safe inside a <script> element as well.
std::string json_string(std::string_view utf8);

} // namespace trapgate::paint
