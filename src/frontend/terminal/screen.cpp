// SPDX-License-Identifier: MIT
// ncurses for the terminal's input and size; ECMA-48 sequences for the picture.
#include "frontend/terminal/screen.hpp"

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <poll.h>
#include <string_view>
#include <unistd.h>

#define NCURSES_NOMACROS 1
#include <curses.h>

namespace trapgate::terminal {

namespace {

namespace key = frontend::key;

constexpr int usage = 2;

/// A capability as text, without the padding ("$<5>") that only old hardware needs; empty if the terminal lacks it.
std::string capability(const char* name) {
    const char* text = tigetstr(name);
    if (!text || text == reinterpret_cast<const char*>(-1)) return {};
    std::string plain;
    for (std::string_view rest(text); !rest.empty(); rest.remove_prefix(1)) {
        if (rest.starts_with("$<"))
            rest.remove_prefix(rest.find('>') == rest.npos ? rest.size() - 1 : rest.find('>'));
        else
            plain += rest.front();
    }
    return plain;
}

paint::ColourDepth depth_of_terminal() {
    const paint::ColourDepth asked = paint::depth_of(paint::TerminalVariables::of_this_process());
    const int colours = tigetnum("colors");
    if (colours < 8) return paint::ColourDepth::Mono;
    if (colours < 256 && asked == paint::ColourDepth::Indexed) return paint::ColourDepth::Sixteen;
    return asked == paint::ColourDepth::Plain ? paint::ColourDepth::Mono : asked;
}

frontend::Key special(int code) {
    switch (code) {
    case KEY_UP: return key::up;
    case KEY_DOWN: return key::down;
    case KEY_LEFT: return key::left;
    case KEY_RIGHT: return key::right;
    case KEY_PPAGE: return key::page_up;
    case KEY_NPAGE: return key::page_down;
    case KEY_HOME: return key::home;
    case KEY_END: return key::end;
    case KEY_DC: return key::remove;
    case KEY_BTAB: return key::back_tab;
    case KEY_BACKSPACE: return key::backspace;
    case KEY_ENTER: return key::enter;
    default: return 0;
    }
}

Input mouse_input() {
    MEVENT event;
    if (getmouse(&event) != OK) return {};
    Input input{.cell = {event.x, event.y}};
    if (event.bstate & BUTTON4_PRESSED) {
        input.kind = Input::Kind::Wheel, input.wheel = -1;
    } else if (event.bstate & BUTTON5_PRESSED) {
        input.kind = Input::Kind::Wheel, input.wheel = 1;
    } else if (event.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED)) {
        input.kind = Input::Kind::Click;
    }
    return input;
}

} // namespace

Result<std::unique_ptr<Screen>> Screen::open() {
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return Error{
            "tui: standard input and output must be a terminal; `trapgate render` makes pictures for files", usage};
    std::setlocale(LC_CTYPE, "");
    const char* name = std::getenv("TERM");
    std::unique_ptr<Screen> screen(new Screen);
    screen->terminal_ = newterm(nullptr, stdout, stdin);
    if (!screen->terminal_)
        return Error{
            fmt::format("tui: TERM={}: the terminal database does not know this terminal", name ? name : ""),
            usage};
    if (!capability("cup").starts_with("\x1b["))
        return Error{fmt::format("tui: TERM={}: this terminal cannot place its cursor as ANSI terminals do",
                                 name ? name : ""),
                     usage};
    screen->utf8_ = paint::locale_is_utf8();
    screen->depth_ = depth_of_terminal();
    screen->take_over();
    return screen;
}

void Screen::take_over() {
    set_escdelay(40);
    raw(); // ^C and ^Z come as keys: both mean something to us
    nonl();
    noecho();
    curs_set(0);
    WINDOW* pad = newpad(1, 1);
    pad_ = pad;
    keypad(pad, true);
    mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, nullptr);
    mouseinterval(0);
    refresh(); // enters the full screen; ncurses itself draws nothing from here on
    write(capability("rmam") + capability("clear"));
}

Screen::~Screen() {
    if (!terminal_) return;
    if (pad_) give_back();
    if (pad_) delwin(static_cast<WINDOW*>(pad_));
    delscreen(static_cast<SCREEN*>(terminal_));
}

void Screen::give_back() {
    write("\x1b[0m" + capability("smam") + capability("clear"));
    curs_set(1);
    endwin();
}

int Screen::columns() const {
    return std::max(1, getmaxx(stdscr));
}

int Screen::rows() const {
    return std::max(1, getmaxy(stdscr));
}

void Screen::write(const std::string& bytes) {
    std::string_view rest(bytes);
    while (!rest.empty()) {
        const ssize_t done = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0 && errno == EAGAIN) {
            pollfd ready{STDOUT_FILENO, POLLOUT, 0};
            poll(&ready, 1, 100);
            continue;
        }
        if (done <= 0) return; // the terminal has gone: read() will say so
        rest.remove_prefix(static_cast<std::size_t>(done));
    }
}

void Screen::draw(const paint::Grid& grid, const paint::Theme& theme) {
    std::string out;
    const auto rows = static_cast<std::size_t>(grid.rows());
    if (drawn_.size() != rows) {
        drawn_.assign(rows, std::string{});
        out += "\x1b[0m" + capability("clear");
    }
    for (int y = 0; y < grid.rows(); ++y) {
        std::string row = paint::ansi_row(grid, y, theme, depth_);
        std::string& before = drawn_[static_cast<std::size_t>(y)];
        if (row == before) continue;
        out += fmt::format("\x1b[{};1H{}", y + 1, row);
        before = std::move(row);
    }
    write(out);
}

Input Screen::read(int milliseconds) {
    auto* pad = static_cast<WINDOW*>(pad_);
    wtimeout(pad, milliseconds);
    wint_t code = 0;
    const int kind = wget_wch(pad, &code);
    if (kind == ERR) {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        const bool gone = poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL));
        return {.kind = gone ? Input::Kind::Gone : Input::Kind::Nothing};
    }
    if (kind == KEY_CODE_YES) {
        if (code == KEY_RESIZE) {
            forget();
            return {.kind = Input::Kind::Resized};
        }
        if (code == KEY_MOUSE) return mouse_input();
        const frontend::Key known = special(static_cast<int>(code));
        return {.kind = known ? Input::Kind::Key : Input::Kind::Nothing, .key = known};
    }
    if (code == 26) return {.kind = Input::Kind::Suspend};
    if (code == 127) return {.kind = Input::Kind::Key, .key = key::backspace};
    return {.kind = Input::Kind::Key, .key = static_cast<frontend::Key>(code)};
}

void Screen::suspend() {
    give_back();
    struct sigaction by_default {
    }, ours{};
    by_default.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &by_default, &ours);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &ours, nullptr);
    refresh();
    curs_set(0);
    write(capability("rmam") + capability("clear"));
    forget();
}

} // namespace trapgate::terminal
