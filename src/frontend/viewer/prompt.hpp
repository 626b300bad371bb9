// SPDX-License-Identifier: MIT
// The command line at the bottom of a viewer: one line with a cursor, and the lines before it. The keys are readline's.
#pragma once

#include "frontend/keys.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::viewer {

class Prompt {
  public:
    enum class After : u8 {
        Editing,
        Accepted,  ///< Enter: line() is what was typed
        Cancelled, ///< Esc, ^C, or Backspace in an empty line
        Complete,  ///< Tab
    };

    /// Opens with `text` in the line; `sign` stands before it (":", "/").
    void open(std::string_view sign, std::string_view text);
    After key(Key key);
    void insert(std::string_view utf8);
    /// Replaces the line, cursor at the end.
    void set(std::string_view utf8);

    const std::string& sign() const { return sign_; }
    std::string line() const;
    /// The part before the cursor, which completion looks at.
    std::string line_to_cursor() const;
    int cursor() const { return static_cast<int>(cursor_); } ///< in characters

  private:
    void older();
    void newer();

    std::string sign_;
    std::u32string text_;
    std::size_t cursor_ = 0;
    std::vector<std::u32string> history_;
    std::size_t at_ = 0; ///< in history_; its size: the new line
};

} // namespace trapgate::frontend::viewer
