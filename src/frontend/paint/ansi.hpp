// SPDX-License-Identifier: MIT
// The ANSI back end: the grid for a terminal, in as many colours as it has.
// Source: ECMA-48 "SGR - Select Graphic Rendition"; xterm's ctlseqs for 256 colours and 24 bits; no-color.org.
#pragma once

#include "frontend/paint/theme.hpp"

#include <string>

namespace trapgate::paint {

enum class ColourDepth : u8 {
    Plain,   ///< no escape sequences at all: files and pipes
    Mono,    ///< bold, underline, inverse: NO_COLOR
    Sixteen, ///< the terminal's own 16 colours on its own paper; the theme has no say
    Indexed, ///< xterm's 256 colours
    TrueColour,
};

/// What the environment says of the terminal. A null pointer is a variable that is not set.
struct TerminalVariables {
    const char* no_color = nullptr;
    const char* term = nullptr;
    const char* colorterm = nullptr;
    static TerminalVariables of_this_process();
};
/// For a terminal, which `variables` describe.
ColourDepth depth_of(const TerminalVariables& variables);
/// Whether the locale's variables (LC_ALL, LC_CTYPE, LANG: the first that is set) promise UTF-8.
bool locale_is_utf8();

/// One line per row, each ended by a reset and a newline. Never moves the cursor.
std::string ansi(const Grid& grid, const Theme& theme, ColourDepth depth);
/// One row of it without the newline, all columns, ended by a reset: for a screen that redraws only what changed.
std::string ansi_row(const Grid& grid, int y, const Theme& theme, ColourDepth depth);

} // namespace trapgate::paint
