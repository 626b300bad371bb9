// SPDX-License-Identifier: MIT
// Stacks. Words keep their rows while a frame is being pushed: the frame's words are in the list, empty, before the first push.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_panels.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

using paint::Area;
using paint::Style;
using paint::width_of;

namespace {

constexpr int gutter = 4;        ///< "esp>"
constexpr int address_width = 9; ///< and a blank
constexpr int name_width = 9;
constexpr int value_width = 9;

Style style_of_writer(Writer writer) {
    switch (writer) {
    case Writer::Nobody:
    case Writer::Earlier: return Style::Dim;
    case Writer::Cpu: return Style::Cpu;
    case Writer::Entry: return Style::Entry;
    case Writer::Kernel: return Style::Kernel;
    case Writer::Program: return Style::Ring3;
    case Writer::Software: return Style::NotYet;
    }
    return Style::Text;
}

struct Row {
    enum class Kind : u8 { Top, Slot, Fold, Note, Blank, Bar } kind;
    std::size_t index = 0; ///< of the slot or note; for a fold the words left out
};

/// Which slots fit into how many rows. They are numbered from the highest address down.
class Window {
  public:
    Window(const StackPanel& panel, int room, int scroll)
        : count_(static_cast<int>(panel.slots.size())), room_(room), frame_(static_cast<int>(panel.frame)),
          here_(row_of_interest(panel)) {
        if (count_ <= room)
            add(0, count_);
        else if (room < 8 || scroll)
            add_around(scroll);
        else
            add_folded();
    }
    const std::vector<Row>& rows() const { return rows_; }

  private:
    /// The word being written, or else the one that ESP points to.
    static int row_of_interest(const StackPanel& panel) {
        const auto now = std::ranges::find(panel.slots, Mark::Now, &Slot::mark);
        if (now != panel.slots.end()) return static_cast<int>(now - panel.slots.begin());
        const auto top =
            std::ranges::find_if(panel.slots, [&](const Slot& slot) { return panel.esp == slot.address; });
        return top == panel.slots.end() ? static_cast<int>(panel.frame)
                                        : static_cast<int>(top - panel.slots.begin());
    }
    void add(int from, int to) {
        from = std::clamp(from, 0, count_), to = std::clamp(to, from, count_);
        if (from > shown_) rows_.push_back({Row::Kind::Fold, static_cast<std::size_t>(from - shown_)});
        for (int i = from; i < to; ++i) rows_.push_back({Row::Kind::Slot, static_cast<std::size_t>(i)});
        shown_ = to;
    }
    void add_end_fold() {
        if (shown_ < count_) rows_.push_back({Row::Kind::Fold, static_cast<std::size_t>(count_ - shown_)});
    }
    /// No room for more than where things happen (or the reader scrolls).
    void add_around(int scroll) {
        const int from = std::clamp(here_ - room_ / 2 + scroll, 0, std::max(0, count_ - room_));
        for (int i = from; i < std::min(count_, from + std::max(room_, 0)); ++i)
            rows_.push_back({Row::Kind::Slot, static_cast<std::size_t>(i)});
    }
    /// The beginning of the stack, the frame that matters from its beginning, and where things happen, with folds between.
    /// The last part ends at a multiple of half its rows, so that it stands still while a few words are pushed.
    void add_folded() {
        const int head = std::min(frame_, room_ >= 16 ? 5 : 0);
        add(0, head);
        const int left = room_ - head - (frame_ > head);
        if (here_ - frame_ < left - 1) {
            add(frame_, frame_ + (frame_ + left >= count_ ? left : left - 1));
            return add_end_fold();
        }
        const int begin = std::min(5, left / 2 - 1);
        const int tail = left - begin - 2;
        const int step = std::max(1, tail / 2);
        add(frame_, frame_ + begin);
        const int end = std::min(count_, (here_ / step + 1) * step);
        add(end - tail - (end == count_), end);
        add_end_fold();
    }

    int count_, room_, frame_, here_;
    int shown_ = 0;
    std::vector<Row> rows_;
};

std::vector<Row> rows_for(const StackPanel& panel, int height, const Drawing& drawing) {
    std::vector<Row> rows;
    const int top = !panel.top.empty() && (panel.kernel || height >= 4);
    const int notes = static_cast<int>(panel.notes.size());
    const int bar = panel.size ? 1 : 0;
    const int slots = static_cast<int>(panel.slots.size());
    // Words first; what is left over, but at least a third of a high panel, is for what is said below them.
    const int least = height >= 18 ? height / 4 : !panel.kernel && height >= 2 ? 1 : 0;
    const int under = std::min(notes + bar + 1, std::max(height - top - slots, least));
    if (top) rows.push_back({Row::Kind::Top});
    const Window words(panel, height - top - under, static_cast<int>(std::min<u32>(drawing.scroll(), 100000)));
    rows.insert(rows.end(), words.rows().begin(), words.rows().end());
    if (drawing.options.low_on_top) std::ranges::reverse(rows);
    int left = height - static_cast<int>(rows.size());
    if (left >= notes + bar + 1 && notes + bar) rows.push_back({Row::Kind::Blank}), --left;
    if (bar && left > 0) rows.push_back({Row::Kind::Bar}), --left;
    for (int i = 0; i < notes && i < left; ++i) rows.push_back({Row::Kind::Note, static_cast<std::size_t>(i)});
    return rows;
}

std::string value_of(const Slot& slot) {
    if (!slot.value) return "........";
    return slot.value_text.empty() ? fmt::format("{:08x}", *slot.value) : slot.value_text;
}

void draw_slot(Area row, const Slot& slot, std::optional<u32> esp) {
    const bool written = slot.value.has_value();
    const Style style = written ? style_of_writer(slot.writer) : Style::NotYet;
    const bool now = slot.mark == Mark::Now;
    if (esp == slot.address) row.text(0, 0, "esp", Style::Title);
    if (now) row.put(gutter - 1, 0, U'>', Style::Now);
    int x = gutter;
    row.text_fitted(x, 0, address_width - 1, slot.place.empty() ? fmt::format("{:08x}", slot.address) : slot.place,
                    style);
    x += address_width;
    row.text_fitted(x, 0, name_width - 1, slot.name, style);
    x += name_width;
    const std::string value = value_of(slot);
    row.text_fitted(x, 0, row.width() - x, value, style);
    x += std::max(width_of(value) + 1, value_width);
    if (x < row.width()) row.text_fitted(x, 0, row.width() - x, slot.who, style);
    x += std::max(width_of(slot.who) + 2, 10);
    if (x < row.width() - 3) row.text_fitted(x, 0, row.width() - x - 1, slot.meaning, Style::Dim);
    if (now) row.invert({gutter, 0, row.width() - gutter, 1});
    tag(row, {0, 0, row.width(), 1}, slot.id, slot.tip, slot.command);
}

void draw_usage(Area row, const StackPanel& panel) {
    const int width = row.width() - 2;
    if (width < 4) return;
    const auto part = [&](u32 bytes) {
        return static_cast<int>((u64{bytes} * static_cast<u64>(width) + panel.size - 1) / panel.size);
    };
    row.bar(1, 0, width, part(panel.used), Style::Ring0);
    if (panel.deepest > panel.used) row.put(std::min(width, part(panel.deepest)), 0, U'┼', Style::Warning);
}

void draw_row(Area row, const StackPanel& panel, const Row& what, bool kernel) {
    switch (what.kind) {
    case Row::Kind::Top: {
        const bool empty = panel.top_address && panel.esp == panel.top_address;
        if (empty) row.text(0, 0, "esp", Style::Title);
        row.text_fitted(gutter, 0, row.width() - gutter, panel.top, kernel ? Style::Ring0 : Style::Ring3);
        return;
    }
    case Row::Kind::Slot: return draw_slot(row, panel.slots[what.index], panel.esp);
    case Row::Kind::Fold: row.text(gutter, 0, fmt::format(":  {} words", what.index), Style::Dim); return;
    case Row::Kind::Note: draw_line(row.part({1, 0, row.width() - 1, 1}), 0, 0, panel.notes[what.index]); return;
    case Row::Kind::Bar: return draw_usage(row, panel);
    case Row::Kind::Blank: return;
    }
}

} // namespace

void draw(Area area, const StackPanel& panel, const Drawing& drawing) {
    int y = 0;
    for (const Row& what : rows_for(panel, area.height(), drawing)) {
        if (y >= area.height()) break;
        draw_row(area.part({0, y++, area.width(), 1}), panel, what, panel.kernel);
    }
}

int rows_of(const StackPanel& panel, int) {
    const bool below = panel.size || !panel.notes.empty();
    return !panel.top.empty() + static_cast<int>(panel.slots.size() + panel.notes.size()) + (panel.size ? 1 : 0) +
           below;
}

} // namespace trapgate::frontend::views
