// SPDX-License-Identifier: MIT
// The parts that an HTML document is made of (html.cpp puts them together).
#pragma once

#include "frontend/paint/html.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::paint {

/// The frames as JSON. Rows that are equal in several frames are stored once, which keeps a long range small.
std::string html_data(const std::vector<Frame>& frames);
/// One frame as markup: what one sees before the script runs, or without it.
std::string html_screen(const Grid& grid);
/// The text of each panel (node of role Region) by itself, top to bottom: what lies side by side on the screen, in reading order.
struct OutlinePart {
    std::string label;
    std::vector<std::string> lines;
};
std::vector<OutlinePart> outline(const Grid& grid);

extern const std::string_view html_style;  ///< rules that do not depend on a theme
extern const std::string_view html_script; ///< the whole script
extern const std::string_view html_keys;   ///< the contents of the help dialog

} // namespace trapgate::paint
