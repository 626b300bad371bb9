// SPDX-License-Identifier: MIT
// Pages of the views that show the machine's own structures: where the page is wide, what belongs together stands side by side.
#include "frontend/views/layout.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

namespace {

using paint::Area;

/// Panels one below the other in a column; the last one takes the rest. False (and nothing drawn) if they do not fit.
bool fits(const Area& area, const ViewModel& model, std::initializer_list<std::string_view> ids, int last_rows) {
    int needed = 0, last = 0;
    for (const auto id : ids)
        if (const Panel* panel = model.find(id)) {
            last = natural_height(*panel, area.width());
            needed += last;
        }
    return needed - last + std::min(last, last_rows) <= area.height();
}

void stack_up(Area area, const ViewModel& model, std::initializer_list<std::string_view> ids,
              const Options& options) {
    std::string_view last;
    for (const auto id : ids)
        if (model.find(id)) last = id;
    for (const auto id : ids)
        if (const Panel* panel = model.find(id))
            draw_panel(area.cut_top(id == last ? area.height() : natural_height(*panel, area.width())), *panel,
                       options);
}

constexpr int least_rows = 5; ///< of a panel that is cut at the bottom

} // namespace

/// The walk on the left; rights and ranges on the right.
void layout_pages(Area area, const ViewModel& model, const Options& options) {
    constexpr int walk_width = 52, right_width = 62;
    const Panel* walk = model.find("walk");
    const int left = std::min(walk_width, area.width() - right_width);
    Area right = area.part({left, 0, area.width() - left, area.height()});
    if (!walk || model.panels.size() < 2 || area.width() < walk_width + right_width || !model.remarks.empty() ||
        !fits(right, model, {"rights", "ranges"}, least_rows) || natural_height(*walk, left) > area.height())
        return layout_rows(area, model, options);
    draw_panel(area.part({0, 0, left, area.height()}), *walk, options);
    stack_up(right, model, {"rights", "ranges"}, options);
}

/// Both frames on the left; the rest of the two tasks and the story on the right.
void layout_fork(Area area, const ViewModel& model, const Options& options) {
    const Panel* frames = model.find("frames");
    const Panel* threads = model.find("threads");
    if (!frames || !threads) return layout_rows(area, model, options);
    const int left = natural_width(*frames), least = std::min(natural_width(*threads), 72);
    Area below = area;
    const int remarks = static_cast<int>(model.remarks.size());
    const Area foot = below.cut_bottom(remarks);
    Area right = below.part({left, 0, below.width() - left, below.height()});
    if (left + least > area.width() || natural_height(*frames, left) > below.height() ||
        !fits(right, model, {"threads", "story"}, least_rows))
        return layout_rows(area, model, options);
    for (int y = 0; y < remarks; ++y)
        foot.text_fitted(1, y, foot.width() - 2, model.remarks[static_cast<std::size_t>(y)], paint::Style::Warning);
    draw_panel(below.part({0, 0, left, below.height()}), *frames, options);
    stack_up(right, model, {"threads", "story"}, options);
}

/// The words on the left, what they add up to on the right.
void layout_stack(Area area, const ViewModel& model, const Options& options) {
    const Panel* stack = model.find("stack");
    const Panel* use = model.find("use");
    if (!stack || !use) return layout_rows(area, model, options);
    const int right = natural_width(*use);
    constexpr int least = 84;
    if (area.width() < right + least) return layout_rows(area, model, options);
    const int remarks = static_cast<int>(model.remarks.size());
    const Area foot = area.cut_bottom(remarks);
    for (int y = 0; y < remarks; ++y)
        foot.text_fitted(1, y, foot.width() - 2, model.remarks[static_cast<std::size_t>(y)], paint::Style::Warning);
    draw_panel(area.part({0, 0, area.width() - right, area.height()}), *stack, options);
    draw_panel(area.part({area.width() - right, 0, right, area.height()}), *use, options);
}

/// Bits and what they say side by side, the checks below.
void layout_descriptor(Area area, const ViewModel& model, const Options& options) {
    const Panel* bits = model.find("bits");
    const Panel* meaning = model.find("meaning");
    const Panel* checks = model.find("checks");
    if (!bits || !meaning || !model.remarks.empty()) return layout_rows(area, model, options);
    const int left = natural_width(*bits);
    const int height = std::max(natural_height(*bits, left), natural_height(*meaning, area.width() - left));
    if (left + natural_width(*meaning) > area.width() || height + least_rows > area.height())
        return layout_rows(area, model, options);
    const Area top = area.cut_top(checks ? height : area.height());
    draw_panel(top.part({0, 0, left, top.height()}), *bits, options);
    draw_panel(top.part({left, 0, top.width() - left, top.height()}), *meaning, options);
    if (checks) draw_panel(area, *checks, options);
}

/// Segments, GDT and TSS on the left, IDT in the middle, control registers and MSRs on the right, as far as there is room.
void layout_tables(Area area, const ViewModel& model, const Options& options) {
    const Panel* gdt = model.find("gdt");
    const Panel* idt = model.find("idt");
    const Panel* control = model.find("control");
    if (!gdt || !idt || !control || !model.remarks.empty()) return layout_rows(area, model, options);
    const int left = natural_width(*gdt), middle = natural_width(*idt), right = 50;
    const Area first = area.part({0, 0, left, area.height()});
    if (left + middle > area.width() || !fits(first, model, {"segments", "gdt", "tss"}, least_rows))
        return layout_rows(area, model, options);
    const bool three = left + middle + right <= area.width();
    stack_up(first, model, {"segments", "gdt", "tss"}, options);
    if (three) {
        draw_panel(area.part({left, 0, middle, area.height()}), *idt, options);
        stack_up(area.part({left + middle, 0, area.width() - left - middle, area.height()}), model,
                 {"control", "msr"}, options);
    } else {
        const bool registers = options.panel == "control" || options.panel == "msr";
        stack_up(area.part({left, 0, area.width() - left, area.height()}), model,
                 registers ? std::initializer_list<std::string_view>{"control", "msr"}
                           : std::initializer_list<std::string_view>{"idt"},
                 options);
    }
}

} // namespace trapgate::frontend::views
