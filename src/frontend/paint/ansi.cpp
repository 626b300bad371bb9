// SPDX-License-Identifier: MIT
// Style tokens to SGR sequences.
#include "frontend/paint/ansi.hpp"

#include "frontend/paint/text.hpp"
#include "frontend/paint/unicode.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace trapgate::paint {

namespace {

struct Basic {
    Style style;
    std::string_view sixteen, mono;
};

constexpr Basic basics[] = {
    {Style::Text, "", ""},      {Style::Dim, "90", "2"},         {Style::Frame, "90", "2"},
    {Style::Title, "1", "1"},   {Style::Key, "1", "1"},          {Style::Ring3, "94", ""},
    {Style::Ring0, "91", "1"},  {Style::Between, "95", "4"},     {Style::Cpu, "93", "1"},
    {Style::Entry, "92", ""},   {Style::Kernel, "96", ""},       {Style::Now, "1;7", "1;7"},
    {Style::NotYet, "90", "2"}, {Style::Crossed, "90;9", "2;9"}, {Style::Changed, "1;33", "1"},
    {Style::Good, "32", ""},    {Style::Warning, "1;35", "4"},   {Style::Bad, "1;97;41", "1;7"},
    {Style::Vga, "", ""},
};

std::string_view basic(Style style, ColourDepth depth) {
    const auto found = std::ranges::find(basics, style, &Basic::style);
    return depth == ColourDepth::Mono ? found->mono : found->sixteen;
}

// The order of colours in VGA's attribute is blue, green, red; in SGR it is red, green, blue.
int sgr_of_vga(u8 index) {
    return (index & 1) << 2 | (index & 2) | (index & 4) >> 2;
}

std::string vga_sixteen(u8 attribute) {
    const int ink = ((attribute & 8) ? 90 : 30) + sgr_of_vga(attribute & 7);
    return fmt::format("{};{}", ink, 40 + sgr_of_vga(attribute >> 4 & 7));
}

/// The nearest of xterm's 6x6x6 cube or its 24 greys.
int indexed(Colour colour) {
    constexpr int levels[] = {0, 95, 135, 175, 215, 255};
    const auto distance = [&](int r, int g, int b) {
        const int dr = colour.red - r, dg = colour.green - g, db = colour.blue - b;
        return dr * dr + dg * dg + db * db;
    };
    const auto level = [&](int value) {
        int best = 0;
        for (int i = 1; i < 6; ++i)
            if (std::abs(levels[i] - value) < std::abs(levels[best] - value)) best = i;
        return best;
    };
    const int r = level(colour.red), g = level(colour.green), b = level(colour.blue);
    const int mean = (colour.red + colour.green + colour.blue) / 3;
    const int step = std::clamp((mean - 8 + 5) / 10, 0, 23), grey = 8 + 10 * step;
    if (distance(grey, grey, grey) < distance(levels[r], levels[g], levels[b])) return 232 + step;
    return 16 + 36 * r + 6 * g + b;
}

std::string colour_parameters(const Ink& ink, ColourDepth depth) {
    const std::string attributes =
        fmt::format("{}{}{}", ink.bold ? ";1" : "", ink.underline ? ";4" : "", ink.strike ? ";9" : "");
    if (depth == ColourDepth::Indexed)
        return fmt::format("38;5;{};48;5;{}{}", indexed(ink.ink), indexed(ink.paper), attributes);
    return fmt::format("38;2;{};{};{};48;2;{};{};{}{}", ink.ink.red, ink.ink.green, ink.ink.blue, ink.paper.red,
                       ink.paper.green, ink.paper.blue, attributes);
}

/// What goes between "\x1b[0" and "m": empty, or starting with a semicolon.
std::string parameters(const Cell& cell, const Theme& theme, ColourDepth depth) {
    if (depth >= ColourDepth::Indexed) return ";" + colour_parameters(resolve(theme, cell), depth);
    // A marked row is one band, whatever it is made of.
    if (cell.inverse && !is_badge(cell.style)) return ";1;7";
    std::string out;
    if (cell.style == Style::Vga && depth == ColourDepth::Sixteen)
        out = ";" + vga_sixteen(cell.vga);
    else if (const auto codes = basic(cell.style, depth); !codes.empty())
        out = fmt::format(";{}", codes);
    const bool already = cell.style == Style::Bad && depth == ColourDepth::Mono;
    if (cell.inverse && !already) out += ";7";
    return out;
}

bool is_set(const char* value) {
    return value && *value;
}

} // namespace

TerminalVariables TerminalVariables::of_this_process() {
    return {std::getenv("NO_COLOR"), std::getenv("TERM"), std::getenv("COLORTERM")};
}

ColourDepth depth_of(const TerminalVariables& variables) {
    const std::string_view term = variables.term ? variables.term : "";
    const std::string_view colorterm = variables.colorterm ? variables.colorterm : "";
    if (term.empty() || term == "dumb") return ColourDepth::Plain;
    if (is_set(variables.no_color) || term.starts_with("vt1") || term.starts_with("vt2")) return ColourDepth::Mono;
    if (colorterm == "truecolor" || colorterm == "24bit") return ColourDepth::TrueColour;
    if (term.find("256") != std::string_view::npos) return ColourDepth::Indexed;
    return ColourDepth::Sixteen;
}

bool locale_is_utf8() {
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (!is_set(value)) continue;
        std::string lower(value);
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return lower.find("utf-8") != std::string::npos || lower.find("utf8") != std::string::npos;
    }
    return false;
}

std::string ansi_row(const Grid& grid, int y, const Theme& theme, ColourDepth depth) {
    if (depth == ColourDepth::Plain) return text_of_row(grid, y);
    std::string out, last;
    for (int x = 0; x < grid.columns(); ++x) {
        const Cell& cell = grid.at(x, y);
        std::string now = parameters(cell, theme, depth);
        if (now != last) out += fmt::format("\x1b[0{}m", now);
        append_utf8(out, cell.character);
        last = std::move(now);
    }
    return last.empty() ? out : out + "\x1b[0m";
}

std::string ansi(const Grid& grid, const Theme& theme, ColourDepth depth) {
    std::string out;
    for (int y = 0; y < grid.rows(); ++y) out += ansi_row(grid, y, theme, depth) + "\n";
    return out;
}

} // namespace trapgate::paint
