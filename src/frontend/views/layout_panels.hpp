// SPDX-License-Identifier: MIT
// The insides of panels, one function a kind. `focused`: this one obeys Options::scroll.
#pragma once

#include "frontend/paint/area.hpp"
#include "frontend/views/model.hpp"
#include "frontend/views/views.hpp"

namespace trapgate::frontend::views {

struct Drawing {
    const Options& options;
    bool focused = false;
    u32 scroll() const { return focused ? options.scroll : 0; }
};

void draw(paint::Area, const StepsPanel&, const Drawing&);
void draw(paint::Area, const ChainPanel&, const Drawing&);
void draw(paint::Area, const StackPanel&, const Drawing&);
void draw(paint::Area, const RegistersPanel&, const Drawing&);
void draw(paint::Area, const TimelinePanel&, const Drawing&);
void draw(paint::Area, const CaptionPanel&, const Drawing&);
void draw(paint::Area, const TablePanel&, const Drawing&);
void draw(paint::Area, const TextPanel&, const Drawing&);
void draw(paint::Area, const ScreenPanel&, const Drawing&);

/// Rows and columns inside the frame that the whole of it takes.
int rows_of(const StepsPanel&, int width);
int rows_of(const ChainPanel&, int width);
int rows_of(const StackPanel&, int width);
int rows_of(const RegistersPanel&, int width);
int rows_of(const TimelinePanel&, int width);
int rows_of(const CaptionPanel&, int width);
int rows_of(const TablePanel&, int width);
int rows_of(const TextPanel&, int width);
int rows_of(const ScreenPanel&, int width);
int columns_of(const TablePanel&);
int columns_of(const TextPanel&);

/// First row to show of `count`, so that row `wanted` is among the `height` ones, scrolled by `scroll` from there. The window
/// moves only when it has to: it shows the beginning as long as `wanted` is in its first two thirds.
int first_shown(int count, int height, int wanted, u32 scroll);

} // namespace trapgate::frontend::views
