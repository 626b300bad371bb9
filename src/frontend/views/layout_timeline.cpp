// SPDX-License-Identifier: MIT
// Who had the processor: a row for each ring, a bar for each stretch, what it was about below.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_panels.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

using paint::Area;
using paint::Style;

namespace {

constexpr int label_columns = 8; ///< "ring 3 "

struct Scale {
    const TimelinePanel& panel;
    int width;
    int column(u64 instruction) const {
        const u64 span = std::max<u64>(panel.to - panel.from, 1);
        const u64 clamped = std::clamp(instruction, panel.from, panel.to) - panel.from;
        return static_cast<int>(clamped * static_cast<u64>(std::max(width, 1)) / span);
    }
};

int row_of_ring(const TimelinePanel& panel, u8 ring) {
    const bool middle =
        std::ranges::any_of(panel.bars, [](const TimelineBar& b) { return b.ring == 1 || b.ring == 2; });
    if (!middle) return ring == 3 ? 0 : 1;
    return 3 - ring;
}

int ring_rows(const TimelinePanel& panel) {
    return row_of_ring(panel, 0) + 1;
}

void draw_bars(Area bars, const TimelinePanel& panel, const Scale& scale) {
    for (const TimelineBar& bar : panel.bars) {
        const int x = scale.column(bar.from);
        const int width = std::max(1, scale.column(bar.to) - x);
        const int y = row_of_ring(panel, bar.ring);
        bars.horizontal_line(x, y, width, bar.ring == 3 ? Style::Ring3 : Style::Ring0, U'━');
        tag(bars, {x, y, width, 1}, bar.id, bar.tip, bar.command);
    }
}

/// Labels side by side under their bars; one that would run into the next is cut.
void draw_labels(Area row, const TimelinePanel& panel, const Scale& scale) {
    std::vector<const TimelineBar*> named;
    for (const TimelineBar& bar : panel.bars)
        if (!bar.label.empty()) named.push_back(&bar);
    for (std::size_t i = 0; i < named.size(); ++i) {
        const int x = scale.column(named[i]->from);
        const int end = i + 1 < named.size() ? scale.column(named[i + 1]->from) - 1 : row.width();
        if (end - x < 2) continue;
        row.text_fitted(x, 0, end - x, named[i]->label, Style::Text);
        tag(row, {x, 0, end - x, 1}, named[i]->id, named[i]->tip, named[i]->command);
    }
}

} // namespace

void draw(Area area, const TimelinePanel& panel, const Drawing&) {
    Area bars = area.part({label_columns + 1, 0, area.width() - label_columns - 2, area.height()});
    const Scale scale{panel, bars.width()};
    const int rows = ring_rows(panel);
    for (u8 ring = 0; ring <= 3; ++ring) {
        if (rows == 2 && (ring == 1 || ring == 2)) continue;
        area.text(1, row_of_ring(panel, ring), fmt::format("ring {}", ring),
                  ring == 3 ? Style::Ring3 : Style::Ring0);
    }
    draw_bars(bars, panel, scale);
    // Where we are: in the row of the ring that the processor is in, also while it is on its way to another.
    const int x = std::min(scale.column(panel.now.instruction), bars.width() - 1);
    bars.put(x, row_of_ring(panel, panel.ring), U'▼', Style::Now);
    if (area.height() > rows) draw_labels(bars.part({0, rows, bars.width(), 1}), panel, scale);
    if (area.height() > rows + 1) {
        bars.text(0, rows + 1, panel.from_text, Style::Dim);
        bars.text_right(bars.width(), rows + 1, panel.to_text, Style::Dim);
    }
}

int rows_of(const TimelinePanel& panel, int) {
    return ring_rows(panel) + 2;
}

} // namespace trapgate::frontend::views
