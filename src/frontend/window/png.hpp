// SPDX-License-Identifier: MIT
// The PNG back end: the pixels of the window without a window. Needs no display and starts no part of SDL's video.
#pragma once

#include "base/result.hpp"
#include "frontend/paint/grid.hpp"
#include "frontend/paint/theme.hpp"
#include "frontend/window/canvas.hpp"
#include "frontend/window/glyphs.hpp"

#include <string>

namespace trapgate::window {

/// For the eye: in the best font there is (best_glyphs()), 18 pixels a row.
Status write_png(const paint::Grid& grid, const paint::Theme& theme, const std::string& path);
/// In this font. With the built-in one the same grid and theme give the same pixels on every machine.
Status write_png(const paint::Grid& grid, const paint::Theme& theme, const std::string& path, Glyphs& glyphs);
/// Pixels that are there already.
Status write_png(const Canvas& canvas, const std::string& path);

} // namespace trapgate::window
