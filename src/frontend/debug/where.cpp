// SPDX-License-Identifier: MIT
// `fork` is the three calls that make a task; `switch` is the function of our kernel in which one task's stack becomes another's.
#include "frontend/debug/where.hpp"

#include "frontend/numbers.hpp"
#include "frontend/suggest.hpp"
#include "kernel/syscalls.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

struct EventWord {
    std::string_view word;
    BreakKind kind;
    std::optional<u8> ring;
    bool takes_number; ///< "fault:14"
};
constexpr std::array<EventWord, 8> words{{{"ring", BreakKind::Ring, {}, false},
                                          {"ring0", BreakKind::Ring, u8{0}, false},
                                          {"ring3", BreakKind::Ring, u8{3}, false},
                                          {"fault", BreakKind::Fault, {}, true},
                                          {"irq", BreakKind::Irq, {}, true},
                                          {"iret", BreakKind::Iret, {}, false},
                                          {"syscall", BreakKind::Syscall, {}, false},
                                          {"sys", BreakKind::Syscall, {}, true}}};

Breakpoint named(std::string_view where) {
    Breakpoint breakpoint;
    breakpoint.where = where;
    return breakpoint;
}

Result<u32> system_call_number(std::string_view name) {
    if (const kernel::Syscall* call = kernel::find_syscall(name)) return u32{call->number};
    if (const auto number = parse_number(name)) return static_cast<u32>(*number);
    std::vector<std::string_view> names;
    for (const kernel::Syscall& call : kernel::all_syscalls()) names.push_back(call.name);
    const auto meant = nearest_word(name, names);
    return Error{
        fmt::format("sys:{}: no such system call{}", name, meant ? fmt::format("; did you mean {}?", *meant) : ""),
        1};
}

std::optional<Result<Breakpoint>> event_of(std::string_view where) {
    const auto colon = where.find(':');
    const std::string_view word = where.substr(0, colon);
    const auto row = std::find_if(words.begin(), words.end(), [&](const EventWord& w) { return w.word == word; });
    if (row == words.end() || (colon != std::string_view::npos && !row->takes_number)) return std::nullopt;
    Breakpoint breakpoint = named(where);
    breakpoint.kind = row->kind;
    breakpoint.ring = row->ring;
    if (colon == std::string_view::npos) return Result<Breakpoint>(breakpoint);
    const std::string_view argument = where.substr(colon + 1);
    if (row->kind == BreakKind::Syscall) {
        const auto number = system_call_number(argument);
        if (!number) return Result<Breakpoint>(number.error());
        breakpoint.wanted = number.value();
        return Result<Breakpoint>(breakpoint);
    }
    const auto number = parse_number(argument);
    if (!number || *number > 255)
        return Result<Breakpoint>(Error{fmt::format("{}: what follows the colon is a number below 256", where), 1});
    breakpoint.wanted = static_cast<u32>(*number);
    return Result<Breakpoint>(breakpoint);
}

/// Functions of our kernel that stand for an event.
std::optional<Result<Breakpoint>> function_of(Context& context, std::string_view where) {
    const bool fork = where == "fork", change = where == "switch";
    if (!fork && !change) return std::nullopt;
    const std::string_view function = fork ? "do_fork" : "__switch_to";
    const auto address = context.debuggee.kernel_symbols().address_of(function);
    if (!context.debuggee.guest() || !address)
        return Result<Breakpoint>(
            Error{fmt::format("{}: only known for our own kernel (it is its function {})", where, function), 1});
    Breakpoint breakpoint = named(where);
    breakpoint.addresses = {static_cast<u32>(*address)};
    return Result<Breakpoint>(breakpoint);
}

Result<std::vector<u32>> lines_of(Context& context, std::string_view place, std::size_t colon) {
    const auto line = parse_number(place.substr(colon + 1));
    if (!line || *line == 0 || *line > 10'000'000)
        return Error{fmt::format("{}: no line number behind the colon", place), 1};
    std::vector<u32> found;
    bool any_file = false;
    for (const kernel::DebugInfo* debug : {context.debuggee.kernel_debug(), context.debuggee.program_debug()}) {
        if (!debug) continue;
        const auto addresses = debug->addresses_of(place.substr(0, colon), static_cast<int>(*line), any_file);
        for (const u64 address : addresses) found.push_back(static_cast<u32>(address));
    }
    if (!found.empty()) return found;
    const std::string_view why =
        any_file ? "no code belongs to this line" : "no such source file in the debug information";
    return Error{fmt::format("{}: {}", place, why), 1};
}

} // namespace

std::vector<std::string> event_words() {
    std::vector<std::string> names{"fork", "switch"};
    for (const EventWord& word : words)
        if (word.word != "sys") names.emplace_back(word.word);
    for (const kernel::Syscall& call : kernel::all_syscalls()) names.push_back(fmt::format("sys:{}", call.name));
    return names;
}

Result<std::vector<u32>> parse_place(Context& context, std::string_view place) {
    if (place.starts_with('*')) {
        TRY(address, context.address(place.substr(1)));
        return std::vector<u32>{address};
    }
    const auto colon = place.rfind(':');
    if (colon != std::string_view::npos && colon > 0) return lines_of(context, place, colon);
    if (const kernel::Symbol* symbol = context.debuggee.symbols().find(place))
        return std::vector<u32>{static_cast<u32>(symbol->address)};
    TRY(address, context.address(place));
    return std::vector<u32>{address};
}

Result<Breakpoint> parse_where(Context& context, std::string_view where) {
    if (where.empty()) {
        Breakpoint here = named(fmt::format("*{:#010x}", context.linear_eip()));
        here.addresses = {context.linear_eip()};
        return here;
    }
    // The nouns win over symbols of the same name (every libc has a fork): `*fork` is the function.
    if (auto event = event_of(where)) return *event;
    if (auto function = function_of(context, where)) return *function;
    TRY(addresses, parse_place(context, where));
    Breakpoint breakpoint = named(where);
    breakpoint.addresses = addresses;
    return breakpoint;
}

Result<Breakpoint> parse_watch(Context& context, std::string_view what, bool reads, bool writes) {
    Breakpoint breakpoint = named(what);
    breakpoint.kind = BreakKind::Watch;
    std::string_view expression = what;
    std::optional<u64> bytes;
    if (const auto colon = what.rfind(':');
        colon != std::string_view::npos && what.find('?') == std::string_view::npos) {
        bytes = parse_number(trimmed(what.substr(colon + 1)));
        if (!bytes) return Error{fmt::format("{}: behind the colon stands a number of bytes", what), 1};
        expression = what.substr(0, colon);
    }
    TRY(value, evaluate(expression, context.scope));
    // A place is taken where it lies; a number (also that of a register) is the address.
    if (value.address && !value.type.is_code && !bytes) bytes = value.type.size();
    const u64 address = value.address ? *value.address : value.bits;
    if (bytes && (*bytes == 0 || *bytes > 65536)) return Error{fmt::format("{}: from 1 to 65536 bytes", what), 1};
    breakpoint.range = {static_cast<u32>(address), static_cast<u32>(bytes.value_or(4)), reads, writes};
    return breakpoint;
}

Conditional split_condition(std::string_view arguments) {
    arguments = trimmed(arguments);
    if (arguments.starts_with("if ")) return {{}, trimmed(arguments.substr(3))};
    const auto at = arguments.find(" if ");
    if (at == std::string_view::npos) return {arguments, {}};
    return {trimmed(arguments.substr(0, at)), trimmed(arguments.substr(at + 4))};
}

} // namespace trapgate::frontend::debug
