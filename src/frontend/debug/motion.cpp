// SPDX-License-Identifier: MIT
// stepi, micro, continue, goto and their like.
#include "frontend/debug/motion.hpp"

#include "frontend/debug/command_table.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/suggest.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

bool holds(const std::vector<u32>& addresses, u32 address) {
    return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

void add_extra(machine::StopSet& set, const ExtraStops& extra) {
    set.breakpoints.insert(set.breakpoints.end(), extra.addresses.begin(), extra.addresses.end());
    if (!extra.addresses.empty())
        set.breakpoint_counts = [users = set.breakpoint_counts, &extra](u32 address) {
            const bool user_stops = users(address); // asked in any case: it counts its hits
            const bool ours =
                holds(extra.addresses, address) && (!extra.address_counts || extra.address_counts(address));
            return user_stops || ours;
        };
    if (extra.transfers)
        set.transfers = [users = set.transfers, &extra](const machine::TransferNews& transfer) {
            return extra.transfers(transfer) || (users && users(transfer));
        };
}

/// The last moment at or before a clock. An instruction takes at least one clock, sleep takes any number: found by halving.
Result<machine::TimePoint> point_of_clock(Context& context, std::string_view text) {
    TRY(wanted, context.number(text.substr(1)));
    machine::TimeMachine& time = context.time();
    const machine::TimePoint home = time.now();
    u64 low = 0, high = std::max<u64>(time.frontier(), 1);
    const auto clock_at = [&](u64 instruction) {
        time.go_to({instruction, 0});
        return context.debuggee.machine().clock();
    };
    for (u64 clock = clock_at(high); clock < wanted && time.now().instruction == high; clock = clock_at(high)) {
        low = high;
        high += wanted - clock;
    }
    const bool ends_before = time.now().instruction < high;
    if (ends_before) high = time.now().instruction;
    while (high - low > 1) {
        const u64 middle = low + (high - low) / 2;
        (clock_at(middle) <= wanted ? low : high) = middle;
    }
    const machine::TimePoint found{clock_at(high) <= wanted ? high : low, 0};
    time.go_to(home);
    return found;
}

Outcome moved(Context& context, const machine::Arrival& arrival, const std::string& complaint = {}) {
    Outcome outcome = arrived(context, arrival);
    outcome.text = complaint + outcome.text;
    return outcome;
}

/// `goto`'s idea of a time.
Result<machine::TimePoint> point_of(Context& context, std::string_view text) {
    if (text == "start") return machine::TimePoint{0, 0};
    const auto& bookmarks = context.time().bookmarks();
    if (const auto found = bookmarks.find(std::string(text)); found != bookmarks.end()) return found->second;
    if (text.starts_with('@')) return point_of_clock(context, text);
    if (!text.empty() && text[0] >= '0' && text[0] <= '9') return machine::parse_time_point(text);
    if (text.starts_with('+') || text.starts_with('-') || text.starts_with('$')) {
        TRY(number, context.number(text.starts_with('+') ? text.substr(1) : text));
        const u64 here = text.starts_with('$') ? 0 : context.time().now().instruction;
        const u64 there = here + number;
        return machine::TimePoint{text.starts_with('-') && there > here ? 0 : there, 0};
    }
    std::vector<std::string_view> names{"start", "end"};
    for (const auto& [name, point] : bookmarks) names.push_back(name);
    const auto meant = nearest_word(text, names);
    return Error{fmt::format("{}: no bookmark of that name{}", text,
                             meant ? fmt::format("; did you mean {}?", *meant)
                                   : "; a time looks like 1207, 1207.13 or +100"),
                 1};
}

} // namespace

Result<u64> count_of(Context& context, std::string_view argument) {
    if (trimmed(argument).empty()) return u64{1};
    TRY(count, context.number(argument));
    if (count == 0 || static_cast<s64>(count) < 0)
        return Error{fmt::format("{}: a count is at least 1", argument), 1};
    return count;
}

machine::Arrival run(Context& context, bool forwards, const ExtraStops& extra, std::string& complaint) {
    const Breakpoints::Evaluate evaluate = [&](const Breakpoint& breakpoint) {
        const auto value = context.number(breakpoint.condition);
        if (value) return value.value() != 0;
        complaint = fmt::format("The condition of breakpoint {} has no value: {}\n", breakpoint.number,
                                value.error().message);
        return true;
    };
    machine::StopSet set = context.breakpoints.stop_set(forwards, evaluate);
    add_extra(set, extra);
    while (true) {
        const machine::Arrival arrival =
            forwards ? context.time().run_on(set, extra.until) : context.time().run_back(set);
        if (arrival.kind != machine::Arrival::Kind::Transfer) return arrival;
        const bool users = context.breakpoints.accepts_transfer(arrival, forwards, evaluate);
        if (users || (extra.transfers && extra.transfers(arrival.transfer))) return arrival;
    }
}

Outcome command_stepi(Context& context, std::string_view argument) {
    TRY_OR_FAIL(count, count_of(context, argument));
    if (count == 1) return moved(context, context.time().step());
    ExtraStops extra;
    const u64 now = context.time().now().instruction;
    extra.until = count > ~u64{0} - now ? ~u64{0} : now + count;
    std::string complaint;
    const machine::Arrival arrival = run(context, true, extra, complaint);
    return moved(context, arrival, complaint);
}

Outcome command_reverse_stepi(Context& context, std::string_view argument) {
    TRY_OR_FAIL(count, count_of(context, argument));
    return moved(context, context.time().step_back(count));
}

Outcome command_micro(Context& context, std::string_view argument) {
    TRY_OR_FAIL(count, count_of(context, argument));
    return moved(context, context.time().micro(count));
}

Outcome command_back_micro(Context& context, std::string_view argument) {
    TRY_OR_FAIL(count, count_of(context, argument));
    constexpr u64 most_of_one =
        128; // micro-steps of an instruction: so many lead to the beginning, whatever lies between
    if (count / most_of_one > context.time().now().instruction) return moved(context, context.time().run_back({}));
    return moved(context, context.time().micro_back(count));
}

Outcome command_continue_(Context& context, std::string_view argument) {
    TRY_OR_FAIL(count, count_of(context, argument));
    if (count > 1) {
        bool any = false;
        for (Breakpoint& breakpoint : context.breakpoints.all())
            if (breakpoint.enabled && breakpoint.kind == BreakKind::Code &&
                holds(breakpoint.addresses, context.linear_eip()))
                any = true, breakpoint.ignore = count - 1;
        if (!any) return failed("continue N: there is no breakpoint here whose hits could be passed");
    }
    std::string complaint;
    const machine::Arrival arrival = run(context, true, {}, complaint);
    return moved(context, arrival, complaint);
}

Outcome command_reverse_continue(Context& context, std::string_view argument) {
    if (!argument.empty()) return failed("reverse-continue takes no argument");
    std::string complaint;
    const machine::Arrival arrival = run(context, false, {}, complaint);
    return moved(context, arrival, complaint);
}

Outcome command_next_ring(Context& context, std::string_view) {
    ExtraStops extra;
    extra.transfers = [](const machine::TransferNews& transfer) { return transfer.from_cpl != transfer.to_cpl; };
    std::string complaint;
    const machine::Arrival arrival = run(context, true, extra, complaint);
    return moved(context, arrival, complaint);
}

Outcome command_previous_ring(Context& context, std::string_view) {
    const machine::TimePoint now = context.time().now();
    const machine::TransferNews* change = context.time().ring_change_before(now.instruction, now.micro > 0);
    return moved(context, context.time().go_to({change ? change->instruction : 0, 0}));
}

Outcome command_goto_(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("goto: a time, a bookmark, start or end");
    if (argument == "end") return moved(context, context.time().run_on({}));
    TRY_OR_FAIL(point, point_of(context, argument));
    return moved(context, context.time().go_to(point));
}

Outcome command_bookmark(Context& context, std::string_view argument) {
    std::string_view when;
    const std::string name(first_word(argument, when));
    if (name.empty()) return failed("bookmark NAME [TIME]: what shall it be called?");
    if (std::string_view("0123456789@+-$").find(name[0]) != std::string_view::npos || name == "start" ||
        name == "end")
        return failed(fmt::format("bookmark {}: a name begins with a letter and is not start or end", name));
    machine::TimePoint point = context.time().now();
    if (!when.empty()) {
        TRY_OR_FAIL(given, point_of(context, when));
        point = given;
    }
    context.time().bookmarks()[name] = point;
    return said(fmt::format("{} is {}", name, machine::to_text(point)));
}

} // namespace trapgate::frontend::debug
