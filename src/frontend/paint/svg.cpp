// SPDX-License-Identifier: MIT
// The grid as SVG: first papers, then lines, then text.
#include "frontend/paint/svg.hpp"

#include "frontend/paint/css.hpp"
#include "frontend/paint/line_art.hpp"
#include "frontend/paint/runs.hpp"
#include "frontend/paint/unicode.hpp"

#include <array>
#include <fmt/format.h>
#include <map>

namespace trapgate::paint {

namespace {

constexpr int cell_width = 9, cell_height = 18, font_size = 15, baseline = 14, margin = 9;

std::string style_sheet(const Theme* theme) {
    std::string out =
        fmt::format("<style>\ntext{{font:{}px {};white-space:pre}}.light,.heavy{{fill:none;stroke-linecap:square}}"
                    ".light{{stroke-width:1.25}}.heavy{{stroke-width:6;stroke-linecap:butt}}\n",
                    font_size, font_family);
    if (theme) return out + svg_rules(*theme) + "</style>\n";
    out += svg_rules(*find_theme("light").value());
    out += "@media (prefers-color-scheme:dark){\n" + svg_rules(*find_theme("dark").value()) + "}\n";
    out += "@media (prefers-contrast:more){\n" + svg_rules(*find_theme("high-contrast").value()) + "}\n";
    return out + "</style>\n";
}

/// The guest's own colours need no theme.
std::string vga_fill(const Cell& look, bool paper) {
    const Ink ink = resolve(default_theme(), look);
    return fmt::format(" fill=\"{}\"", to_hex(paper ? ink.paper : ink.ink));
}

std::string paper_of(const Run& run, int y, const Theme& theme) {
    std::string fill;
    if (run.look.style == Style::Vga)
        fill = vga_fill(run.look, true);
    else if (run.look.inverse)
        fill = fmt::format(" class=\"{}-ip\"", token(run.look.style));
    else if (theme.look(run.look.style).paper)
        fill = fmt::format(" class=\"{}-p\"", token(run.look.style));
    else
        return {};
    return fmt::format("<rect{} x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", fill, run.x * cell_width,
                       y * cell_height, run.length * cell_width, cell_height);
}

/// The run with its line art and the blanks at its ends taken out.
std::u32string words_of(const Run& run, int& x) {
    std::u32string text = run.text;
    for (char32_t& c : text) {
        Cell cell = run.look;
        cell.character = c;
        if (is_line_art(cell)) c = U' ';
    }
    const std::size_t first = text.find_first_not_of(U' ');
    if (first == std::u32string::npos) return {};
    x = run.x + static_cast<int>(first);
    return text.substr(first, text.find_last_not_of(U' ') - first + 1);
}

std::string text_of(const Grid& grid, const Run& run, int y) {
    int x = 0;
    const std::u32string words = words_of(run, x);
    if (words.empty()) return {};
    const std::string kind = run.look.style == Style::Vga ? vga_fill(run.look, false)
                                                          : fmt::format(" class=\"{}{}\"", token(run.look.style),
                                                                        run.look.inverse ? "-i" : "");
    const Node* node = grid.node(run.look.node);
    const std::string tooltip =
        node && !node->tooltip.empty() ? fmt::format("<title>{}</title>", escape_markup(node->tooltip)) : "";
    // The length keeps the columns straight in fonts of another width.
    return fmt::format(
        "<text{} x=\"{}\" y=\"{}\" textLength=\"{}\" lengthAdjust=\"spacingAndGlyphs\">{}{}</text>\n", kind,
        x * cell_width, y * cell_height + baseline, static_cast<int>(words.size()) * cell_width, tooltip,
        escape_markup(to_utf8(words)));
}

/// All strokes of a style and weight are one path.
std::string strokes(const Grid& grid) {
    std::map<std::pair<Style, Weight>, std::string> paths;
    for (const Stroke& stroke : strokes_of(grid)) {
        const double x = stroke.from.x * cell_width / 2.0, y = stroke.from.y * cell_height / 2.0;
        const bool flat = stroke.from.y == stroke.to.y;
        const double length = flat ? (stroke.to.x - stroke.from.x) * cell_width / 2.0
                                   : (stroke.to.y - stroke.from.y) * cell_height / 2.0;
        paths[{stroke.style, stroke.weight}] += fmt::format("M{} {}{}{}", x, y, flat ? "h" : "v", length);
    }
    std::string out;
    for (const auto& [key, path] : paths)
        out += fmt::format("<path class=\"{}-s {}\" d=\"{}\"/>\n", token(key.first),
                           key.second == Weight::Heavy ? "heavy" : "light", path);
    return out;
}

std::string heads(const Grid& grid) {
    // Relative to the middle of the cell.
    constexpr std::array<std::string_view, 4> triangles{"m-4.5 4l4.5 -9l4.5 9z", "m-4.5 -5l9 5l-9 5z",
                                                        "m-4.5 -4l4.5 9l4.5 -9z", "m4.5 -5l-9 5l9 5z"};
    std::string out;
    for (int y = 0; y < grid.rows(); ++y)
        for (int x = 0; x < grid.columns(); ++x) {
            const auto head = head_of(grid.at(x, y).character);
            if (!head || !is_line_art(grid.at(x, y))) continue;
            out += fmt::format("<path class=\"{}\" d=\"M{} {}{}\"/>\n", token(grid.at(x, y).style),
                               x * cell_width + cell_width / 2.0, y * cell_height + cell_height / 2.0,
                               triangles[static_cast<std::size_t>(*head)]);
        }
    return out;
}

} // namespace

std::string svg(const Grid& grid, const Theme* theme) {
    const int width = grid.columns() * cell_width + 2 * margin, height = grid.rows() * cell_height + 2 * margin;
    std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title "
                                  "desc\" xml:space=\"preserve\" "
                                  "width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\">\n<title "
                                  "id=\"title\">{2}</title>\n<desc id=\"desc\">{3}</desc>\n",
                                  width, height, escape_markup(grid.title), escape_markup(grid.caption));
    out += style_sheet(theme);
    out += fmt::format("<rect class=\"paper\" width=\"{}\" height=\"{}\"/>\n<g transform=\"translate({},{})\">\n",
                       width, height, margin, margin);
    const Theme& papers = theme ? *theme : default_theme();
    std::string texts;
    for (int y = 0; y < grid.rows(); ++y)
        for (const Run& run : runs_of_row(grid, y)) {
            out += paper_of(run, y, papers);
            texts += text_of(grid, run, y);
        }
    return out + strokes(grid) + heads(grid) + texts + "</g>\n</svg>\n";
}

} // namespace trapgate::paint
