// SPDX-License-Identifier: MIT
// Keys of tui and gui: a key is a character, or one of the codes below for those that are none. What each does stands in keys.def,
// once for both: most are command strings of the debugger. Source: docs/views.md, "Keys".
#pragma once

#include "base/types.hpp"

#include <span>
#include <string_view>

namespace trapgate::frontend {

using Key = char32_t;

namespace key {
inline constexpr Key tab = 9, enter = 13, escape = 27, backspace = 8, ctrl_c = 3, ctrl_d = 4, ctrl_l = 12,
                     ctrl_u = 21;
// Above the last character of Unicode.
inline constexpr Key up = 0x110000, down = 0x110001, left = 0x110002, right = 0x110003, page_up = 0x110004,
                     page_down = 0x110005, home = 0x110006, end = 0x110007, remove = 0x110008, back_tab = 0x110009;
} // namespace key

enum class Does : u8 {
    Command,   ///< executes `words`
    Ask,       ///< opens the command line with `words` in it
    View,      ///< shows the view `words`
    NextView,  ///< of views.def
    NextPanel, ///< gives the focus on
    LastPanel,
    Panel, ///< gives the focus to the panel with this digit
    Zoom,
    Turn, ///< low addresses above, or high ones
    Numbers,
    Down,
    Up,
    PageDown,
    PageUp,
    NextTheme,
    Ascii,
    Repeat,
    Search,
    Export,
    Console,
    Escape,
    Help,
    Redraw,
    Interrupt,
    Quit,
};

struct KeyRow {
    Key key;
    std::string_view shown; ///< on the help page; empty: not there (the row above speaks for it)
    Does does;
    std::string_view words;
    std::string_view help;
};

struct KeySection {
    std::string_view title;
    std::span<const KeyRow> rows;
};

std::span<const KeySection> key_sections();
/// Null for a key that does nothing.
const KeyRow* find_key(Key key);

} // namespace trapgate::frontend
