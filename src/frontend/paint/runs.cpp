// SPDX-License-Identifier: MIT
// Runs of equal look; escaping.
// Source: [XML 1.0] "Predefined Entities", "Characters"; RFC 8259 "Strings"; [HTML] "Restrictions for contents of script elements".
#include "frontend/paint/runs.hpp"

#include <fmt/format.h>

namespace trapgate::paint {

namespace {

bool look_the_same(const Cell& a, const Cell& b) {
    return a.style == b.style && a.inverse == b.inverse && a.node == b.node &&
           (a.style != Style::Vga || a.vga == b.vga);
}

} // namespace

std::vector<Run> runs_of_row(const Grid& grid, int y) {
    std::vector<Run> runs;
    for (int x = 0; x < grid.columns(); ++x) {
        const Cell& cell = grid.at(x, y);
        if (runs.empty() || !look_the_same(runs.back().look, cell)) runs.push_back({x, 0, {}, cell});
        runs.back().text.push_back(cell.character);
        ++runs.back().length;
    }
    return runs;
}

std::string escape_markup(std::string_view utf8) {
    std::string out;
    for (const char c : utf8) switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        case '\'': out += "&#39;"; break;
        default: out += static_cast<u8>(c) < 0x20 && c != '\n' && c != '\t' ? "\uFFFD" : std::string(1, c);
        }
    return out;
}

std::string json_string(std::string_view utf8) {
    std::string out = "\"";
    for (const char c : utf8) switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\n': out += "\\n"; break;
        case '<': out += "\\u003c"; break; // no "</script" and no "<!--"
        default:
            if (static_cast<u8>(c) < 0x20)
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            else
                out.push_back(c);
        }
    return out + "\"";
}

} // namespace trapgate::paint
