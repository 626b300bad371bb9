// SPDX-License-Identifier: MIT
// What tui and gui have in common, which is nearly all: keys and mouse become commands of the debugger, what it answers and what the
// views show become one grid of cells. Knows nothing of terminals, windows and pixels, so tests drive it with keys and read text.
#pragma once

#include "frontend/keys.hpp"
#include "frontend/paint/area.hpp"
#include "frontend/paint/theme.hpp"
#include "frontend/viewer/debugged.hpp"
#include "frontend/viewer/prompt.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::viewer {

struct Settings {
    std::string view = "switch";
    std::string subject;
    std::string panel;
    bool ascii = false;
    bool low_on_top = false;
    const paint::Theme* theme = &paint::default_theme();
};

class Viewer {
  public:
    /// REQUIRES: `debugged` outlives this.
    Viewer(Debugged& debugged, const Settings& settings);

    // --- What the user does --------------------------------------------------------------------------------
    void key(Key key);
    /// Text that was pasted, or put together by an input method.
    void text(std::string_view utf8);
    void click(paint::Point cell);
    /// The mouse stands there; nothing: it has left.
    void hover(std::optional<paint::Point> cell);
    /// The wheel is time: positive goes on, negative back; `whole`: by instructions. Over an answer it scrolls.
    void wheel(int steps, bool whole);
    /// Marks the cells of the rectangle between the two corners.
    void drag(paint::Point from, paint::Point to);
    /// Executes a line as if it had been typed; true if the debugger accepted it.
    bool execute(std::string_view line);
    /// Shows what a command did that somebody else executed.
    void take(const debug::Outcome& outcome);

    // --- What the user sees --------------------------------------------------------------------------------
    /// The picture in this size; drawn anew only if something changed.
    const paint::Grid& picture(int columns, int rows);
    /// While a move goes on: the last picture with a line of progress.
    const paint::Grid& progress(u64 instruction);
    const paint::Theme& theme() const { return *settings_.theme; }
    /// Text of the marked cells; empty if none are.
    std::string marked_text() const;
    bool quit() const { return quit_; }
    /// Something changed since the last picture().
    bool stale() const { return stale_; }
    /// The next picture must be drawn from nothing (^L).
    bool take_redraw();
    /// What an error or the last one-line answer said.
    const std::string& message() const { return message_; }

  private:
    enum class Mode : u8 { Keys, Command, Search, Console };

    void act(const KeyRow& row, Key key);
    void act_on_page(const KeyRow& row, Key key);
    void prompt_key(Key key);
    void console_key(Key key);
    void finish_prompt();
    void complete();
    void say(std::string text, bool error = false);
    void ask(std::string_view words);
    void ask_for_file();
    void show_view(std::string_view name);
    void next_view();
    void move_focus(int by);
    void focus_digit(unsigned digit);
    void toggle_zoom();
    void scroll(int rows);
    void escape();
    void search(const std::string& text);
    bool find_in_panels(const std::u32string& wanted);

    void look();
    views::ViewModel shown_model() const;
    std::string focused() const;
    void compose(int columns, int rows);
    void draw_page(paint::Grid& grid, int rows);
    void draw_console(paint::Area area);
    void draw_answer(paint::Area area);
    void draw_bottom(paint::Area row);
    void draw_prompt(paint::Area row);
    void draw_hints(paint::Area row, int from);
    void draw_help(paint::Area area);
    void draw_tooltip(paint::Grid& grid) const;
    void mark_found(paint::Grid& grid) const;

    Debugged& debugged_;
    Settings settings_;
    views::Options options_;
    std::string view_;
    views::ViewModel model_;
    bool model_stale_ = true, stale_ = true, redraw_ = false, quit_ = false;
    bool zoomed_ = false, help_ = false, console_ = false;
    Mode mode_ = Mode::Keys;
    Prompt prompt_;
    std::string message_;
    bool message_is_error_ = false;
    std::string answer_title_;
    std::vector<std::string> answer_;
    int answer_scroll_ = 0, help_scroll_ = 0, help_rows_ = 0;
    std::string found_;
    std::optional<paint::Point> hover_;
    std::optional<paint::Rect> marked_;
    paint::Rect answer_place_{};
    paint::Grid picture_{1, 1};
};

} // namespace trapgate::frontend::viewer
