// SPDX-License-Identifier: MIT
// The page everybody comes for. Three shapes: everything at once; steps, stack and registers with the rest behind digits; one panel.
#include "frontend/views/layout.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

using paint::Area;

namespace {

constexpr int whole_columns = 116, whole_rows = 36; ///< from here on everything fits
constexpr int two_columns = 76, two_rows = 16;

void draw_if(Area area, const ViewModel& model, std::string_view id, const Options& options) {
    if (const Panel* panel = model.find(id)) draw_panel(area, *panel, options);
}

int height_of(const ViewModel& model, std::string_view id, int width, int otherwise) {
    const Panel* panel = model.find(id);
    return panel ? natural_height(*panel, width) : otherwise;
}

/// Three columns above; registers, and time above the user's stack; what happened.
void draw_whole(Area area, const ViewModel& model, const Options& options) {
    const int width = area.width();
    constexpr int caption = 6; // always the same, so that nothing jumps from step to step
    draw_if(area.cut_bottom(caption), model, "caption", options);
    const int middle = std::clamp((area.height() - 25) / 2 + 6, 9, 26);
    Area below = area.cut_bottom(middle);
    const int left = width / 3;
    Area top = area;
    draw_if(top.cut_left(left), model, "steps", options);
    draw_if(top.cut_right(left), model, "kernel-stack", options);
    draw_if(top, model, "chain", options);
    draw_if(below.cut_left(left), model, "registers", options);
    draw_if(below.cut_top(height_of(model, "timeline", below.width(), 6) - (middle < 11)), model, "timeline",
            options);
    draw_if(below, model, "user-stack", options);
}

bool is_always_there(std::string_view id) {
    return id == "steps" || id == "registers" || id == "caption";
}

/// Steps on the left; on the right the stack and the registers, or the panel that was asked for.
void draw_two_columns(Area area, const ViewModel& model, const Options& options) {
    draw_tabs(area.cut_bottom(1), model, options.panel);
    if (const Panel* caption = model.find("caption")) {
        const Area rows = area.cut_bottom(area.height() >= 30 ? 4 : 2);
        const auto* content = std::get_if<CaptionPanel>(&caption->content);
        const Area text = rows.part({1, 0, rows.width() - 2, rows.height()});
        if (options.panel == "caption" || !content)
            draw_panel(rows, *caption, options);
        else
            text.paragraph(0, text.paragraph(0, 0, content->sentence), content->fact, paint::Style::Dim);
    }
    draw_if(area.cut_left(area.width() * 49 / 100), model, "steps", options);
    if (const Panel* asked = model.find(options.panel); asked && !is_always_there(options.panel))
        return draw_panel(area, *asked, options);
    const int registers =
        std::min(height_of(model, "registers", area.width(), 0), std::max(7, area.height() * 7 / 20));
    draw_if(area.cut_bottom(registers), model, "registers", options);
    draw_if(area, model, "kernel-stack", options);
}

} // namespace

void layout_switch(Area area, const ViewModel& model, const Options& options) {
    if (area.width() >= whole_columns && area.height() >= whole_rows - 1) return draw_whole(area, model, options);
    if (area.width() >= two_columns && area.height() >= two_rows) return draw_two_columns(area, model, options);
    // One panel; what is pressed is what is seen.
    const Panel* panel = model.find(options.panel);
    if (!panel) panel = model.find("steps");
    if (!panel && !model.panels.empty()) panel = &model.panels[0];
    if (area.height() > 4) draw_tabs(area.cut_bottom(1), model, panel ? std::string_view(panel->id) : "");
    if (panel) draw_panel(area, *panel, options);
}

} // namespace trapgate::frontend::views
