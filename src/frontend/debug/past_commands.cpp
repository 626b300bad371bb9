// SPDX-License-Identifier: MIT
// Commands that only time travel makes possible: who wrote this, what if, and the hash that two runs are compared by.
#include "cpu/isa/micro_steps.hpp"
#include "frontend/debug/command_table.hpp"
#include "frontend/debug/edits.hpp"
#include "frontend/debug/stop_text.hpp"
#include "frontend/debug/where.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

std::string access_text(const trace::Access& access) {
    const char letter = access.intent == Intent::Write ? 'W' : 'R';
    return fmt::format("{}{} {:08x} {} {:0{}x}", letter, access.size, access.linear.value,
                       letter == 'W' ? "<-" : "=", access.value, 2 * access.size);
}

std::string steps_text(const cpu::protect::RecordedTransfer& transfer, u32& number) {
    std::string text;
    for (const auto& step : transfer.steps) {
        const auto& info = cpu::isa::info(step.step);
        text += fmt::format(" {} {:>2}  {:<14} {}", step.faulted ? '!' : '+', ++number, info.name, step.values);
        for (const trace::Access& access : step.accesses) text += "  " + access_text(access);
        if (step.faulted) text += fmt::format("  -> {}", info.raises);
        text += '\n';
    }
    return text;
}

std::string changes_text(const cpu::protect::Registers& before, const cpu::protect::Registers& after) {
    std::string text;
    for (const std::string& change : cpu::protect::changes(before, after)) text += "   " + change + '\n';
    return text;
}

std::string transfer_title(const cpu::protect::RecordedTransfer& transfer, bool delivered) {
    if (!delivered)
        return fmt::format("ring {} -> {}{}", transfer.before.cpl, transfer.after.cpl,
                           transfer.faulted ? ", given up: a check failed" : "");
    const std::string_view name = exception_name(transfer.vector);
    return fmt::format("delivery of exception {}{}{}: ring {} -> {}", transfer.vector, name.empty() ? "" : ", ",
                       name, transfer.before.cpl, transfer.after.cpl);
}

/// What ran, for what-if.
std::string record_text(Context& context, const machine::InstructionRecord& record) {
    std::string text = instruction_line(context, record.linear, "   ");
    u32 number = 0;
    for (std::size_t i = 0; i < record.transfers.size(); ++i) {
        const auto& transfer = record.transfers[i];
        const bool own = i == 0 && !record.external_interrupt && (record.retired || transfer.faulted);
        text += transfer_title(transfer, !own) + '\n' + steps_text(transfer, number);
    }
    if (record.transfers.empty())
        for (const trace::Access& access : record.accesses)
            if (access.intent != Intent::Fetch) text += "   " + access_text(access) + '\n';
    text += changes_text(record.before, record.after);
    if (record.stop) text += fmt::format("the machine stops: {}\n", record.stop->text);
    const std::string to = context.scope.name_at(record.after.eip);
    if (!record.retired && !record.stop && !record.external_interrupt)
        text += fmt::format("The instruction faults; the handler at {:08x}{}{} would run in ring {}.\n",
                            record.after.eip, to.empty() ? "" : " ", to, record.after.cpl);
    return text;
}

} // namespace

Outcome command_who(Context& context, std::string_view argument) {
    if (argument.empty()) return failed("who ADDRESS[:BYTES]");
    TRY_OR_FAIL(place, parse_watch(context, argument, false, true));
    const u32 address = place.range.address;
    const auto write = context.time().last_writer(address, place.range.bytes);
    if (!write && context.time().interrupted()) return said("Interrupted: nothing found so far.");
    const std::string what = fmt::format("{} bytes at {}", place.range.bytes, show_address(address, context.scope));
    if (!write)
        return said(
            fmt::format("Nobody has written the {} since the start: the loader has, or nobody ever.", what));
    std::string text =
        fmt::format("The {} were last written at {} in ring {}", what, machine::to_text(write->at), write->cpl);
    const u32 digits = 2 * write->access.size;
    if (write->by_transfer)
        text += fmt::format(" by the processor itself, micro-step `{}`", cpu::isa::info(write->step).name);
    text += fmt::format(":\n   W{} {:08x} <- {:0{}x}\n", write->access.size, write->access.address,
                        write->access.value, digits);
    text += instruction_line(context, write->linear, "   ");
    return said(text + fmt::format("`goto {}` leads there.\n", machine::to_text(write->at)));
}

Outcome command_what_if(Context& context, std::string_view argument) {
    TRY_OR_FAIL(edits, parse_edits(context, argument));
    TRY_OR_FAIL(record, context.time().what_if(edits));
    return said(fmt::format("What if {}:\n{}Nothing of this has happened: we are still at {}.\n", argument,
                            record_text(context, record), machine::to_text(context.time().now())));
}

Outcome command_state_hash(Context& context, std::string_view) {
    return said(fmt::format("{:016x}", context.time().state_hash()));
}

Outcome info_micro(Context& context, std::string_view) {
    const machine::InstructionRecord& record = context.time().instruction();
    if (record.micro_steps() == 0)
        return said(instruction_line(context, record.linear, "   ") + "   no transfer: it has no micro-steps");
    return said(record_text(context, record) +
                fmt::format("{} of {} are done.\n", context.time().now().micro, record.micro_steps()));
}

} // namespace trapgate::frontend::debug
