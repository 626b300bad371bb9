// SPDX-License-Identifier: MIT
// What happened, in one sentence with this time's numbers; below it the machine's side: what went over the bus, where the manual
// says so.
#include "frontend/exceptions.hpp"
#include "frontend/views/build_switch.hpp"
#include "frontend/views/step_words.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using trace::TransferKind;

std::string source_of(TransferKind kind) {
    switch (kind) {
    case TransferKind::Interrupt: return "[SDM2] INT n/INTO/INT3/INT1, \"Operation\"";
    case TransferKind::InterruptReturn: return "[SDM2] IRET/IRETD, \"Operation\"";
    case TransferKind::FarCall: return "[SDM2] CALL, \"Operation\"";
    case TransferKind::FarJump: return "[SDM2] JMP, \"Operation\"";
    case TransferKind::FarReturn: return "[SDM2] RET, \"Operation\"";
    case TransferKind::Sysenter: return "[SDM2] SYSENTER, \"Operation\"";
    case TransferKind::Sysexit: return "[SDM2] SYSEXIT, \"Operation\"";
    case TransferKind::TaskSwitch: return "[SDM3] \"Task Switching\"";
    }
    return {};
}

std::string access_fact(const Moment& moment, const trace::Access& access) {
    const auto linear = static_cast<u32>(access.linear.value);
    const char* const kind = access.intent == Intent::Write ? "W" : "R";
    const std::string value = access.size == 4 ? moment.word(static_cast<u32>(access.value))
                              : access.size == 8 && moment.options.relative
                                  ? "a descriptor"
                                  : fmt::format("{:0{}x}", access.value, access.size * 2);
    const std::string name = moment.data_name(linear);
    std::string text = fmt::format("{}{} {} {} {}", kind, access.size, name.empty() ? moment.word(linear) : name,
                                   access.intent == Intent::Write ? "<-" : "=", value);
    if (!moment.options.relative)
        text += fmt::format(" (linear {:08x}, physical {:08x})", linear, access.physical.value);
    return text;
}

std::string facts(const Moment& moment, const std::vector<trace::Access>& accesses) {
    constexpr std::size_t most = 3;
    if (accesses.empty()) return "no access to memory";
    std::string text;
    for (std::size_t i = 0; i < std::min(accesses.size(), most); ++i)
        text += (i ? "; " : "") + access_fact(moment, accesses[i]);
    if (accesses.size() > most) text += fmt::format("; and {} more", accesses.size() - most);
    const bool supervisor_from_outside = accesses[0].supervisor && moment.cpu.cpl == 3;
    return text + (supervisor_from_outside ? "  with supervisor rights" : "");
}

CaptionPanel about_step(const Moment& moment, const StepHere& here) {
    return {sentence(moment, here), facts(moment, here.step->accesses), source_of(here.transfer->kind)};
}

/// The instruction has been fetched, and is a transfer or raises something.
CaptionPanel about_fetch(const Moment& moment) {
    const machine::InstructionRecord& record = moment.record;
    const cpu::protect::RecordedTransfer& first = record.transfers[0];
    const std::size_t steps = moment.steps.size();
    const std::string where = moment.code_place(record.before);
    if (record.external_interrupt)
        return {fmt::format("Before {} the processor takes an external interrupt, vector {:02x}: {} micro-steps "
                            "lead to its handler.",
                            where, first.vector, steps),
                fmt::format("IF = 1; CPL is {}", record.before.cpl),
                "[SDM3] \"Masking Maskable Hardware Interrupts\""};
    const std::string text = record.length ? moment.assembly_here() : "the instruction there";
    if (!record.retired && !first.faulted)
        return {fmt::format(
                    "{} at {} cannot be completed: it raises {}, and {} micro-steps deliver that to the kernel.",
                    text, where, exception_symbol(first.vector), steps),
                first.vector == 14 ? fmt::format("CR2 := {}", moment.word(record.after.cr2))
                                   : "the state is as before it",
                "[SDM3] \"Exception and Interrupt Reference\""};
    return {fmt::format("{} at {} is fetched and decoded. Nothing has changed yet; {} micro-steps follow.", text,
                        where, steps),
            record.length ? fmt::format("bytes {}", bytes_at(moment, record.linear, record.length)) : "",
            source_of(first.kind)};
}

/// What an ordinary instruction is about to do: known, because it has been run to see.
CaptionPanel about_instruction(const SwitchMoment& moment) {
    const machine::InstructionRecord& record = moment.record;
    std::string text = fmt::format("Next, {}: {}", moment.code_place(record.before), moment.assembly_here());
    if (record.stop) text += fmt::format(". There the machine stops: {}", record.stop->text);
    for (const trace::Access& access : record.accesses) {
        const auto linear = static_cast<u32>(access.linear.value);
        const auto value = static_cast<u32>(access.value);
        const std::string name = moment.data_name(linear);
        if (access.size != 4) continue;
        const std::string what = moment.code_name(value).empty() ? moment.word(value) : moment.code_name(value);
        if (access.intent == Intent::Write)
            text += fmt::format(". It will write {} to {}", what, name.empty() ? moment.word(linear) : name);
        else if (!name.empty())
            text += fmt::format(". It reads {} from {}", what, name);
        if (text.size() > 200) break;
    }
    const std::string source = moment.source(record.linear);
    return {text + ".", facts(moment, record.accesses), source};
}

} // namespace

Panel caption_panel(const SwitchMoment& moment) {
    CaptionPanel panel;
    if (const StepHere* step = moment.last_step())
        panel = about_step(moment, *step);
    else if (!moment.record.transfers.empty())
        panel = about_fetch(moment);
    else
        panel = about_instruction(moment);
    return {"caption", moment.now.micro || !moment.record.transfers.empty() ? "what happened" : "what comes",
            Meaning::Cpu, std::move(panel)};
}

} // namespace trapgate::frontend::views
