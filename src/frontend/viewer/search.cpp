// SPDX-License-Identifier: MIT
// Finding text: in the picture, else in what the panels would show if they were scrolled.
#include "frontend/viewer/viewer.hpp"

#include "frontend/paint/unicode.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::viewer {

namespace {

constexpr int least_search_width = 80;

char32_t small(char32_t c) {
    return c >= U'A' && c <= U'Z' ? c + 32 : c;
}

std::u32string small(std::u32string text) {
    for (char32_t& c : text) c = small(c);
    return text;
}

std::u32string row_of(const paint::Grid& grid, int y) {
    std::u32string row;
    for (int x = 0; x < grid.columns(); ++x) row += small(grid.at(x, y).character);
    return row;
}

} // namespace

void Viewer::search(const std::string& text) {
    if (text.empty()) return say("nothing was looked for yet");
    const bool again = found_ == text;
    found_ = text;
    const std::u32string wanted = small(paint::to_cells(text));
    look();
    if (again || picture_.rows() < 2) {
        if (find_in_panels(wanted)) return;
        return say(fmt::format("`{}` is nowhere else in this view", text));
    }
    int places = 0;
    for (int y = 0; y + 1 < picture_.rows(); ++y) {
        const std::u32string row = row_of(picture_, y);
        for (auto at = row.find(wanted); at != row.npos; at = row.find(wanted, at + wanted.size())) ++places;
    }
    if (places > 0)
        return say(fmt::format("{} place{}; / Enter looks further down, Esc ends", places, places == 1 ? "" : "s"));
    if (!find_in_panels(wanted)) say(fmt::format("`{}` is not in this view", text), true);
}

/// Each panel alone on a page so high that it need not scroll; begins behind the row that the focused one shows first.
bool Viewer::find_in_panels(const std::u32string& wanted) {
    const auto ids = views::panel_ids(model_);
    if (ids.empty()) return false;
    const auto here = static_cast<std::size_t>(std::ranges::find(ids, focused()) - ids.begin());
    constexpr int most_rows = 2000;
    for (std::size_t i = 0; i <= ids.size(); ++i) {
        const std::string id(ids[(here + i) % ids.size()]);
        views::Options options = options_;
        options.scroll = 0;
        options.panel = id;
        const views::Panel* panel = model_.find(id);
        const int width = std::max(least_search_width, picture_.columns());
        paint::Grid page(width, most_rows);
        views::ViewModel alone = model_;
        alone.view = "panel";
        alone.panels = {*panel};
        page = views::layout(alone, width, most_rows, options);
        const int first = i == 0 ? static_cast<int>(options_.scroll) + 3 : 2; // head line and frame above
        for (int y = first; y < page.rows(); ++y) {
            if (row_of(page, y).find(wanted) == std::u32string::npos) continue;
            options_.panel = id;
            options_.scroll = static_cast<u32>(std::max(0, y - 2));
            say(fmt::format("in panel {}", panel->title));
            return true;
        }
    }
    return false;
}

void Viewer::mark_found(paint::Grid& grid) const {
    if (found_.empty()) return;
    const std::u32string wanted = small(paint::to_cells(found_));
    for (int y = 0; y + 1 < grid.rows(); ++y) {
        const std::u32string row = row_of(grid, y);
        for (auto at = row.find(wanted); at != row.npos; at = row.find(wanted, at + wanted.size()))
            paint::Area(grid).invert({static_cast<int>(at), y, static_cast<int>(wanted.size()), 1});
    }
}

} // namespace trapgate::frontend::viewer
