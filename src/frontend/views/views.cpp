// SPDX-License-Identifier: MIT
// The table of views, and the frame round every picture: head line, then the view's own layout. Source: views.def.
#include "frontend/views/views.hpp"

#include "frontend/paint/area.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_header.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

namespace {

constexpr ViewInfo table[] = {
#define VIEW(name, key, title, builder, layout) {name, key, title},
#include "frontend/views/views.def"
#undef VIEW
};

using Layout = void (*)(paint::Area, const ViewModel&, const Options&);
constexpr Layout layouts[] = {
#define VIEW(name, key, title, builder, layout) layout,
#include "frontend/views/views.def"
#undef VIEW
};

void name_picture(paint::Grid& grid, const ViewModel& model) {
    grid.title = model.title;
    for (const Panel& panel : model.panels)
        if (const auto* caption = std::get_if<CaptionPanel>(&panel.content)) grid.caption = caption->sentence;
}

} // namespace

std::span<const ViewInfo> all_views() {
    return table;
}

const ViewInfo* find_view(std::string_view name) {
    if (const auto exact = std::ranges::find(table, name, &ViewInfo::name); exact != std::end(table)) return exact;
    const auto begins = [&](const ViewInfo& view) { return !name.empty() && view.name.starts_with(name); };
    return std::ranges::count_if(table, begins) == 1 ? std::ranges::find_if(table, begins) : nullptr;
}

std::vector<std::string_view> panel_ids(const ViewModel& model) {
    std::vector<std::string_view> ids;
    for (const Panel& panel : model.panels)
        if (ids.size() < 8) ids.push_back(panel.id);
    return ids;
}

paint::Grid layout(const ViewModel& model, int columns, int rows, const Options& options) {
    paint::Grid grid(columns, rows);
    name_picture(grid, model);
    paint::Area page(grid);
    draw_header(page.cut_top(1), model, options);
    const auto view = std::ranges::find(table, model.view, &ViewInfo::name);
    const Layout draw = view == std::end(table) ? layout_rows : layouts[view - table];
    draw(page, model, options);
    return options.ascii ? paint::ascii_only(std::move(grid)) : grid;
}

} // namespace trapgate::frontend::views
