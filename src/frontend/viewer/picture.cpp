// SPDX-License-Identifier: MIT
// The whole picture of a viewer: the view's page, below it the console and the answer if they are open, one row at the bottom.
#include "frontend/viewer/viewer.hpp"

#include "frontend/paint/text.hpp"
#include "frontend/paint/unicode.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::viewer {

namespace {

constexpr int least_columns = 80, least_rows = 24;

/// The end of a terminal's output as lines: carriage returns and escape sequences have done their work.
std::vector<std::string> last_lines(std::string_view output, std::size_t most) {
    std::vector<std::string> lines{""};
    for (std::size_t i = 0; i < output.size(); ++i) {
        const char c = output[i];
        if (c == '\n') {
            lines.emplace_back();
        } else if (c == '\r') {
            if (i + 1 < output.size() && output[i + 1] != '\n' && output[i + 1] != '\r') lines.back().clear();
        } else if (c == '\b') {
            if (!lines.back().empty()) lines.back().pop_back();
        } else if (c == '\t') {
            lines.back().append(8 - lines.back().size() % 8, ' ');
        } else if (c == '\x1b' && i + 1 < output.size() && output[i + 1] == '[') {
            for (i += 2; i < output.size() && (output[i] < '@' || output[i] > '~');) ++i;
        } else if (static_cast<unsigned char>(c) >= ' ') {
            lines.back() += c;
        }
    }
    if (lines.size() > most) lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(most));
    return lines;
}

/// Of a long output only the end can show.
std::string_view tail(std::string_view text) {
    constexpr std::size_t most = 64 * 1024;
    return text.size() > most ? text.substr(text.size() - most) : text;
}

} // namespace

void Viewer::look() {
    if (!model_stale_) return;
    model_stale_ = false;
    auto looked = debugged_.look(view_, options_);
    if (looked) {
        model_ = std::move(looked.value());
        return;
    }
    // The page says why it is empty; time and ring are still known from another view.
    say(looked.error().message, true);
    model_.view = view_;
    model_.panels = {
        {.id = "error", .title = view_, .content = views::TextPanel{{{looked.error().message}}, true}}};
}

views::ViewModel Viewer::shown_model() const {
    views::ViewModel model = model_;
    const views::Panel* panel = zoomed_ ? model_.find(focused()) : nullptr;
    if (!panel) return model;
    model.view = "panel"; // no view has that name: the panels are laid out one below the other
    model.panels = {*panel};
    return model;
}

const paint::Grid& Viewer::picture(int columns, int rows) {
    if (stale_ || columns != picture_.columns() || rows != picture_.rows()) {
        stale_ = false;
        look();
        compose(columns, rows);
    }
    return picture_;
}

void Viewer::compose(int columns, int rows) {
    picture_ = paint::Grid(columns, rows);
    int left = picture_.rows() - 1;
    const int room = static_cast<int>(answer_.size()) + 2;
    const int answer = answer_.empty() || left < 6 ? 0 : std::min(room, std::max(3, left / 2));
    left -= answer;
    const int console = console_ && left >= 8 ? std::clamp(left / 4, 4, 12) : 0;
    left -= console;
    if (left > 0) draw_page(picture_, left);
    paint::Area page(picture_);
    if (rows > 1) {
        draw_bottom(page.cut_bottom(1));
        answer_place_ = {};
        if (answer > 0) draw_answer(page.cut_bottom(answer));
        if (console > 0) draw_console(page.cut_bottom(console));
    }
    if (help_) draw_help(page);
    mark_found(picture_);
    if (marked_) paint::Area(picture_).invert(*marked_);
    draw_tooltip(picture_);
    if (options_.ascii) picture_ = paint::ascii_only(std::move(picture_));
}

void Viewer::draw_page(paint::Grid& grid, int rows) {
    views::Options options = options_;
    options.ascii = false; // the whole picture is turned into ASCII at the end
    options.panel = options_.panel.empty() ? std::string{} : focused();
    const paint::Grid page = views::layout(shown_model(), grid.columns(), rows, options);
    for (const paint::Node& node : page.nodes()) grid.add_node(node); // so the numbers in the cells stay right
    for (int y = 0; y < page.rows(); ++y)
        for (int x = 0; x < page.columns(); ++x) grid.at(x, y) = page.at(x, y);
    grid.title = page.title;
    grid.caption = page.caption;
}

void Viewer::draw_console(paint::Area area) {
    const bool typing = mode_ == Mode::Console;
    area.tag({0, 0, area.width(), area.height()},
             area.grid().add_node({"", "", paint::Role::Region, "console of the guest"}));
    const paint::Area inside =
        area.box(typing ? "console of the guest: keys go to it, Esc ends that" : "console of the guest",
                 typing ? paint::Style::Cpu : paint::Style::Frame);
    const std::string text = debugged_.console();
    const auto lines = last_lines(tail(text), static_cast<std::size_t>(std::max(1, inside.height())));
    int y = 0, x = 0;
    for (const std::string& line : lines) x = inside.text(1, y++, line);
    if (typing) inside.put(std::max(1, x), y - 1, U' ', paint::Style::Text, true);
}

void Viewer::draw_answer(paint::Area area) {
    answer_place_ = area.place();
    const paint::Area inside = area.box(answer_title_, paint::Style::Frame);
    const int most = std::max(0, static_cast<int>(answer_.size()) - inside.height());
    answer_scroll_ = std::min(answer_scroll_, most);
    for (int y = 0; y < inside.height() && y + answer_scroll_ < static_cast<int>(answer_.size()); ++y)
        inside.text_fitted(1, y, inside.width() - 2, answer_[static_cast<std::size_t>(y + answer_scroll_)]);
    const std::string hint =
        most > 0 ? fmt::format(" {}/{}: Up Down, Esc closes ", answer_scroll_, most) : " Esc closes ";
    area.text_right(area.width() - 2, 0, hint, paint::Style::Dim);
}

void Viewer::draw_bottom(paint::Area row) {
    if (mode_ == Mode::Command || mode_ == Mode::Search) return draw_prompt(row);
    std::string message = message_;
    if (message.empty() && (row.width() < least_columns || picture_.rows() < least_rows))
        message = fmt::format("{}x{}: made for {}x{} and larger", row.width(), picture_.rows(), least_columns,
                              least_rows);
    if (message.empty()) return draw_hints(row, 1);
    row.text_fitted(1, 0, row.width() - 2, message, message_is_error_ ? paint::Style::Warning : paint::Style::Text);
    draw_hints(row, paint::width_of(message) + 4);
}

void Viewer::draw_prompt(paint::Area row) {
    const std::string line = prompt_.sign() + prompt_.line();
    const int cursor = paint::width_of(prompt_.sign()) + prompt_.cursor();
    const int shift = std::max(0, cursor - row.width() + 2); // a long line shows the part with the cursor
    row.text(-shift, 0, line, paint::Style::Key);
    row.invert({cursor - shift, 0, 1, 1});
}

void Viewer::draw_hints(paint::Area row, int from) {
    struct Hint {
        std::string_view keys, does, command;
    };
    constexpr Hint hints[] = {{"?", "keys", "?"},
                              {"m", "micro", "micro"},
                              {"M", "back", "back-micro"},
                              {"s", "insn", "stepi"},
                              {"S", "back", "reverse-stepi"},
                              {"]", "ring", "next-ring"},
                              {"c", "run", "continue"},
                              {":", "command", ":"},
                              {"k", "stack", "view stack"},
                              {"d", "gate", "view descriptor"},
                              {"p", "pages", "view pages"},
                              {"t", "tasks", "view tasks"},
                              {"q", "quit", "quit"}};
    for (const Hint& hint : hints) {
        const int width = paint::width_of(hint.keys) + 1 + paint::width_of(hint.does);
        if (from + width + 1 > row.width()) return;
        row.spans(from, 0,
                  {{hint.keys, paint::Style::Key}, {" ", paint::Style::Dim}, {hint.does, paint::Style::Dim}});
        if (hint.command.size() > 1)
            row.tag({from, 0, width, 1},
                    row.grid().add_node({std::string(hint.command), "", paint::Role::Button, ""}));
        from += width + 2;
    }
}

void Viewer::draw_help(paint::Area area) {
    area.fill({0, 0, area.width(), area.height()});
    const paint::Area inside = area.box("keys", paint::Style::Frame);
    std::vector<std::pair<std::string, std::string>> rows; // a heading has no second text
    for (const KeySection& section : key_sections()) {
        if (!rows.empty()) rows.emplace_back("", "");
        rows.emplace_back(section.title, "");
        for (const KeyRow& row : section.rows)
            if (!row.shown.empty()) rows.emplace_back(row.shown, row.help);
    }
    constexpr int column_width = 52;
    const int columns = std::clamp(inside.width() / column_width, 1, 3), height = std::max(1, inside.height() - 1);
    const int shown = columns * height, all = static_cast<int>(rows.size());
    help_scroll_ = std::clamp(help_scroll_, 0, std::max(0, all - shown));
    for (int i = 0; i < shown && i + help_scroll_ < all; ++i) {
        const auto& [left, right] = rows[static_cast<std::size_t>(i + help_scroll_)];
        const int x = 1 + i / height * column_width, y = i % height;
        inside.text(x, y, left, right.empty() ? paint::Style::Title : paint::Style::Key);
        inside.text_fitted(x + 8, y, std::min(column_width - 9, inside.width() - x - 8), right);
    }
    const std::string more = all > shown ? "Up Down scroll; " : "";
    inside.text_fitted(1, inside.height() - 1, inside.width() - 1,
                       more + "other keys close this page. Mouse: wheel is time, click jumps, drag marks.",
                       paint::Style::Dim);
}

void Viewer::draw_tooltip(paint::Grid& grid) const {
    const paint::Node* node = hover_ && !help_ ? grid.node_at(*hover_) : nullptr;
    if (!node || (node->tooltip.empty() && node->command.empty())) return;
    const std::string tip = node->tooltip, command = node->command.empty() ? "" : "click: " + node->command;
    const int widest = std::max(paint::width_of(tip), paint::width_of(command));
    const int width = std::min({widest + 4, 64, grid.columns()});
    paint::Grid scratch(width, 40); // how high is it?
    const int rows = tip.empty() ? 0 : paint::Area(scratch).part({0, 0, width - 4, 40}).paragraph(0, 0, tip);
    const int height = rows + (command.empty() ? 0 : 1) + 2;
    const int x = std::clamp(hover_->x + 2, 0, std::max(0, grid.columns() - width));
    const int below = hover_->y + 1;
    const int y = below + height <= grid.rows() ? below : std::max(0, hover_->y - height);
    const paint::Area box = paint::Area(grid).part({x, y, width, height});
    box.fill({0, 0, width, height});
    const paint::Area inside = box.box("", paint::Style::Title);
    const int next = inside.part({1, 0, width - 4, rows}).paragraph(0, 0, tip);
    if (!command.empty()) inside.text_fitted(1, tip.empty() ? 0 : next, width - 4, command, paint::Style::Dim);
}

const paint::Grid& Viewer::progress(u64 instruction) {
    paint::Area row = paint::Area(picture_).part({0, picture_.rows() - 1, picture_.columns(), 1});
    row.fill({0, 0, row.width(), 1});
    row.tag({0, 0, row.width(), 1}, 0);
    row.text_fitted(1, 0, row.width() - 2,
                    fmt::format("running: instruction {}.{} million   Esc or ^C stops", instruction / 1'000'000,
                                instruction / 100'000 % 10),
                    paint::Style::Now);
    stale_ = true;
    return picture_;
}

} // namespace trapgate::frontend::viewer
