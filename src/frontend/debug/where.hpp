// SPDX-License-Identifier: MIT
// The places and events that break, until and list understand: symbol, symbol+4, file.c:12, *ADDRESS, sys:write, ring0, fault:14 …
#pragma once

#include "frontend/debug/context.hpp"

#include <string>
#include <vector>

namespace trapgate::frontend::debug {

/// A breakpoint for `where`, not yet in the table.
Result<Breakpoint> parse_where(Context& context, std::string_view where);
/// A place in code: an address, or a symbol, or a line (which may have several).
Result<std::vector<u32>> parse_place(Context& context, std::string_view place);
/// A watchpoint for "EXPRESSION[:BYTES]" or "ADDRESS:BYTES:rw" (the -w option).
Result<Breakpoint> parse_watch(Context& context, std::string_view what, bool reads, bool writes);
/// The nouns that stand for events: "ring0", "sys:", "fork" …; for completion.
std::vector<std::string> event_words();

/// Splits "WHERE if CONDITION".
struct Conditional {
    std::string_view what;
    std::string_view condition;
};
Conditional split_condition(std::string_view arguments);

} // namespace trapgate::frontend::debug
