// SPDX-License-Identifier: MIT
// print, x, xp, set.
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/edits.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/debug/vector_lanes.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

/// "/FORMAT rest", as in `print /x $eax` or the `/4xw` of `x/4xw`.
std::string_view take_format(std::string_view arguments, std::string_view& rest) {
    rest = trimmed(arguments);
    if (!rest.starts_with('/')) return {};
    const std::string_view format = first_word(rest, rest);
    return format.substr(1);
}

/// Reads memory by linear or physical address.
class Examiner {
  public:
    Examiner(Context& context, bool physical) : context_(context), physical_(physical) {}

    bool read(u32 address, std::span<u8> out) const {
        if (!physical_) return context_.debuggee.memory().read(address, out);
        const mmu::PhysicalMemory& memory = context_.debuggee.machine().memory();
        if (!memory.contains({address}, static_cast<u32>(out.size()))) return false;
        std::memcpy(out.data(), memory.bytes().data() + address, out.size());
        return true;
    }

    /// Shows what `format` asks for from `address` on, which then stands behind it. An error ends what could be shown.
    Outcome run(u32& address, const DisplayFormat& format) {
        if (physical_ && (format.letter == 'i' || format.letter == 's'))
            return failed("xp: instructions and strings are read by linear addresses: x");
        if (format.letter == 'i') return instructions(address, format.count);
        if (format.letter == 's') return strings(address, format.count);
        return numbers(address, format);
    }

  private:
    Outcome unreadable(std::string text, u32 address) const {
        Outcome outcome = failed(
            fmt::format("{}cannot read {} at {:#010x}", text, physical_ ? "physical memory" : "memory", address));
        return outcome;
    }

    std::string label(u32 address) const {
        const std::string name = physical_ ? "" : context_.scope.name_at(address);
        return name.empty() ? fmt::format("{:#010x}:", address) : fmt::format("{:#010x} <{}>:", address, name);
    }

    Outcome numbers(u32& address, const DisplayFormat& format) {
        const u32 per_line =
            format.letter == 't' || format.letter == 'a' || format.unit == 8 ? 2 : 16 / std::max(format.unit, 2u);
        std::string text;
        u64 value = 0;
        for (u64 i = 0; i < format.count; ++i) {
            std::array<u8, 8> bytes{};
            if (!read(address, std::span(bytes).first(format.unit)))
                return unreadable(text.empty() || text.ends_with('\n') ? text : text + '\n', address);
            std::memcpy(&value, bytes.data(), sizeof value);
            if (i % per_line == 0) text += (i ? "\n" : "") + label(address);
            text += "  " + show_number(value, format.unit, format.letter, context_.scope);
            address += format.unit;
        }
        remember(address - format.unit, value, format.unit);
        return said(text);
    }

    /// $_ and $__, as in gdb: the last address examined and what stands there.
    void remember(u32 address, u64 value, u32 unit) {
        const Type type = integer(unit, unit == 4);
        context_.scope.variables["_"] = {type.pointer_to(), address, {}, {}};
        context_.scope.variables["__"] = {type, fit(value, type), {}, {}};
    }

    Outcome instructions(u32& address, u64 count) {
        std::string text;
        for (u64 i = 0; i < count; ++i) {
            const auto code = code_at(context_, address);
            if (!code) return unreadable(text, address);
            text += instruction_line(context_, address, address == context_.linear_eip() ? "=> " : "   ");
            address += code->length;
        }
        return said(text);
    }

    Outcome strings(u32& address, u64 count) {
        std::string text;
        for (u64 i = 0; i < count; ++i) {
            constexpr u32 longest = 200;
            const auto shown = show_string(address, longest, context_.scope);
            const auto bytes = context_.debuggee.memory().text(address, longest);
            if (!shown || !bytes) return unreadable(text, address);
            text += fmt::format("{} {}\n", label(address), *shown);
            address += static_cast<u32>(bytes->size()) + (bytes->size() < longest);
        }
        return said(text);
    }

    Context& context_;
    bool physical_;
};

Outcome examine(Context& context, std::string_view arguments, bool physical) {
    std::string_view expression;
    const std::string_view format_text = take_format(arguments, expression);
    GoOn& go_on = context.go_on;
    DisplayFormat format = go_on.format;
    if (!format_text.empty()) {
        TRY_OR_FAIL(given, parse_display_format(format_text));
        format = given;
        if (!format.letter) format.letter = go_on.format.letter;
        if (!format.unit) format.unit = format.letter == 'c' ? 1 : format.letter == 'a' ? 4 : go_on.format.unit;
    } else if (!expression.empty()) {
        format.count = 1;
    }
    if (!expression.empty()) {
        TRY_OR_FAIL(address, context.address(expression));
        go_on.examine = address;
    } else if (go_on.physical != physical) {
        return failed("an address is missing: the last one was of the other kind");
    }
    go_on.physical = physical;
    go_on.format = format;
    return Examiner(context, physical).run(go_on.examine, format);
}

/// set $name = value, for names that are no registers.
bool is_own_variable(const Context& context, std::string_view name) {
    if (name.find_first_of(".[-") != std::string_view::npos) return false; // part of something
    if (is_vector_register(name)) return false;
    const auto known = context.scope.dollar(name);
    return name.size() && !(name[0] >= '0' && name[0] <= '9') &&
           (!known || context.scope.variables.contains(std::string(name)));
}

} // namespace

Outcome command_print(Context& context, std::string_view arguments) {
    std::string_view expression;
    const std::string_view format_text = take_format(arguments, expression);
    char letter = 0;
    if (!format_text.empty()) {
        TRY_OR_FAIL(format, parse_display_format(format_text));
        if (format.letter == 'i') return failed("print/i: use x/i");
        letter = format.letter;
    }
    if (expression.empty() && !context.scope.history.empty()) expression = "$";
    TRY_OR_FAIL(value, evaluate(expression, context.scope));
    context.scope.history.push_back(value);
    return said(fmt::format("${} = {}", context.scope.history.size(), show(value, letter, context.scope)));
}

Outcome command_examine(Context& context, std::string_view arguments) {
    return examine(context, arguments, false);
}

Outcome command_examine_physical(Context& context, std::string_view arguments) {
    return examine(context, arguments, true);
}

Outcome command_set(Context& context, std::string_view arguments) {
    if (arguments.starts_with("var ")) arguments = trimmed(arguments.substr(4)); // as gdb has it
    const auto equals = find_assignment(arguments);
    if (equals == std::string_view::npos)
        return failed("set $REGISTER = EXPRESSION, or set {TYPE}ADDRESS = EXPRESSION");
    const std::string_view left = trimmed(arguments.substr(0, equals)),
                           right = trimmed(arguments.substr(equals + 1));
    if (left.starts_with('$') && is_own_variable(context, left.substr(1))) {
        TRY_OR_FAIL(value, evaluate(right, context.scope));
        value.register_name.clear(); // its value, not its place
        context.scope.variables[std::string(left.substr(1))] = value;
        return {};
    }
    TRY_OR_FAIL(edit, parse_edit(context, arguments));
    if (context.time().now().micro)
        return failed(
            "set: only between two instructions (stepi or reverse-stepi leads there); what-if tries it elsewhere");
    TRY_OR_FAIL(done, context.time().edit(edit));
    (void)done;
    Outcome outcome;
    outcome.moved = true;
    return outcome;
}

} // namespace trapgate::frontend::debug
