// SPDX-License-Identifier: MIT
// The text back end: what golden files hold and what a terminal without colour shows.
#pragma once

#include "frontend/paint/grid.hpp"

#include <string>

namespace trapgate::paint {

/// UTF-8, one line per row, each ended by a newline, trailing spaces cut.
std::string text(const Grid& grid);
/// One row of it, without the newline.
std::string text_of_row(const Grid& grid, int y);

} // namespace trapgate::paint
