// SPDX-License-Identifier: MIT
// The builders that views.def names: each looks at the debuggee's moment and adds panels to a model whose header is there already.
#pragma once

#include "base/result.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/views/model.hpp"
#include "frontend/views/views.hpp"

namespace trapgate::frontend::views {

#define VIEW(name, key, title, builder, layout) Status builder(Debuggee&, const Options&, ViewModel&);
#include "frontend/views/views.def"
#undef VIEW

} // namespace trapgate::frontend::views
