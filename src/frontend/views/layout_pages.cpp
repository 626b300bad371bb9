// SPDX-License-Identifier: MIT
// Panels with their frames, and the pages that need no more than panels side by side or one below the other.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_panels.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

using paint::Area;
using paint::Style;

namespace {

std::string_view focused_id(const ViewModel& model, const Options& options) {
    if (model.find(options.panel)) return options.panel;
    return model.panels.empty() ? std::string_view{} : std::string_view(model.panels[0].id);
}

/// One panel alone, tabs for the others below it.
void draw_alone(Area area, const ViewModel& model, const Options& options) {
    const std::string_view id = focused_id(model, options);
    const Panel* panel = model.find(id);
    if (model.panels.size() > 1 && area.height() > 4) draw_tabs(area.cut_bottom(1), model, id);
    if (panel) draw_panel(area, *panel, options);
}

void draw_remarks(Area& area, const ViewModel& model) {
    const int rows = std::min(static_cast<int>(model.remarks.size()), std::max(0, area.height() - 6));
    const Area foot = area.cut_bottom(rows);
    for (int y = 0; y < rows; ++y)
        foot.text_fitted(1, y, foot.width() - 2, model.remarks[static_cast<std::size_t>(y)], Style::Warning);
}

} // namespace

void draw_panel(Area area, const Panel& panel, const Options& options) {
    const bool focused = options.panel == panel.id;
    const Style frame = focused && panel.frame == Meaning::Dim ? Style::Title : style_of(panel.frame);
    paint::Node node{"panel " + panel.id, panel.tip, paint::Role::Region, panel.title};
    area.tag({0, 0, area.width(), area.height()}, area.grid().add_node(std::move(node)));
    const bool framed = area.width() >= 8 && area.height() >= 3;
    const Area inside =
        framed ? area.box(panel.title, panel.frame == Meaning::Dim && !focused ? Style::Frame : frame) : area;
    std::visit([&](const auto& content) { draw(inside, content, Drawing{options, focused}); }, panel.content);
}

void draw_tabs(Area row, const ViewModel& model, std::string_view focused) {
    int x = 1, digit = 1;
    for (const std::string_view id : panel_ids(model)) {
        const std::string text = fmt::format(" {} {} ", digit++, id);
        const int end = row.text(x, 0, text, Style::Key, id == focused);
        row.tag({x, 0, end - x, 1}, row.grid().add_node({"panel " + std::string(id), "", paint::Role::Button, ""}));
        x = end + 1;
    }
}

int natural_height(const Panel& panel, int width) {
    return 2 + std::visit([&](const auto& content) { return rows_of(content, width - 2); }, panel.content);
}

int natural_width(const Panel& panel) {
    if (const auto* table = std::get_if<TablePanel>(&panel.content)) return 2 + columns_of(*table);
    if (const auto* text = std::get_if<TextPanel>(&panel.content)) return 2 + columns_of(*text);
    return 42;
}

void layout_rows(Area area, const ViewModel& model, const Options& options) {
    draw_remarks(area, model);
    int needed = 0;
    for (const Panel& panel : model.panels) needed += natural_height(panel, area.width());
    if (needed > area.height() && model.panels.size() > 1) {
        // The last panel may do with less, as long as a few of its rows remain.
        const int last = natural_height(model.panels.back(), area.width());
        if (needed - last + std::min(last, 6) > area.height()) return draw_alone(area, model, options);
    }
    for (const Panel& panel : model.panels) {
        const bool is_last = &panel == &model.panels.back();
        draw_panel(area.cut_top(is_last ? area.height() : natural_height(panel, area.width())), panel, options);
    }
}

void layout_columns(Area area, const ViewModel& model, const Options& options, int least) {
    const int count = static_cast<int>(model.panels.size());
    if (!count || area.width() / count < least) return layout_rows(area, model, options);
    draw_remarks(area, model);
    for (int i = 0; i < count; ++i)
        draw_panel(area.cut_left(area.width() / (count - i)), model.panels[static_cast<std::size_t>(i)], options);
}

} // namespace trapgate::frontend::views
