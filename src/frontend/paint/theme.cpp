// SPDX-License-Identifier: MIT
// The colours of the four themes: one row per token, one column per theme. tests/frontend/paint_theme.cpp measures their contrast.
#include "frontend/paint/theme.hpp"

#include "frontend/suggest.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace trapgate::paint {

namespace {

constexpr Colour hex(u32 rgb) {
    return {static_cast<u8>(rgb >> 16), static_cast<u8>(rgb >> 8), static_cast<u8>(rgb)};
}

constexpr Look plain(u32 ink) {
    return {.ink = hex(ink)};
}
constexpr Look bold(u32 ink) {
    return {.ink = hex(ink), .bold = true};
}
constexpr Look underlined(u32 ink) {
    return {.ink = hex(ink), .underline = true};
}
constexpr Look struck(u32 ink) {
    return {.ink = hex(ink), .strike = true};
}
constexpr Look on(u32 paper, u32 ink) {
    return {.ink = hex(ink), .paper = hex(paper), .bold = true};
}

/// The looks of one token in all themes.
struct Row {
    Style style;
    Look dark, light, high_contrast, mono;
};

constexpr u32 black = 0x000000, white = 0xffffff;

// clang-format off
constexpr std::array<Row, style_count> rows{{
    {Style::Text,    plain(0xe4e6eb),        plain(0x1b1e24),        plain(white),           plain(black)},
    {Style::Dim,     plain(0x9096a2),        plain(0x5c6370),        plain(0xd0d0d0),        plain(0x505050)},
    {Style::Frame,   plain(0x626a79),        plain(0x868d99),        plain(0xc0c0c0),        plain(0x505050)},
    {Style::Title,   bold(white),            bold(black),            bold(white),            bold(black)},
    {Style::Key,     bold(0xe4e6eb),         bold(0x1b1e24),         bold(white),            bold(black)},
    {Style::Ring3,   plain(0x62a8ff),        plain(0x0b57d0),        plain(0x86c8ff),        plain(black)},
    {Style::Ring0,   plain(0xff7272),        plain(0xbf1f1c),        plain(0xffa0a0),        bold(black)},
    {Style::Between, plain(0xd19bff),        plain(0x762bbd),        plain(0xdfbbff),        underlined(black)},
    {Style::Cpu,     plain(0xffd75e),        plain(0x815a00),        plain(0xffe14d),        bold(black)},
    {Style::Entry,   plain(0x69dc8b),        plain(0x116b2d),        plain(0x6bff8f),        plain(black)},
    {Style::Kernel,  plain(0x55d3dd),        plain(0x0a6573),        plain(0x6ff2ff),        plain(black)},
    {Style::Now,     on(0x51451f, 0xffe9a6), on(0xffe69a, 0x362a00), on(0xffe14d, black),    on(black, white)},
    {Style::NotYet,  plain(0x838a97),        plain(0x686f7b),        plain(0xb4b4b4),        plain(0x505050)},
    {Style::Crossed, struck(0x838a97),       struck(0x686f7b),       struck(0xb4b4b4),       struck(0x505050)},
    {Style::Changed, bold(0xffab6b),         bold(0xa04000),         bold(0xffba75),         bold(black)},
    {Style::Good,    plain(0xa9d8b0),        plain(0x376b3f),        plain(0xb8ffc2),        plain(black)},
    {Style::Warning, bold(0xff93d9),         bold(0xa1127a),         bold(0xffa8e8),         underlined(black)},
    {Style::Bad,     on(0xb3261e, white),    on(0xb3261e, white),    on(0x990000, white),    on(black, white)},
    {Style::Vga,     plain(0xaaaaaa),        plain(0x1b1e24),        plain(white),           plain(black)},
}};
// clang-format on

constexpr Theme theme(std::string_view name, bool dark, double contrast, u32 paper, Look Row::*column) {
    Theme theme{name, dark, contrast, hex(paper), {}};
    for (const Row& row : rows) theme.looks[static_cast<std::size_t>(row.style)] = row.*column;
    return theme;
}

constexpr bool in_order() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].style != static_cast<Style>(i)) return false;
    return true;
}
static_assert(in_order(), "each token of styles.def has its row, in the same order");

constexpr std::array themes{
    theme("dark", true, 4.5, 0x101217, &Row::dark),
    theme("light", false, 4.5, white, &Row::light),
    theme("high-contrast", true, 7, black, &Row::high_contrast),
    theme("mono", false, 4.5, white, &Row::mono),
};

constexpr u32 vga_colours[16] = {0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
                                 0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff};

double luminance(Colour colour) {
    const auto linear = [](u8 channel) {
        const double value = channel / 255.0;
        return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

/// A row that is marked has one paper from end to end. Inks that cannot be read on it become that of Style::Now.
void mark(Ink& ink, const Theme& theme) {
    const Look& now = theme.look(Style::Now);
    ink.paper = now.paper.value_or(theme.paper);
    ink.bold = true;
    if (contrast(ink.ink, ink.paper) < theme.contrast) ink.ink = now.ink;
}

} // namespace

bool is_badge(Style style) {
    switch (style) {
    case Style::Frame:
    case Style::Title:
    case Style::Key:
    case Style::Ring3:
    case Style::Ring0:
    case Style::Between:
    case Style::Warning:
    case Style::Bad:
    case Style::Vga: return true;
    default: return false;
    }
}

std::string to_hex(Colour colour) {
    return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

double contrast(Colour one, Colour other) {
    const double a = luminance(one), b = luminance(other);
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

Ink resolve(const Theme& theme, const Cell& cell) {
    const Look& look = theme.look(cell.style);
    Ink ink{look.ink, look.paper.value_or(theme.paper), look.bold, look.underline, look.strike};
    // Bit 7 of the attribute is blinking after a BIOS's mode set, so the paper has 8 colours.
    if (cell.style == Style::Vga) ink = {vga_colour(cell.vga & 15), vga_colour(cell.vga >> 4 & 7)};
    if (!cell.inverse) return ink;
    if (is_badge(cell.style))
        std::swap(ink.ink, ink.paper);
    else
        mark(ink, theme);
    return ink;
}

std::span<const Theme> all_themes() {
    return themes;
}

const Theme& default_theme() {
    return themes[0];
}

Result<const Theme*> find_theme(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Theme& theme : themes) {
        if (theme.name == name) return &theme;
        names.push_back(theme.name);
    }
    if (const auto meant = frontend::nearest_word(name, names))
        return Error{fmt::format("{}: no such theme; did you mean {}?", name, *meant), 2};
    return Error{fmt::format("{}: no such theme; there are {}", name, fmt::join(names, ", ")), 2};
}

Colour vga_colour(u8 index) {
    return hex(vga_colours[index & 15]);
}

} // namespace trapgate::paint
