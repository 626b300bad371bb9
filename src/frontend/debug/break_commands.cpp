// SPDX-License-Identifier: MIT
// break, watch and what is done with their numbers; info break.
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/where.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

std::string_view kind_text(const Breakpoint& breakpoint) {
    switch (breakpoint.kind) {
    case BreakKind::Code: return breakpoint.temporary ? "tbreakpoint" : "breakpoint";
    case BreakKind::Watch:
        if (!breakpoint.range.writes) return "rwatch";
        return breakpoint.range.reads ? "awatch" : "watch";
    default: return breakpoint.temporary ? "tevent" : "event";
    }
}

std::string place_text(Context& context, const Breakpoint& breakpoint) {
    if (breakpoint.kind == BreakKind::Watch)
        return fmt::format("{:#010x}, {} bytes", breakpoint.range.address, breakpoint.range.bytes);
    std::string text;
    for (const u32 address : breakpoint.addresses) {
        const auto line = context.debuggee.line_of(address);
        text += fmt::format("{}{}{}", text.empty() ? "" : "; ", show_address(address, context.scope),
                            line ? fmt::format(" {}:{}", line->file, line->line) : "");
    }
    return text;
}

std::string one_line(Context& context, const Breakpoint& breakpoint) {
    const std::string place = place_text(context, breakpoint);
    std::string text = fmt::format("{} {}: {}", breakpoint.kind == BreakKind::Watch ? "Watchpoint" : "Breakpoint",
                                   breakpoint.number, breakpoint.where);
    if (!place.empty()) text += " at " + place;
    if (!breakpoint.condition.empty()) text += fmt::format(" if {}", breakpoint.condition);
    return text + '\n';
}

/// The condition is tried once, so that a mistyped one is told now and not at the stop. Names are looked at, memory need not be there.
Status check_condition(Context& context, std::string_view condition) {
    if (condition.empty()) return Nothing{};
    const auto value = context.number(condition);
    if (value || value.error().message.starts_with("cannot read memory")) return Nothing{};
    return value.error();
}

Outcome add(Context& context, Breakpoint breakpoint, std::string_view condition) {
    TRY_OR_FAIL(checked, check_condition(context, condition));
    (void)checked;
    breakpoint.condition = condition;
    const u32 number = context.breakpoints.add(std::move(breakpoint));
    return said(one_line(context, *context.breakpoints.find(number)));
}

Outcome add_where(Context& context, std::string_view arguments, bool temporary) {
    const Conditional parts = split_condition(arguments);
    TRY_OR_FAIL(breakpoint, parse_where(context, parts.what));
    breakpoint.temporary = temporary;
    return add(context, breakpoint, parts.condition);
}

Outcome add_watch(Context& context, std::string_view arguments, bool reads, bool writes) {
    const Conditional parts = split_condition(arguments);
    if (parts.what.empty())
        return failed("what shall be watched? An address, or a symbol: watch counter, watch *0x804a000:8");
    TRY_OR_FAIL(breakpoint, parse_watch(context, parts.what, reads, writes));
    return add(context, breakpoint, parts.condition);
}

/// Those that are named by number; all if none is.
Result<std::vector<u32>> numbers_of(Context& context, std::string_view arguments) {
    std::vector<u32> numbers;
    for (const std::string_view word : words_of(arguments)) {
        TRY(number, context.number(word));
        if (!context.breakpoints.find(static_cast<u32>(number)))
            return Error{fmt::format("there is no breakpoint {}", number), 1};
        numbers.push_back(static_cast<u32>(number));
    }
    if (arguments.empty())
        for (const Breakpoint& breakpoint : context.breakpoints.all()) numbers.push_back(breakpoint.number);
    return numbers;
}

Outcome set_enabled(Context& context, std::string_view arguments, bool enabled) {
    TRY_OR_FAIL(numbers, numbers_of(context, arguments));
    for (const u32 number : numbers) context.breakpoints.find(number)->enabled = enabled;
    return {};
}

} // namespace

Outcome command_break_(Context& context, std::string_view arguments) {
    return add_where(context, arguments, false);
}

Outcome command_tbreak(Context& context, std::string_view arguments) {
    return add_where(context, arguments, true);
}

Outcome command_watch(Context& context, std::string_view arguments) {
    return add_watch(context, arguments, false, true);
}

Outcome command_rwatch(Context& context, std::string_view arguments) {
    return add_watch(context, arguments, true, false);
}

Outcome command_awatch(Context& context, std::string_view arguments) {
    return add_watch(context, arguments, true, true);
}

Outcome command_delete_(Context& context, std::string_view arguments) {
    TRY_OR_FAIL(numbers, numbers_of(context, arguments));
    for (const u32 number : numbers) context.breakpoints.remove(number);
    return {};
}

Outcome command_disable(Context& context, std::string_view arguments) {
    return set_enabled(context, arguments, false);
}

Outcome command_enable(Context& context, std::string_view arguments) {
    return set_enabled(context, arguments, true);
}

Outcome command_ignore(Context& context, std::string_view arguments) {
    std::string_view count_text;
    const std::string_view number_text = first_word(arguments, count_text);
    if (count_text.empty()) return failed("ignore NUMBER COUNT");
    TRY_OR_FAIL(numbers, numbers_of(context, number_text));
    TRY_OR_FAIL(count, context.number(count_text));
    context.breakpoints.find(numbers[0])->ignore = count;
    return said(fmt::format("Breakpoint {} passes its next {} hits.", numbers[0], count));
}

Outcome command_condition(Context& context, std::string_view arguments) {
    std::string_view condition;
    const std::string_view number_text = first_word(arguments, condition);
    if (number_text.empty()) return failed("condition NUMBER [EXPRESSION]");
    TRY_OR_FAIL(numbers, numbers_of(context, number_text));
    TRY_OR_FAIL(checked, check_condition(context, condition));
    (void)checked;
    context.breakpoints.find(numbers[0])->condition = condition;
    return condition.empty() ? said(fmt::format("Breakpoint {} is unconditional now.", numbers[0])) : Outcome{};
}

Outcome info_break_(Context& context, std::string_view) {
    if (context.breakpoints.all().empty()) return said("No breakpoints or watchpoints.");
    std::string text = fmt::format("{:<4} {:<11} {:<4} {:>6}  {}\n", "Num", "Type", "On", "Hits", "What");
    for (const Breakpoint& breakpoint : context.breakpoints.all()) {
        text += fmt::format("{:<4} {:<11} {:<4} {:>6}  {}", breakpoint.number, kind_text(breakpoint),
                            breakpoint.enabled ? "y" : "n", breakpoint.hits, breakpoint.where);
        const std::string place = place_text(context, breakpoint);
        if (!place.empty()) text += " at " + place;
        if (!breakpoint.condition.empty()) text += " if " + breakpoint.condition;
        if (breakpoint.ignore) text += fmt::format(", passes {} more", breakpoint.ignore);
        text += '\n';
    }
    return said(text);
}

} // namespace trapgate::frontend::debug
