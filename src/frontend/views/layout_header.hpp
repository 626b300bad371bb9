// SPDX-License-Identifier: MIT
// The head line: when, who, in which mode, and between which rings.
#pragma once

#include "frontend/paint/area.hpp"
#include "frontend/views/model.hpp"
#include "frontend/views/views.hpp"

namespace trapgate::frontend::views {

/// What fits of it, the most important things first: the time, the badge, the task, the mode, the place, the keys.
void draw_header(paint::Area row, const ViewModel& model, const Options& options);

} // namespace trapgate::frontend::views
