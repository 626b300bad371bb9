// SPDX-License-Identifier: MIT
// The SVG back end: a picture for slides and papers. Its text is text (it can be selected and searched), its lines are strokes.
// Source: [SVG 2] "Text", "The 'title' and 'desc' elements". Browsers want CSS white-space, librsvg xml:space="preserve": both are there.
#pragma once

#include "frontend/paint/theme.hpp"

#include <string>

namespace trapgate::paint {

/// A whole document. Without a theme the reader's system decides between light and dark (prefers-color-scheme); programs that know
/// nothing of that show it light.
std::string svg(const Grid& grid, const Theme* theme = nullptr);

} // namespace trapgate::paint
