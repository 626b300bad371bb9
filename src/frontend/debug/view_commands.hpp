// SPDX-License-Identifier: MIT
// view and render: pictures of the moment, made by frontend/views and frontend/paint.
#pragma once

#include <string>
#include <vector>

namespace trapgate::frontend::debug {

/// The names of all views.
std::vector<std::string> view_names();

} // namespace trapgate::frontend::debug
