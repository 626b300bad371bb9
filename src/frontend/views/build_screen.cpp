// SPDX-License-Identifier: MIT
// View `screen`: what the user of the guest would see: the adapter's text screen where the kernel writes to it, or (our kernel talks
// through channels to the host) what it has printed up to this moment. Truth: devices/vga_text.hpp, Debuggee::console_text().
#include "devices/code_page_437.hpp"
#include "frontend/views/builders.hpp"
#include "frontend/views/naming.hpp"

#include <fmt/format.h>
#include <utility>

namespace trapgate::frontend::views {

namespace {

constexpr std::size_t most_lines = 2000; ///< of console output; older ones have scrolled away

ScreenPanel panel_of(const devices::TextScreen& screen) {
    ScreenPanel panel;
    panel.columns = screen.columns;
    panel.rows = screen.rows;
    for (const devices::TextCell& cell : screen.cells)
        panel.cells.push_back({devices::code_page_437(cell.character), cell.attribute});
    if (screen.cursor) panel.cursor = screen.cursor->row * screen.columns + screen.cursor->column;
    return panel;
}

/// A line as it stands at the end: a carriage return begins it again, a backspace takes one back, escape sequences are left out.
class TerminalLine {
  public:
    void add(char c) {
        if (in_escape_) return escape(c);
        switch (c) {
        case '\x1b': in_escape_ = true; return;
        case '\r': at_ = 0; return;
        case '\b': at_ -= at_ > 0; return;
        case '\t':
            do put(' ');
            while (at_ % 8);
            return;
        default: break;
        }
        if (static_cast<unsigned char>(c) >= ' ') put(c);
    }
    std::string take() {
        at_ = 0;
        return std::exchange(text_, {});
    }
    bool empty() const { return text_.empty(); }

  private:
    void put(char c) {
        if (at_ < text_.size())
            text_[at_] = c;
        else
            text_ += c;
        ++at_;
    }
    /// ESC [ … letter; ESC and another character.
    void escape(char c) {
        if (c == '[' && !bracket_) {
            bracket_ = true;
        } else if (!bracket_ || (c >= '@' && c <= '~')) {
            in_escape_ = bracket_ = false;
        }
    }
    std::string text_;
    std::size_t at_ = 0;
    bool in_escape_ = false, bracket_ = false;
};

Panel console_panel(const std::string& text) {
    TextPanel lines;
    lines.tail = true;
    TerminalLine line;
    const auto end_line = [&] {
        lines.lines.emplace_back(line.take());
        lines.lines.back().id = fmt::format("line.{}", lines.lines.size());
    };
    for (const char c : text)
        if (c == '\n')
            end_line();
        else
            line.add(c);
    if (!line.empty()) end_line();
    if (lines.lines.size() > most_lines) lines.lines.erase(lines.lines.begin(), lines.lines.end() - most_lines);
    return panel("console", "what the guest has printed so far", lines);
}

} // namespace

Status build_screen(Debuggee& debuggee, const Options&, ViewModel& model) {
    model.title = "screen";
    const auto& machine = debuggee.machine();
    const auto& vga = machine.board().vga;
    const bool screen = vga.shows_something(machine.memory());
    const std::string printed = debuggee.console_text();
    if (screen || (!debuggee.guest() && printed.empty())) {
        const devices::TextScreen shown = vga.screen(machine.memory());
        if (shown.cells.empty()) {
            model.remarks.emplace_back("there is no text screen: the guest has no memory at B8000h");
            return Nothing{};
        }
        model.panels.push_back(panel("screen", "text screen at B8000h", panel_of(shown)));
        if (!shown.on) model.remarks.emplace_back("the adapter is switched off: a monitor would be dark");
    }
    if (!printed.empty() || !screen) {
        if (printed.empty())
            model.remarks.emplace_back("the guest has printed nothing yet");
        else
            model.panels.push_back(console_panel(printed));
    }
    return Nothing{};
}

} // namespace trapgate::frontend::views
