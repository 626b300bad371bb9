// SPDX-License-Identifier: MIT
// nexti, finish and until: moves that end where a call returns or an event happens. Nothing is guessed from the code's layout: the
// stop is recognised by task and stack, so calls that call themselves and other tasks do not end it.
#include "frontend/debug/backtrace.hpp"
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/motion.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/debug/where.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr u32 shortest_call = 2, longest_call = 7;
constexpr u8 near_return = 0xc3, near_return_pop = 0xc2;

/// Who runs on which stack.
struct Thread {
    u32 esp;
    u32 task; ///< 0: nobody knows
    u8 cpl;
};

Thread thread_of(Context& context) {
    const auto task = context.debuggee.task();
    return {context.cpu().reg(cpu::Gpr::esp), task ? task->address : context.cpu().cr3, context.cpu().cpl};
}

bool is_same(const Thread& a, const Thread& b) {
    return a.task == b.task && a.cpl == b.cpl;
}

Outcome finished(Context& context, const machine::Arrival& arrival, const std::string& complaint) {
    Outcome outcome = arrived(context, arrival);
    outcome.text = complaint + outcome.text;
    return outcome;
}

bool is_call(Context& context, u32 linear) {
    const auto code = code_at(context, linear);
    return code && (code->text.starts_with("call") || code->text.starts_with("lcall"));
}

/// On to where this task is in its ring and on its stack again, at `address`.
Outcome run_to(Context& context, u32 address, u32 least_esp) {
    const Thread before = thread_of(context);
    ExtraStops extra;
    extra.addresses = {address};
    extra.address_counts = [&](u32) {
        const Thread now = thread_of(context);
        return is_same(before, now) && now.esp >= least_esp;
    };
    std::string complaint;
    const machine::Arrival arrival = run(context, true, extra, complaint);
    // Our own stop is no breakpoint: without the user's there is no reason to tell.
    return finished(context, arrival, complaint);
}

/// On to ring 3, by the transfer that brings the task whose kernel stack this is back there.
Outcome run_to_ring3(Context& context, std::optional<u32> esp0) {
    ExtraStops extra;
    extra.transfers = [esp0](const machine::TransferNews& transfer) {
        return transfer.to_cpl == 3 && transfer.from_cpl != 3 && (!esp0 || transfer.esp0 == *esp0);
    };
    std::string complaint;
    machine::Arrival arrival = run(context, true, extra, complaint);
    if (arrival.kind == machine::Arrival::Kind::Transfer && !context.breakpoints.cause(arrival))
        arrival = context.time().step();
    return finished(context, arrival, complaint);
}

std::optional<u32> esp0_of(Context& context) {
    const auto task = context.debuggee.task();
    return task ? std::optional(task->stack_top) : std::nullopt;
}

/// Just behind a CALL that has returned: back to before the CALL.
Outcome back_over_call(Context& context, const Thread& inside) {
    const u32 return_address = context.debuggee.memory().get<u32>(inside.esp).value_or(0);
    ExtraStops extra;
    for (u32 length = shortest_call; length <= longest_call; ++length)
        extra.addresses.push_back(return_address - length);
    extra.address_counts = [&, return_address](u32 address) {
        const Thread now = thread_of(context);
        const auto code = code_at(context, address);
        return is_same(inside, now) && now.esp == inside.esp + 4 && code &&
               address + code->length == return_address && is_call(context, address);
    };
    std::string complaint;
    const machine::Arrival arrival = run(context, false, extra, complaint);
    return finished(context, arrival, complaint);
}

Outcome back_over_kernel(Context& context, std::optional<u32> esp0) {
    ExtraStops extra;
    extra.transfers = [esp0](const machine::TransferNews& transfer) {
        return transfer.from_cpl == 3 && transfer.to_cpl != 3 && (!esp0 || transfer.esp0 == *esp0);
    };
    std::string complaint;
    const machine::Arrival arrival = run(context, false, extra, complaint);
    return finished(context, arrival, complaint);
}

Outcome next_once(Context& context) {
    const machine::InstructionRecord& record = context.time().instruction();
    const u8 from = record.before.cpl, to = record.after.cpl;
    if (from == 3 && to != 3) return run_to_ring3(context, esp0_of(context));
    if (record.external_interrupt) return run_to(context, record.linear, record.before.gpr[4]);
    if (record.retired && record.transfers.empty() && is_call(context, record.linear))
        return run_to(context, record.linear + record.length, record.before.gpr[4]);
    return finished(context, context.time().step(), {});
}

Outcome previous_once(Context& context) {
    const Thread start = thread_of(context);
    const std::optional<u32> esp0 = esp0_of(context);
    const machine::Arrival arrival = context.time().step_back();
    const Thread now = thread_of(context);
    if (arrival.kind != machine::Arrival::Kind::Reached) return finished(context, arrival, {});
    if (start.cpl == 3 && now.cpl != 3) return back_over_kernel(context, esp0);
    const u8 opcode = context.debuggee.memory().get<u8>(context.linear_eip()).value_or(0);
    const bool returned = (opcode == near_return || opcode == near_return_pop) && is_same(start, now);
    if (returned) return back_over_call(context, now);
    return finished(context, arrival, {});
}

Outcome repeated(Context& context, std::string_view argument, Outcome (*once)(Context&)) {
    TRY_OR_FAIL(count, count_of(context, argument));
    Outcome outcome;
    for (u64 i = 0; i < count; ++i) {
        outcome = once(context);
        const bool stopped = !outcome.arrival ||
                             (outcome.arrival->kind != machine::Arrival::Kind::Reached &&
                              context.breakpoints.cause(*outcome.arrival)) ||
                             outcome.arrival->kind == machine::Arrival::Kind::End ||
                             outcome.arrival->kind == machine::Arrival::Kind::Start ||
                             outcome.arrival->kind == machine::Arrival::Kind::Interrupted;
        if (stopped) break;
    }
    return outcome;
}

} // namespace

Outcome command_nexti(Context& context, std::string_view argument) {
    return repeated(context, argument, next_once);
}

Outcome command_reverse_nexti(Context& context, std::string_view argument) {
    return repeated(context, argument, previous_once);
}

Outcome command_finish(Context& context, std::string_view) {
    const auto frames = call_frames(context, 2);
    if (frames.size() < 2 || (frames[0].cpl == 0 && frames[1].cpl == 3)) {
        if (context.cpu().cpl == 3) return failed("finish: nobody knows where this function returns to");
        return run_to_ring3(context, esp0_of(context));
    }
    return run_to(context, frames[1].eip, frames[1].esp);
}

Outcome command_until(Context& context, std::string_view argument) {
    const Conditional parts = split_condition(argument);
    if (parts.what.empty())
        return failed("until WHERE: ring3, ring0, iret, irq, fault, sys:NAME, or a place in code");
    TRY_OR_FAIL(breakpoint, parse_where(context, parts.what));
    breakpoint.temporary = true;
    breakpoint.condition = parts.condition;
    const bool into_ring = breakpoint.kind == BreakKind::Ring && breakpoint.ring;
    const u32 number = context.breakpoints.add(breakpoint);
    std::string complaint;
    machine::Arrival arrival = run(context, true, {}, complaint);
    const Breakpoint* cause = context.breakpoints.cause(arrival);
    const bool ours = cause && cause->number == number;
    context.breakpoints.remove(number);
    if (ours && into_ring) arrival = context.time().step(); // `until ring3` ends in ring 3, not before it
    return finished(context, arrival, complaint);
}

} // namespace trapgate::frontend::debug
