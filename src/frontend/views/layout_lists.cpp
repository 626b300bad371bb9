// SPDX-License-Identifier: MIT
// Panels that are lists: micro-steps or instructions, registers, tables, text, the caption.
#include "frontend/paint/unicode.hpp"
#include "frontend/views/layout.hpp"
#include "frontend/views/layout_panels.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

using paint::Area;
using paint::Rect;
using paint::Style;
using paint::width_of;

int first_shown(int count, int height, int wanted, u32 scroll) {
    const int most = std::max(0, count - height);
    const int least = std::max(0, wanted + 1 - height * 2 / 3);
    return std::clamp(least + static_cast<int>(std::min<u32>(scroll, 100000)), 0, most);
}

// --- Steps ---------------------------------------------------------------------------------------------

namespace {

constexpr int step_text_column = 6; ///< after "+ 13 "
constexpr int wide_steps = 64;      ///< from this width on, what a failure raises has its own column

int row_of_now(const StepsPanel& panel) {
    const auto now = std::ranges::find_if(
        panel.steps, [](const Step& step) { return step.mark == Mark::Now || step.mark == Mark::Failed; });
    return now == panel.steps.end() ? 0 : static_cast<int>(now - panel.steps.begin());
}

void draw_step(Area row, const Step& step, int raises_width) {
    const Style style = style_of(meaning_of(step.mark));
    row.put(1, 0, sign_of(step.mark), style);
    if (step.mark != Mark::None) row.text_right(5, 0, fmt::format("{}", step.number), style);
    const int right = row.width() - raises_width;
    const int room = right - step_text_column - (step.access.empty() ? 0 : width_of(step.access) + 1);
    row.text_fitted(step_text_column, 0, room, step.text, style);
    const Style access = step.mark == Mark::Ahead ? Style::NotYet : style;
    row.text_right(right, 0, step.access, access);
    const bool instruction = step.raises.empty() && step.general.empty();
    if (raises_width && instruction) row.text_fitted(right + 2, 0, raises_width - 2, step.name, Style::Dim);
    if (raises_width && !step.raises.empty())
        row.text_fitted(right + 2, 0, raises_width - 2, step.raises,
                        step.mark == Mark::Failed ? Style::Bad : Style::Dim);
    if (step.mark == Mark::Now || step.mark == Mark::Failed) row.invert({0, 0, row.width(), 1});
    tag(row, {0, 0, row.width(), 1}, step.id, step.tip, step.command);
}

int widest(const std::vector<Step>& steps, std::string Step::*field) {
    int width = 0;
    for (const Step& step : steps) width = std::max(width, width_of(step.*field));
    return width;
}

} // namespace

void draw(Area area, const StepsPanel& panel, const Drawing& drawing) {
    const int raises_width =
        area.width() >= wide_steps
            ? std::min(widest(panel.steps, panel.instructions ? &Step::name : &Step::raises) + 2, area.width() / 3)
            : 0;
    Area foot = area;
    const int lines = !panel.can_fault.empty() + !panel.next.empty();
    const int count = static_cast<int>(panel.steps.size());
    // The foot stays away when the list needs the room; a blank row before it goes first.
    const int foot_rows = std::clamp(area.height() - count, 0, lines + 1);
    Area list = area;
    foot = list.cut_bottom(foot_rows);
    const int first = first_shown(count, list.height(), row_of_now(panel), drawing.scroll());
    for (int y = 0; y < list.height() && first + y < count; ++y)
        draw_step(list.part({0, y, list.width(), 1}), panel.steps[static_cast<std::size_t>(first + y)],
                  raises_width);
    int y = foot_rows > lines ? 1 : 0;
    if (!panel.next.empty()) foot.text_fitted(1, y++, foot.width() - 1, panel.next, Style::Text);
    if (!panel.can_fault.empty()) foot.text_fitted(1, y, foot.width() - 1, panel.can_fault, Style::Dim);
}

int rows_of(const StepsPanel& panel, int) {
    return static_cast<int>(panel.steps.size()) + 3;
}

// --- Registers -----------------------------------------------------------------------------------------

namespace {

constexpr int register_name = 1, register_before = 9, register_now = 20, register_mark = 31, register_width = 34;

const std::string& value_text(const Register& reg, bool now, std::string& room) {
    const std::string& given = now ? reg.now_text : reg.before_text;
    if (!given.empty()) return given;
    return room = fmt::format("{:0{}x}", now ? reg.now : reg.before, reg.digits);
}

void draw_register(Area row, const Register& reg) {
    const Style style = reg.changed ? Style::Changed : Style::Text;
    std::string room;
    row.text(register_name, 0, reg.name, style);
    row.text_fitted(register_before, 0, 10, value_text(reg, false, room), Style::Text);
    row.text_fitted(register_now, 0, 10, value_text(reg, true, room), style);
    if (reg.changed) row.put(register_mark, 0, U'*', style);
    if (row.width() > register_mark + 4)
        row.text_fitted(register_mark + 2, 0, row.width() - register_mark - 2, reg.note, Style::Dim);
    tag(row, {0, 0, row.width(), 1}, reg.id, reg.tip, "");
}

/// As many as fit, in their order, but none that has changed is left out for one that has not.
std::vector<const Register*> chosen(const RegistersPanel& panel, std::size_t room) {
    std::vector<const Register*> all;
    for (const Register& reg : panel.registers) all.push_back(&reg);
    while (all.size() > room) {
        const auto last = std::find_if(all.rbegin(), all.rend(), [](const Register* r) { return !r->changed; });
        all.erase(last == all.rend() ? std::prev(all.end()) : std::prev(last.base()));
    }
    return all;
}

} // namespace

void draw(Area area, const RegistersPanel& panel, const Drawing& drawing) {
    const int columns = std::max(1, area.width() / (register_width + 8));
    const int width = area.width() / columns;
    const int rows = area.height() - 1;
    const auto count = static_cast<int>(panel.registers.size());
    if (rows < 1) return;
    RegistersPanel shown = panel;
    const int first = first_shown(count, rows * columns, 0, drawing.scroll());
    shown.registers.erase(shown.registers.begin(), shown.registers.begin() + first);
    const auto list = chosen(shown, static_cast<std::size_t>(rows * columns));
    for (int i = 0; i < static_cast<int>(list.size()); ++i) {
        Area column = area.part({i / rows * width, 0, width, area.height()});
        if (i % rows == 0) {
            column.text_fitted(register_before, 0, 10, panel.before_title, Style::Dim);
            column.text_fitted(register_now, 0, 10, panel.now_title, Style::Dim);
        }
        draw_register(column.part({0, 1 + i % rows, width, 1}), *list[static_cast<std::size_t>(i)]);
    }
}

int rows_of(const RegistersPanel& panel, int width) {
    const int columns = std::max(1, width / (register_width + 8));
    return 1 + (static_cast<int>(panel.registers.size()) + columns - 1) / columns;
}

// --- Caption -------------------------------------------------------------------------------------------

namespace {

/// The fact and where the manual says it: on one line if they fit.
std::string fact_text(const CaptionPanel& panel, int width) {
    const std::string both = panel.fact + (panel.fact.empty() || panel.source.empty() ? "" : "   ") + panel.source;
    return width_of(both) <= width ? both : panel.fact;
}

} // namespace

void draw(Area area, const CaptionPanel& panel, const Drawing&) {
    Area inside = area.part({1, 0, area.width() - 2, area.height()});
    int y = inside.paragraph(0, 0, panel.sentence);
    const std::string fact = fact_text(panel, inside.width());
    y = inside.paragraph(0, y, fact, Style::Dim);
    if (fact == panel.fact && !panel.source.empty()) inside.paragraph(0, y, panel.source, Style::Dim);
}

int rows_of(const CaptionPanel& panel, int width) {
    const auto rows = [&](const std::string& text) {
        return text.empty() ? 0 : static_cast<int>(paint::wrap(text, std::max(width - 2, 1)).size());
    };
    const std::string fact = fact_text(panel, width - 2);
    return rows(panel.sentence) + rows(fact) + (fact == panel.fact ? rows(panel.source) : 0);
}

// --- Tables and text -----------------------------------------------------------------------------------

namespace {

std::vector<int> column_widths(const TablePanel& panel) {
    std::vector<int> widths;
    for (const TableColumn& column : panel.columns) widths.push_back(width_of(column.title));
    for (const TableRow& row : panel.rows)
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            if (i >= widths.size()) widths.push_back(0);
            widths[i] = std::max(widths[i], width_of(row.cells[i].text));
        }
    return widths;
}

bool has_titles(const TablePanel& panel) {
    return std::ranges::any_of(panel.columns, [](const TableColumn& c) { return !c.title.empty(); });
}

void draw_cell(Area row, int x, int width, const Span& cell, bool right) {
    const int room = std::min(width, row.width() - x);
    if (room <= 0) return;
    const std::string text = paint::fit(cell.text, room);
    row.text(right ? x + room - width_of(text) : x, 0, text, style_of(cell.meaning));
}

int row_of_now(const TablePanel& panel) {
    const auto now = std::ranges::find(panel.rows, Mark::Now, &TableRow::mark);
    return now == panel.rows.end() ? 0 : static_cast<int>(now - panel.rows.begin());
}

} // namespace

void draw(Area area, const TablePanel& panel, const Drawing& drawing) {
    const auto widths = column_widths(panel);
    const int margin = panel.marks ? 3 : 1;
    const auto right = [&](std::size_t i) { return i < panel.columns.size() && panel.columns[i].right; };
    if (has_titles(panel)) {
        const Area row = area.cut_top(1);
        int x = margin;
        for (std::size_t i = 0; i < panel.columns.size(); x += widths[i++] + 2)
            draw_cell(row, x, widths[i], {panel.columns[i].title, Meaning::Dim}, right(i));
    }
    const int count = static_cast<int>(panel.rows.size());
    const int first = first_shown(count, area.height(), row_of_now(panel), drawing.scroll());
    for (int y = 0; y < area.height() && first + y < count; ++y) {
        const TableRow& entry = panel.rows[static_cast<std::size_t>(first + y)];
        const Area row = area.part({0, y, area.width(), 1});
        if (panel.marks) row.put(1, 0, sign_of(entry.mark), style_of(meaning_of(entry.mark)));
        int x = margin;
        for (std::size_t i = 0; i < entry.cells.size(); x += widths[i++] + 2)
            draw_cell(row, x, widths[i], entry.cells[i], right(i));
        if (entry.mark == Mark::Now) row.invert({0, 0, row.width(), 1});
        tag(row, {0, 0, row.width(), 1}, entry.id, entry.tip, entry.command);
    }
}

int rows_of(const TablePanel& panel, int) {
    return static_cast<int>(panel.rows.size()) + has_titles(panel);
}

int columns_of(const TablePanel& panel) {
    int sum = panel.marks ? 3 : 1;
    for (const int width : column_widths(panel)) sum += width + 2;
    return sum - 1;
}

namespace {

/// A line in pieces of at most `width` columns; only lines of a single span can be wrapped.
std::vector<Line> wrapped(const TextPanel& panel, int width) {
    std::vector<Line> lines;
    for (const Line& line : panel.lines) {
        if (!panel.wrap || line.spans.size() != 1 || width_of(line.text()) <= width) {
            lines.push_back(line);
            continue;
        }
        for (std::string& piece : paint::wrap(line.spans[0].text, std::max(width, 1))) {
            Line part = line;
            part.spans[0].text = std::move(piece);
            lines.push_back(std::move(part));
        }
    }
    return lines;
}

} // namespace

void draw(Area area, const TextPanel& panel, const Drawing& drawing) {
    const Area inside = area.part({1, 0, area.width() - 2, area.height()});
    const auto lines = wrapped(panel, inside.width());
    const int most = std::max(0, static_cast<int>(lines.size()) - area.height());
    const int up = std::min(most, static_cast<int>(std::min<u32>(drawing.scroll(), 100000)));
    const int first =
        panel.tail ? most - up : first_shown(static_cast<int>(lines.size()), area.height(), 0, drawing.scroll());
    for (int y = 0; y < area.height() && first + y < static_cast<int>(lines.size()); ++y)
        draw_line(inside, 0, y, lines[static_cast<std::size_t>(first + y)]);
}

int rows_of(const TextPanel& panel, int width) {
    return static_cast<int>(wrapped(panel, width - 2).size());
}

int columns_of(const TextPanel& panel) {
    int width = 0;
    for (const Line& line : panel.lines) width = std::max(width, width_of(line.text()));
    return width + 2;
}

} // namespace trapgate::frontend::views
