// SPDX-License-Identifier: MIT
// A theme as CSS, for SVG and HTML.
#pragma once

#include "frontend/paint/theme.hpp"

#include <string>

namespace trapgate::paint {

/// The fonts that documents ask for, best first.
inline constexpr std::string_view font_family =
    "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,'Liberation Mono',monospace";

/// SVG: `.ring0` colours text, `.ring0-p` the paper under it, `.ring0-s` strokes; `.ring0-i` and `.ring0-ip` are ink and paper of
/// inverse cells, `.paper` is the page.
std::string svg_rules(const Theme& theme);

/// HTML: custom properties for a rule's body: `--ring0`, its paper `--ring0-p`, the same of inverse cells `--ring0-i`, `--ring0-ip`;
/// and `color-scheme`.
std::string html_properties(const Theme& theme);
/// HTML: the rules that use them, the same for all themes.
std::string html_rules();

} // namespace trapgate::paint
