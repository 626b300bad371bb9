// SPDX-License-Identifier: MIT
// The table of subjects.
#include "frontend/explain/subjects.hpp"

#include "frontend/exceptions.hpp"
#include "frontend/numbers.hpp"
#include "frontend/suggest.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

using Kind = EventSubject::Kind;
using cpu::isa::MicroStep;
using trace::TransferKind;

struct CallRow {
    std::string_view name;
    Subject subject;
};
constexpr CallRow calls[]{{"int80", Subject::Int80},
                          {"iret", Subject::Iret},
                          {"sysenter", Subject::Sysenter},
                          {"sysexit", Subject::Sysexit}};

struct EventRow {
    std::string_view name;
    Kind kind;
};
constexpr EventRow events[]{
    {"fault", Kind::Exception},   {"exception", Kind::Exception},   {"irq", Kind::Interrupt},
    {"int", Kind::SoftwareCall},  {"taskswitch", Kind::TaskSwitch}, {"taskgate", Kind::TaskGate},
    {"callgate", Kind::CallGate}, {"farcall", Kind::FarCall},       {"farjmp", Kind::FarJump},
    {"farret", Kind::FarReturn},  {"v86", Kind::LeaveVirtual8086},  {"v86enter", Kind::EnterVirtual8086},
};

bool has_step(const machine::InstructionRecord& record, MicroStep step) {
    for (const auto& transfer : record.transfers)
        for (const auto& done : transfer.steps)
            if (done.step == step && !done.faulted) return true;
    return false;
}

bool has_kind(const machine::InstructionRecord& record, TransferKind kind) {
    return std::any_of(record.transfers.begin(), record.transfers.end(),
                       [kind](const auto& transfer) { return transfer.kind == kind && !transfer.faulted; });
}

/// The gate that an interrupt went through was a task gate.
bool by_task_gate(const machine::InstructionRecord& record) {
    if (has_step(record, MicroStep::task_gate_rights)) return true;
    return has_kind(record, TransferKind::Interrupt) && has_step(record, MicroStep::task_descriptor);
}

std::optional<u8> small_number(std::string_view text) {
    const auto number = parse_number(text);
    return number && *number <= 0xff ? std::optional(static_cast<u8>(*number)) : std::nullopt;
}

std::optional<EventSubject> parse_event(std::string_view word) {
    for (const EventRow& row : events)
        if (row.name == word) return EventSubject{row.kind, {}};
    for (const Exception& row : all_exceptions())
        if (!word.empty() && (word == row.typed || word == row.word))
            return EventSubject{Kind::Exception, row.vector};
    // The same by name, out of virtual-8086 mode: v86gp, v86db …
    for (const Exception& row : all_exceptions())
        if (word.starts_with("v86") && !row.typed.empty() && word.substr(3) == row.typed)
            return EventSubject{Kind::LeaveVirtual8086, row.vector};
    if (const auto vector = small_number(word)) return EventSubject{Kind::Exception, *vector};
    if (word.starts_with("irq"))
        if (const auto line = small_number(word.substr(3)); line && *line < 16)
            return EventSubject{Kind::Interrupt, *line};
    if (word.starts_with("int"))
        if (const auto vector = small_number(word.substr(3))) return EventSubject{Kind::SoftwareCall, *vector};
    return std::nullopt;
}

} // namespace

bool EventSubject::may_be(const machine::TransferNews& news) const {
    const bool interrupt = news.kind == TransferKind::Interrupt || news.kind == TransferKind::TaskSwitch;
    switch (kind) {
    case Kind::
        Exception: // INT3 and INTO count as #BP and #OF; a double fault has one vector, the rest of it is in the record
        if (!interrupt || news.vector >= 0x20) return false;
        return (news.delivery || news.vector == 1 || news.vector == 3 || news.vector == 4) &&
               (!vector || *vector == news.vector);
    case Kind::Interrupt: return interrupt && news.delivery;
    case Kind::SoftwareCall: return interrupt && !news.delivery && (!vector || *vector == news.vector);
    case Kind::TaskSwitch:
        return news.kind == TransferKind::TaskSwitch || interrupt || news.kind == TransferKind::FarCall ||
               news.kind == TransferKind::FarJump || news.kind == TransferKind::InterruptReturn;
    case Kind::TaskGate:
        return interrupt || news.kind == TransferKind::FarCall || news.kind == TransferKind::FarJump;
    case Kind::CallGate: return news.kind == TransferKind::FarCall || news.kind == TransferKind::FarJump;
    case Kind::FarCall: return news.kind == TransferKind::FarCall;
    case Kind::FarJump: return news.kind == TransferKind::FarJump;
    case Kind::FarReturn: return news.kind == TransferKind::FarReturn;
    case Kind::LeaveVirtual8086:
        return news.kind == TransferKind::Interrupt && news.from_cpl == 3 && (!vector || *vector == news.vector);
    case Kind::EnterVirtual8086: return news.kind == TransferKind::InterruptReturn && news.to_cpl == 3;
    }
    return false;
}

bool EventSubject::is(const machine::InstructionRecord& record) const {
    if (record.transfers.empty()) return false;
    switch (kind) {
    case Kind::Exception: return !record.external_interrupt;
    case Kind::Interrupt: return record.external_interrupt;
    case Kind::SoftwareCall: return !record.external_interrupt;
    case Kind::TaskSwitch: return has_step(record, MicroStep::load_tr);
    case Kind::TaskGate: return by_task_gate(record);
    case Kind::CallGate: return has_step(record, MicroStep::call_gate_rights);
    case Kind::FarCall:
    case Kind::FarJump: return has_step(record, MicroStep::far_code);
    case Kind::FarReturn: return true;
    case Kind::LeaveVirtual8086: return has_step(record, MicroStep::virtual8086_handler);
    case Kind::EnterVirtual8086: return has_step(record, MicroStep::load_virtual8086_segments);
    }
    return false;
}

std::vector<std::string_view> subject_names() {
    std::vector<std::string_view> names;
    for (const CallRow& row : calls) names.push_back(row.name);
    for (const EventRow& row : events) names.push_back(row.name);
    for (const Exception& row : all_exceptions()) {
        if (!row.typed.empty()) names.push_back(row.typed);
        if (!row.word.empty()) names.push_back(row.word);
    }
    return names;
}

Result<ExplainSubject> parse_subject(std::string_view word) {
    for (const CallRow& row : calls)
        if (row.name == word) return ExplainSubject{std::string(word), row.subject, {}};
    if (const auto event = parse_event(word)) return ExplainSubject{std::string(word), {}, *event};
    const auto names = subject_names();
    const auto meant = nearest_word(word, names);
    return Error{fmt::format("explain {}: no such subject{} (`trapgate help explain` lists them)", word,
                             meant ? fmt::format("; did you mean {}?", *meant) : ""),
                 2};
}

std::string exception_name(u8 vector) {
    const Exception* const known = find_exception(vector);
    if (!known) return {};
    return fmt::format("{}{}{}", known->symbol, known->text.empty() ? "" : " ", known->text);
}

std::string error_code_text(u8 vector, u32 code) {
    if (vector == 14)
        return fmt::format("{}, {}, made with {} rights{}",
                           code & 1 ? "the page does not allow it" : "the page is not present",
                           code & 2 ? "a write" : "a read", code & 4 ? "user" : "supervisor",
                           code & 8 ? ", a reserved bit is set" : "");
    if (code == 0) return "no selector";
    const char* const table = code & 2 ? "IDT" : code & 4 ? "LDT" : "GDT";
    return fmt::format("{}[{:02x}]{}", table, code >> 3 & 0x1fff,
                       code & 1 ? ", EXT: while delivering an event" : "");
}

} // namespace trapgate::frontend
