// SPDX-License-Identifier: MIT
// Options::relative for views that are mostly numbers: kernel addresses in the texts of a model become names.
#pragma once

#include "frontend/debuggee.hpp"
#include "frontend/views/model.hpp"

namespace trapgate::frontend::views {

/// Every number of eight hexadecimal digits in a text, from PAGE_OFFSET up, becomes "stack2-3c" (pid 2's kernel stack, below its
/// top), "task2", "IDT[80]+5", a symbol, or "(kernel)"; addresses on a user's stack become "(stack)". Ids and commands stay as they are: they have to work.
void make_relative(const Debuggee& debuggee, ViewModel& model);

} // namespace trapgate::frontend::views
