// SPDX-License-Identifier: MIT
// What keys and mouse do. Source: keys.def; docs/views.md, "Keys".
#include "frontend/viewer/viewer.hpp"

#include "frontend/paint/text.hpp"
#include "frontend/paint/unicode.hpp"
#include "machine/time_point.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::viewer {

namespace {

constexpr int page_of_rows = 10;

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

std::string common_beginning(const std::vector<std::string>& words) {
    std::string common = words.front();
    for (const std::string& word : words) {
        const auto differ = std::mismatch(common.begin(), common.end(), word.begin(), word.end()).first;
        common.erase(differ, common.end());
    }
    return common;
}

} // namespace

Viewer::Viewer(Debugged& debugged, const Settings& settings)
    : debugged_(debugged), settings_(settings), view_(settings.view) {
    options_.low_on_top = settings.low_on_top;
    options_.ascii = settings.ascii;
    options_.subject = settings.subject;
    options_.panel = settings.panel;
}

void Viewer::key(Key key) {
    stale_ = true;
    marked_.reset();
    switch (mode_) {
    case Mode::Command:
    case Mode::Search: return prompt_key(key);
    case Mode::Console: return console_key(key);
    case Mode::Keys: break;
    }
    const KeyRow* row = find_key(key == 10 ? key::enter : key);
    if (!row) return say("this key does nothing; ? shows those that do");
    act(*row, row->key);
}

void Viewer::act(const KeyRow& row, Key key) {
    const bool help = std::exchange(help_, false); // whatever the key is, it closes the page
    switch (row.does) {
    case Does::Command: take(debugged_.execute(row.words)); return;
    case Does::Ask: ask(row.words); return;
    case Does::View: show_view(row.words); return;
    case Does::Repeat: take(debugged_.repeat()); return;
    case Does::Search: mode_ = Mode::Search, prompt_.open("/", ""); return;
    case Does::Export: ask_for_file(); return;
    case Does::Help: help_ = !help, help_scroll_ = 0; return;
    case Does::Quit: quit_ = !help; return; // q leaves the help page first, as in a pager
    case Does::Redraw: redraw_ = true; return;
    case Does::Interrupt:
        debugged_.interrupt();
        say("nothing runs; q leaves");
        return;
    case Does::Escape:
        if (!help) escape();
        return;
    default: help_ = help && (row.does >= Does::Down && row.does <= Does::PageUp); act_on_page(row, key);
    }
}

void Viewer::act_on_page(const KeyRow& row, Key key) {
    switch (row.does) {
    case Does::NextView: next_view(); break;
    case Does::NextPanel: move_focus(1); break;
    case Does::LastPanel: move_focus(-1); break;
    case Does::Panel: focus_digit(key - U'1'); break;
    case Does::Zoom: toggle_zoom(); break;
    case Does::Turn:
        options_.low_on_top = !options_.low_on_top, model_stale_ = true;
        say(options_.low_on_top ? "low addresses on top" : "high addresses on top");
        break;
    case Does::Numbers:
        options_.numbers = !options_.numbers, model_stale_ = true;
        say(options_.numbers ? "addresses as numbers" : "addresses with names");
        break;
    case Does::Down: scroll(1); break;
    case Does::Up: scroll(-1); break;
    case Does::PageDown: scroll(page_of_rows); break;
    case Does::PageUp: scroll(-page_of_rows); break;
    case Does::NextTheme: {
        const auto themes = paint::all_themes();
        const auto next = static_cast<std::size_t>(settings_.theme - themes.data() + 1) % themes.size();
        settings_.theme = &themes[next];
        say(fmt::format("theme {}", settings_.theme->name));
        break;
    }
    case Does::Ascii: options_.ascii = !options_.ascii; break;
    case Does::Console: console_ = true, mode_ = Mode::Console; break;
    default: break;
    }
}

void Viewer::text(std::string_view utf8) {
    stale_ = true;
    if (mode_ == Mode::Command || mode_ == Mode::Search)
        prompt_.insert(utf8);
    else if (mode_ == Mode::Console)
        debugged_.type(utf8);
    else
        for (const char32_t c : paint::to_cells(utf8)) key(c);
}

void Viewer::prompt_key(Key key) {
    switch (prompt_.key(key)) {
    case Prompt::After::Editing: break;
    case Prompt::After::Cancelled: mode_ = Mode::Keys; break;
    case Prompt::After::Complete:
        if (mode_ == Mode::Command) complete();
        break;
    case Prompt::After::Accepted: finish_prompt(); break;
    }
}

void Viewer::finish_prompt() {
    const std::string line = prompt_.line();
    if (std::exchange(mode_, Mode::Keys) == Mode::Search)
        search(line.empty() ? found_ : line);
    else if (!line.empty())
        execute(line);
}

void Viewer::complete() {
    const std::string before = prompt_.line_to_cursor();
    const auto words = debugged_.complete(before);
    if (words.empty()) return say("nothing begins like that");
    const auto blank = before.find_last_of(" \t");
    const std::string typed = blank == std::string::npos ? before : before.substr(blank + 1);
    const std::string common = common_beginning(words);
    if (common.size() > typed.size() && common.starts_with(typed)) prompt_.insert(common.substr(typed.size()));
    if (words.size() == 1) return prompt_.insert(" ");
    answer_title_ = fmt::format("{} words", words.size());
    answer_ = words;
    answer_scroll_ = 0;
}

void Viewer::console_key(Key key) {
    if (key == key::escape) {
        mode_ = Mode::Keys;
        return;
    }
    std::string bytes;
    switch (key) {
    case key::enter: bytes = "\r"; break;
    case key::backspace: bytes = "\x7f"; break;
    case key::up: bytes = "\x1b[A"; break;
    case key::down: bytes = "\x1b[B"; break;
    case key::right: bytes = "\x1b[C"; break;
    case key::left: bytes = "\x1b[D"; break;
    default:
        if (key >= 0x110000) return;
        paint::append_utf8(bytes, key);
    }
    debugged_.type(bytes);
    say("typed for the guest; it arrives when time next moves on past what was lived (c runs)");
}

void Viewer::click(paint::Point cell) {
    stale_ = true;
    marked_.reset();
    hover_.reset();
    if (std::exchange(help_, false)) return;
    const paint::Node* node = picture_.node_at(cell);
    if (node && !node->command.empty()) execute(node->command);
}

void Viewer::hover(std::optional<paint::Point> cell) {
    if (hover_ == cell) return;
    const auto node = [&](const std::optional<paint::Point>& at) { return at ? picture_.node_at(*at) : nullptr; };
    stale_ |= node(hover_) != node(cell);
    hover_ = cell;
}

void Viewer::wheel(int steps, bool whole) {
    if (steps == 0) return;
    stale_ = true;
    if (help_ || (hover_ && answer_place_.contains(*hover_))) return scroll(3 * steps);
    const char* command = whole ? (steps > 0 ? "stepi" : "reverse-stepi") : (steps > 0 ? "micro" : "back-micro");
    take(debugged_.execute(fmt::format("{} {}", command, std::abs(steps))));
}

void Viewer::drag(paint::Point from, paint::Point to) {
    const auto [left, right] = std::minmax(from.x, to.x);
    const auto [top, bottom] = std::minmax(from.y, to.y);
    marked_ = paint::intersection({left, top, right - left + 1, bottom - top + 1}, picture_.bounds());
    hover_.reset();
    stale_ = true;
}

std::string Viewer::marked_text() const {
    if (!marked_) return {};
    std::string text;
    for (int y = marked_->y; y < marked_->bottom(); ++y) {
        std::string row;
        for (int x = marked_->x; x < marked_->right(); ++x) paint::append_utf8(row, picture_.at(x, y).character);
        row.erase(row.find_last_not_of(' ') + 1);
        text += row;
        if (marked_->height > 1) text += '\n';
    }
    return text;
}

bool Viewer::execute(std::string_view line) {
    const debug::Outcome outcome = debugged_.execute(line);
    answer_title_ = line;
    take(outcome);
    return !outcome.error;
}

void Viewer::take(const debug::Outcome& outcome) {
    stale_ = true;
    quit_ |= outcome.quit;
    if (outcome.moved) {
        model_stale_ = true;
        options_.node.clear();
    }
    if (outcome.show_view) return show_view(*outcome.show_view);
    auto lines = lines_of(outcome.text);
    // A stop is told in the lines of the debugger: reason, place, instruction. The page shows all but the reason, so one row does.
    if (lines.size() > 1 && !outcome.arrival) {
        answer_ = std::move(lines);
        answer_scroll_ = 0;
        return say("");
    }
    if (outcome.moved) answer_.clear();
    say(lines.empty() ? "" : lines.front(), outcome.error);
}

void Viewer::say(std::string text, bool error) {
    message_ = std::move(text);
    message_is_error_ = error;
}

void Viewer::ask(std::string_view words) {
    mode_ = Mode::Command;
    prompt_.open(":", words);
    say("");
}

void Viewer::ask_for_file() {
    look();
    ask(fmt::format("render {}-{}.svg {}", view_, machine::to_text(model_.header.at), view_));
}

void Viewer::show_view(std::string_view name) {
    const views::ViewInfo* view = views::find_view(name);
    if (!view) return say(fmt::format("there is no view `{}`; `:view` lists those there are", name), true);
    if (view_ == view->name) return say(fmt::format("this is {}", view->name));
    view_ = view->name;
    zoomed_ = false;
    options_.panel.clear(), options_.subject.clear(), options_.node.clear();
    options_.scroll = 0;
    model_stale_ = stale_ = true;
    say(fmt::format("{}: {}", view->name, view->title));
}

void Viewer::next_view() {
    const auto views = views::all_views();
    const auto here = std::ranges::find(views, view_, &views::ViewInfo::name);
    const auto next = here == views.end() || here + 1 == views.end() ? views.begin() : here + 1;
    show_view(next->name);
}

std::string Viewer::focused() const {
    const auto ids = views::panel_ids(model_);
    if (std::ranges::find(ids, options_.panel) != ids.end()) return options_.panel;
    return ids.empty() ? std::string{} : std::string(ids.front());
}

void Viewer::move_focus(int by) {
    look();
    const auto ids = views::panel_ids(model_);
    if (ids.empty()) return say("this view has no panels");
    const auto count = static_cast<int>(ids.size());
    const auto here = static_cast<int>(std::ranges::find(ids, focused()) - ids.begin());
    focus_digit(static_cast<unsigned>((here + by + count) % count));
}

void Viewer::focus_digit(unsigned digit) {
    look();
    const auto ids = views::panel_ids(model_);
    if (digit >= ids.size()) return say(fmt::format("this view has {} panels", ids.size()));
    options_.panel = ids[digit];
    options_.scroll = 0;
    const views::Panel* panel = model_.find(options_.panel);
    say(fmt::format("panel {}: {}", digit + 1, panel ? panel->title : options_.panel));
}

void Viewer::toggle_zoom() {
    look();
    zoomed_ = !zoomed_;
    options_.panel = focused();
    say(zoomed_ ? "one panel; z shows all again" : "");
}

void Viewer::scroll(int rows) {
    if (help_) {
        help_scroll_ = std::max(0, help_scroll_ + rows);
    } else if (!answer_.empty()) {
        answer_scroll_ = std::clamp(answer_scroll_ + rows, 0, std::max(0, static_cast<int>(answer_.size()) - 1));
    } else {
        look();
        options_.panel = focused();
        const int most = 4096;
        options_.scroll = static_cast<u32>(std::clamp(static_cast<int>(options_.scroll) + rows, 0, most));
    }
}

void Viewer::escape() {
    if (!answer_.empty())
        answer_.clear();
    else if (!found_.empty())
        found_.clear();
    else if (zoomed_)
        zoomed_ = false;
    else if (console_)
        console_ = false;
    say("");
}

bool Viewer::take_redraw() {
    return std::exchange(redraw_, false);
}

} // namespace trapgate::frontend::viewer
