// SPDX-License-Identifier: MIT
// Themes: what the style tokens look like. Shared by all back ends, the window included. Colour is never the only carrier of a
// meaning: the layouts set marks and words as well, and the theme `mono` proves it.
// Source of the contrast that the colours keep: [WCAG 2.2] "Contrast (Minimum)" 4.5:1, "Contrast (Enhanced)" 7:1 for high-contrast.
#pragma once

#include "base/result.hpp"
#include "frontend/paint/grid.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace trapgate::paint {

struct Colour {
    u8 red = 0, green = 0, blue = 0;
    bool operator==(const Colour&) const = default;
};

/// "#5aa2ff".
std::string to_hex(Colour colour);
/// How well one is read on the other: 1 to 21.
double contrast(Colour one, Colour other);

struct Look {
    Colour ink;
    std::optional<Colour> paper = std::nullopt; ///< none: the theme's
    bool bold = false;
    bool underline = false;
    bool strike = false; ///< crossed out
};

struct Theme {
    std::string_view name;
    bool dark;       ///< light ink on dark paper
    double contrast; ///< that all its inks have on their papers, at least
    Colour paper;
    std::array<Look, style_count> looks;
    const Look& look(Style style) const { return looks[static_cast<std::size_t>(style)]; }
};

/// A cell with everything decided.
struct Ink {
    Colour ink, paper;
    bool bold = false, underline = false, strike = false;
    bool operator==(const Ink&) const = default;
};
Ink resolve(const Theme& theme, const Cell& cell);
/// Whether inverse cells of this token are badges; else they are part of a marked row.
bool is_badge(Style style);

/// dark (the default), light, high-contrast, mono.
std::span<const Theme> all_themes();
const Theme& default_theme();
/// An unknown name is an error with exit code 2 that lists the themes or names the nearest.
Result<const Theme*> find_theme(std::string_view name);

/// The 16 colours of the VGA's text screen as its DAC is loaded by a BIOS.
Colour vga_colour(u8 index);

} // namespace trapgate::paint
