// SPDX-License-Identifier: MIT
// Drawing models into cells: each kind of panel knows how to draw itself into an area of any size; the layouts that views.def names
// place the panels. Pure: nothing here looks at a machine.
#pragma once

#include "frontend/paint/area.hpp"
#include "frontend/views/model.hpp"
#include "frontend/views/views.hpp"

namespace trapgate::frontend::views {

// --- Layouts (the functions in views.def) --------------------------------------------------------------
#define VIEW(name, key, title, builder, layout) void layout(paint::Area, const ViewModel&, const Options&);
#include "frontend/views/views.def"
#undef VIEW

/// For views without a shape of their own: the panels one below the other, each as high as it needs to be; the last one gets
/// the rest. If they do not fit, the focused one (Options::panel, else the first) is alone on the page, with tabs for the others.
void layout_rows(paint::Area area, const ViewModel& model, const Options& options);
/// The same, side by side with equal widths, if `least` columns are left for each; otherwise as layout_rows().
void layout_columns(paint::Area area, const ViewModel& model, const Options& options, int least = 38);

// --- Panels --------------------------------------------------------------------------------------------
/// The panel with its frame, filling the area. The focused one can be scrolled (Options::scroll).
void draw_panel(paint::Area area, const Panel& panel, const Options& options);
/// One row: the names of the panels with the digits that select them.
void draw_tabs(paint::Area row, const ViewModel& model, std::string_view focused);
/// Rows and columns that the whole panel takes, its frame included.
int natural_height(const Panel& panel, int width);
int natural_width(const Panel& panel);

// --- Pieces --------------------------------------------------------------------------------------------
paint::Style style_of(Meaning meaning);
/// `+`, `>`, `.`, `!`, or a blank.
char32_t sign_of(Mark mark);
Meaning meaning_of(Mark mark);
/// The spans of a line from column `x` on, cut at the right edge with `…`; with its node. Gives the column after it.
int draw_line(paint::Area area, int x, int y, const Line& line);
/// Makes a node of a thing with id, tip and command, and gives the cells to it. Things without any of them get none.
void tag(paint::Area area, paint::Rect rect, const std::string& id, const std::string& tip,
         const std::string& command);

} // namespace trapgate::frontend::views
