// SPDX-License-Identifier: MIT
// Changes to the guest as users write them: $eax = -1, {int}0xc0… = 0, current->pid = 7, idt[0x80].dpl = 0, tss.esp0 = …
#pragma once

#include "frontend/debug/context.hpp"

#include <string_view>

namespace trapgate::frontend::debug {

/// Where the = of an assignment is (not that of == <= >= !=); npos if there is none.
std::size_t find_assignment(std::string_view text);

/// "PLACE = EXPRESSION". A field of a descriptor becomes the eight bytes that hold it.
Result<machine::Edit> parse_edit(Context& context, std::string_view text);
/// Several, separated by semicolons. Each sees the guest as it is, not what the ones before would do, but for fields of one descriptor.
Result<std::vector<machine::Edit>> parse_edits(Context& context, std::string_view text);

} // namespace trapgate::frontend::debug
