// SPDX-License-Identifier: MIT
// Names of exceptions: [SDM3] "Protected-Mode Exceptions and Interrupts".
#include "frontend/debug/stop_text.hpp"

#include "cpu/isa/micro_steps.hpp"
#include "frontend/debug/source_files.hpp"
#include "frontend/exceptions.hpp"
#include "kernel/syscall_text.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::debug {

namespace {

constexpr u32 longest_instruction = 15;

/// The system call that the registers ask for, as strace begins to print it: "write(1, "hello\n", 6)".
std::string call_text(Context& context) {
    const cpu::Cpu& cpu = context.cpu();
    using cpu::Gpr;
    const kernel::SyscallEntry entry{cpu.reg(Gpr::eax),
                                     {cpu.reg(Gpr::ebx), cpu.reg(Gpr::ecx), cpu.reg(Gpr::edx), cpu.reg(Gpr::esi),
                                      cpu.reg(Gpr::edi), cpu.reg(Gpr::ebp)}};
    const kernel::EntryText shown = kernel::entry_text(entry, context.debuggee.memory());
    const kernel::Syscall* call = kernel::find_syscall(entry.number);
    const bool complete = !call || shown.arguments >= call->argument_count();
    return shown.text + (complete ? ")" : ", ...)");
}

std::string transfer_text(Context& context, const machine::TransferNews& transfer) {
    using trace::TransferKind;
    if (is_system_call(transfer)) return "about to call " + call_text(context);
    const std::string rings = transfer.from_cpl == transfer.to_cpl
                                  ? fmt::format("ring {}", transfer.from_cpl)
                                  : fmt::format("ring {} to {}", transfer.from_cpl, transfer.to_cpl);
    const std::string_view name = exception_name(transfer.vector);
    if (transfer.delivery)
        return fmt::format("about to deliver {} {} ({})", name.empty() ? "interrupt" : name, transfer.vector,
                           rings);
    return fmt::format("about to change over: {}", rings);
}

std::string watch_text(Context& context, const Breakpoint* breakpoint, const machine::WatchHit& hit) {
    const u32 digits = 2 * hit.size + 2;
    std::string text =
        breakpoint ? fmt::format("Watchpoint {}, {}: ", breakpoint->number, breakpoint->where) : "Watchpoint: ";
    if (hit.intent == Intent::Write)
        text += fmt::format("{} bytes at {:#010x} written: {:#0{}x} -> {:#0{}x}", hit.size, hit.address, hit.before,
                            digits, hit.value, digits);
    else
        text += fmt::format("{} bytes at {:#010x} read: {:#0{}x}", hit.size, hit.address, hit.value, digits);
    (void)context;
    return text + fmt::format(", by instruction {}", hit.instruction);
}

std::string end_text(const machine::Stop& stop) {
    if (stop.kind == machine::StopKind::GuestExit) {
        const int status = machine::exit_status_of_wait_status(stop.value);
        return fmt::format("The program has ended with status {}. Time only goes back from here.", status);
    }
    return fmt::format("The run ends here: {}.", stop.text.empty() ? "the machine has stopped" : stop.text);
}

/// What is special about the instruction about to run.
std::string event_text(const machine::InstructionRecord& record) {
    for (const auto& transfer : record.transfers) {
        const bool own = &transfer == record.transfers.data() && (record.retired || transfer.faulted);
        if (own && !record.external_interrupt) continue;
        if (record.external_interrupt) return fmt::format("   the processor takes interrupt {}\n", transfer.vector);
        const std::string_view name = exception_name(transfer.vector);
        return fmt::format("   it raises exception {}{}{}\n", transfer.vector, name.empty() ? "" : ", ", name);
    }
    return {};
}

/// "   13 of 19 done: push ss; next 14: push esp".
std::string micro_text(const machine::InstructionRecord& record, u32 done) {
    const u32 all = record.micro_steps();
    if (all == 0) return {};
    std::string last, next;
    u32 number = 0;
    for (const auto& transfer : record.transfers)
        for (const auto& step : transfer.steps) {
            ++number;
            const auto& info = cpu::isa::info(step.step);
            if (number == done)
                last = fmt::format("{}{}: {}", info.name, step.faulted ? " failed" : "", step.values);
            if (number == done + 1) next = fmt::format("{}: {}", info.name, info.text);
        }
    if (done == 0) return fmt::format("   {} micro-steps; the first: {}\n", all, next);
    std::string text = fmt::format("   micro-step {} of {} done: {}\n", done, all, last);
    if (!next.empty()) text += fmt::format("   next {}: {}\n", done + 1, next);
    return text;
}

/// "   15      write(1, text, size);": the source line of the instruction, where the source is here.
std::string source_text(Context& context, u32 linear) {
    const auto line = context.debuggee.line_of(linear);
    const auto lines = line ? source_lines(context, line->file) : std::nullopt;
    if (!lines || line->line < 1 || static_cast<std::size_t>(line->line) > lines->size()) return {};
    return fmt::format("   {:<5} {}\n", line->line, (*lines)[static_cast<std::size_t>(line->line - 1)]);
}

} // namespace

std::string_view exception_name(u8 vector) {
    const Exception* const known = find_exception(vector);
    return known ? known->title : std::string_view{};
}

std::string ring_text(const cpu::Cpu& cpu) {
    const auto& stack = cpu.segment(cpu::SegmentRegister::ss);
    if (stack.present && stack.dpl != cpu.cpl) return fmt::format("ring {} .. {}", cpu.cpl, stack.dpl);
    return fmt::format("ring {}", cpu.cpl);
}

std::optional<CodeLine> code_at(Context& context, u32 linear) {
    std::vector<u8> bytes(longest_instruction);
    while (!bytes.empty() && !context.debuggee.memory().read(linear, bytes)) bytes.pop_back();
    if (bytes.empty()) return std::nullopt;
    const DisassembledInsn insn = context.disassembler.at(bytes, linear);
    bytes.resize(std::min<std::size_t>(insn.length, bytes.size()));
    std::string text = insn.text;
    if (const std::string name = insn.target ? context.scope.name_at(static_cast<u32>(insn.target)) : "";
        !name.empty())
        text += " <" + name + ">";
    return CodeLine{std::move(text), insn.length, std::move(bytes)};
}

std::string instruction_line(Context& context, u32 linear, std::string_view mark) {
    const auto code = code_at(context, linear);
    const std::string name = context.scope.name_at(linear);
    const std::string place = fmt::format("{}{:#010x}{}:", mark, linear, name.empty() ? "" : " <" + name + ">");
    const auto line = context.debuggee.line_of(linear);
    const std::string source = line ? fmt::format("  {}:{}", line->file, line->line) : "";
    return fmt::format("{} {:<32}{}\n", place, code ? code->text : "(not mapped)", source);
}

std::string reason_text(Context& context, const machine::Arrival& arrival) {
    using Kind = machine::Arrival::Kind;
    const Breakpoint* breakpoint = context.breakpoints.cause(arrival);
    const std::string number =
        breakpoint ? fmt::format("{} {}, {}", breakpoint->temporary ? "Temporary breakpoint" : "Breakpoint",
                                 breakpoint->number, breakpoint->where)
                   : "";
    switch (arrival.kind) {
    case Kind::Reached: return {};
    case Kind::Breakpoint: return number;
    case Kind::Watchpoint: return watch_text(context, breakpoint, arrival.hit);
    case Kind::Transfer:
        return fmt::format("{}{}{}", number, number.empty() ? "" : ": ", transfer_text(context, arrival.transfer));
    case Kind::Start: return "This is the beginning of time.";
    case Kind::End: return end_text(arrival.stop);
    case Kind::Interrupted: return "Interrupted.";
    }
    return {};
}

std::string here_text(Context& context) {
    const machine::TimePoint now = context.time().now();
    std::string text = fmt::format("{}  {}", machine::to_text(now), ring_text(context.cpu()));
    if (const auto task = context.debuggee.task()) text += fmt::format("  pid {} {}", task->pid, task->comm);
    text += '\n';
    if (context.time().end() && now.instruction >= context.time().frontier())
        return text + instruction_line(context, context.linear_eip(), "   ");
    const machine::InstructionRecord& record = context.time().instruction();
    text += instruction_line(context, record.linear, "=> ");
    text += source_text(context, record.linear);
    text += event_text(record);
    return text + micro_text(record, now.micro);
}

Outcome arrived(Context& context, const machine::Arrival& arrival) {
    const std::string reason = reason_text(context, arrival);
    Outcome outcome = said((reason.empty() ? "" : reason + "\n") + here_text(context));
    outcome.moved = true;
    outcome.arrival = arrival;
    if (const Breakpoint* hit = context.breakpoints.cause(arrival); hit && hit->temporary)
        context.breakpoints.remove(hit->number);
    return outcome;
}

} // namespace trapgate::frontend::debug
