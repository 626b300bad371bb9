// SPDX-License-Identifier: MIT
// The way of a transfer through descriptors: boxes with arrows between them. When rows are scarce the arrows go first, then the
// frames.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_panels.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

using paint::Area;
using paint::Rect;
using paint::Style;

namespace {

enum class Density : u8 { Arrows, Boxes, Lines };

int box_rows(const ChainBox& box, Density density) {
    return static_cast<int>(box.lines.size()) + (density == Density::Lines ? 1 : 2);
}

int chain_rows(const ChainPanel& panel, Density density) {
    int rows = 0;
    for (const ChainBox& box : panel.boxes) rows += box_rows(box, density);
    if (density == Density::Arrows && !panel.boxes.empty()) rows += static_cast<int>(panel.boxes.size()) - 1;
    return rows;
}

Style box_style(const ChainBox& box) {
    return box.crossed_out ? Style::Dim : style_of(meaning_of(box.mark));
}

void draw_contents(Area inside, const ChainBox& box) {
    for (int y = 0; y < static_cast<int>(box.lines.size()); ++y)
        draw_line(inside, 1, y, box.lines[static_cast<std::size_t>(y)]);
}

/// Struck through behind its words: what stands there is not read.
void cross_out(Area area, const ChainBox& box) {
    for (int y = 1; y < area.height() - 1; ++y)
        for (int x = paint::width_of(box.lines[static_cast<std::size_t>(y - 1)].text()) + 3; x < area.width() - 1;
             ++x)
            if (area.grid().at(area.place().x + x, area.place().y + y).character == U' ')
                area.put(x, y, U'x', Style::Dim);
}

bool visible(Area area) {
    const Rect place = area.place();
    return paint::intersection(place, area.grid().bounds()) == place;
}

void draw_box(Area area, const ChainBox& box, Density density) {
    const Style style = box_style(box);
    if (density == Density::Lines) {
        area.put(0, 0, box.crossed_out ? U'x' : sign_of(box.mark), style);
        area.text_fitted(2, 0, area.width() - 2, box.title, style);
        draw_contents(area.part({2, 1, area.width() - 2, area.height() - 1}), box);
    } else {
        const std::string title = box.mark == Mark::None
                                      ? box.title
                                      : std::string(1, static_cast<char>(sign_of(box.mark))) + " " + box.title;
        draw_contents(area.box({0, 0, area.width(), area.height()}, title, style, style), box);
        if (box.crossed_out && visible(area)) cross_out(area, box);
        if (box.mark == Mark::Now) area.invert({2, 0, std::min(area.width() - 4, paint::width_of(title) + 2), 1});
    }
    tag(area, {0, 0, area.width(), area.height()}, box.id, box.tip, box.command);
}

int row_of_now(const ChainPanel& panel, Density density) {
    int y = 0;
    for (const ChainBox& box : panel.boxes) {
        if (box.mark == Mark::Now) return y + box_rows(box, density);
        y += box_rows(box, density);
    }
    return 0;
}

} // namespace

void draw(Area area, const ChainPanel& panel, const Drawing& drawing) {
    Area boxes = area;
    const int notes = static_cast<int>(panel.notes.size());
    Area foot = boxes.cut_bottom(std::clamp(area.height() - chain_rows(panel, Density::Lines), 0, notes));
    Density density = Density::Arrows;
    if (chain_rows(panel, density) > boxes.height()) density = Density::Boxes;
    if (chain_rows(panel, density) > boxes.height()) density = Density::Lines;
    const int all = chain_rows(panel, density);
    int y = -first_shown(all, boxes.height(), row_of_now(panel, density), drawing.scroll());
    for (std::size_t i = 0; i < panel.boxes.size(); ++i) {
        const ChainBox& box = panel.boxes[i];
        draw_box(boxes.part({1, y, boxes.width() - 2, box_rows(box, density)}), box, density);
        y += box_rows(box, density);
        if (density != Density::Arrows || i + 1 == panel.boxes.size()) continue;
        const int middle = boxes.width() / 2;
        boxes.put(middle, y, panel.boxes[i + 1].crossed_out ? U'x' : U'▼', box_style(panel.boxes[i + 1]));
        boxes.text_fitted(middle + 2, y, boxes.width() - middle - 3, box.arrow, Style::Dim);
        ++y;
    }
    for (int i = 0; i < notes; ++i) draw_line(foot, 1, i, panel.notes[static_cast<std::size_t>(i)]);
}

int rows_of(const ChainPanel& panel, int) {
    return chain_rows(panel, Density::Arrows) + static_cast<int>(panel.notes.size());
}

} // namespace trapgate::frontend::views
