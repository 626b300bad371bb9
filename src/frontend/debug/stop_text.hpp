// SPDX-License-Identifier: MIT
// Where we are and why we stopped, in words.
#pragma once

#include "frontend/debug/context.hpp"

#include <string>

namespace trapgate::frontend::debug {

/// "Breakpoint 2, sys:write": empty for a move that just reached its aim.
std::string reason_text(Context& context, const machine::Arrival& arrival);
/// The time, ring and task, the instruction about to run and its micro-steps. Lines end with '\n'.
std::string here_text(Context& context);
/// After a move: both of them, and what goes with it in an Outcome. Temporary breakpoints that were hit go away.
Outcome arrived(Context& context, const machine::Arrival& arrival);

/// "ring 3", "ring 0", or "ring 3 .. 0" where the stack is the inner one already, but not yet the level.
std::string ring_text(const cpu::Cpu& cpu);
/// "page fault" for 14; empty for vectors that have no name.
std::string_view exception_name(u8 vector);
/// An instruction as text, with its length; nothing if it is not mapped. Targets of jumps and calls are named.
struct CodeLine {
    std::string text;
    u32 length;
    std::vector<u8> bytes;
};
std::optional<CodeLine> code_at(Context& context, u32 linear);
/// "=> 0x080480c4 <main+36>: int $0x80    hello.c:12".
std::string instruction_line(Context& context, u32 linear, std::string_view mark);

} // namespace trapgate::frontend::debug
