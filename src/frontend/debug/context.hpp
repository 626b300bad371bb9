// SPDX-License-Identifier: MIT
// What the commands work on: one debuggee, the breakpoints, and what the last commands have left behind.
#pragma once

#include "frontend/debug/format.hpp"
#include "frontend/debug/interpreter.hpp"
#include "frontend/debug/scope.hpp"
#include "frontend/disassembly.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace trapgate::frontend::debug {

/// Where `x`, `list` and `disassemble` go on when they are repeated without arguments.
struct GoOn {
    u32 examine = 0; ///< address
    bool physical = false;
    DisplayFormat format{1, 'x', 4};
    std::string list_file;
    int list_line = 0; ///< the first line not yet shown; 0: nothing was listed
    u32 disassemble = 0;
};

struct Context {
    Interpreter& interpreter;
    Debuggee& debuggee;
    Breakpoints breakpoints{};
    DebuggeeScope scope;
    Disassembler disassembler{32};
    GoOn go_on{};
    std::vector<std::string> source_folders{}; ///< `directory DIR`
    int script_depth = 0;

    machine::TimeMachine& time() { return debuggee.time(); }
    const cpu::Cpu& cpu() const { return debuggee.cpu(); }
    /// CS base + EIP.
    u32 linear_eip() const { return cpu().segment(cpu::SegmentRegister::cs).base + cpu().eip; }

    /// The number an expression stands for.
    Result<u64> number(std::string_view expression) const;
    /// The same as an address: of an object that is no pointer its value, of an array or structure its place.
    Result<u32> address(std::string_view expression) const;
};

/// Splits off the first word; `rest` becomes what follows it without blanks around.
std::string_view first_word(std::string_view text, std::string_view& rest);
std::string_view trimmed(std::string_view text);
/// All words, split at blanks.
std::vector<std::string_view> words_of(std::string_view text);

Outcome said(std::string text);
Outcome failed(const Error& error);
Outcome failed(std::string message);

} // namespace trapgate::frontend::debug

/// Inside a command: binds the value, or ends the command with the error.
#define TRY_OR_FAIL(name, ...)                                                                                     \
    auto name##_result_ = (__VA_ARGS__);                                                                           \
    if (!name##_result_) return failed(name##_result_.error());                                                    \
    auto& name = name##_result_.value()
