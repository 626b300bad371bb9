// SPDX-License-Identifier: MIT
// A view model made by hand: the scene of the display's first sketch, int 0x80 between two pushes. For tests of layouts and JSON.
#pragma once

#include "frontend/views/model.hpp"

namespace trapgate::tests {

frontend::views::ViewModel scene_of_a_push();

} // namespace trapgate::tests
