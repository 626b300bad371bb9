// SPDX-License-Identifier: MIT
// The terminal: full-screen, keys and mouse, its size, and everything as it was afterwards. ncurses knows the terminal and reads
// its input; the picture is written by the ANSI back end, only the rows that changed. Source: [ncurses] initscr(3), getch(3).
#pragma once

#include "base/result.hpp"
#include "frontend/keys.hpp"
#include "frontend/paint/ansi.hpp"
#include "frontend/paint/grid.hpp"
#include "frontend/paint/theme.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::terminal {

/// What came from the user.
struct Input {
    enum class Kind : u8 { Nothing, Key, Click, Wheel, Resized, Suspend, Gone } kind = Kind::Nothing;
    frontend::Key key = 0;
    paint::Point cell{};
    int wheel = 0; ///< positive: forward in time (down)
};

class Screen {
  public:
    /// Takes over the terminal. Standard input and output must be one, of the ANSI family; an error says what is wrong (exit code 2).
    static Result<std::unique_ptr<Screen>> open();
    /// Gives it back.
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    int columns() const;
    int rows() const;
    /// No UTF-8 promised: pictures should be ASCII.
    bool ascii() const { return !utf8_; }
    void draw(const paint::Grid& grid, const paint::Theme& theme);
    /// The next draw() writes everything.
    void forget() { drawn_.clear(); }
    /// Waits so long for something (0: only looks).
    Input read(int milliseconds);
    /// ^Z: gives the terminal back until the user's shell continues us.
    void suspend();

  private:
    Screen() = default;
    void take_over();
    void give_back();
    void write(const std::string& bytes);

    void* terminal_ = nullptr; ///< ncurses' SCREEN
    void* pad_ = nullptr;      ///< a WINDOW that is never shown: reading through it does not redraw
    bool utf8_ = false;
    paint::ColourDepth depth_ = paint::ColourDepth::Mono;
    std::vector<std::string> drawn_; ///< what stands in each row
};

} // namespace trapgate::terminal
