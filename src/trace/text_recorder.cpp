// SPDX-License-Identifier: MIT
// An instruction's own line comes when it has retired; what its transfer did before that waits in `steps_`.
#include "trace/text_recorder.hpp"

#include <fmt/format.h>

namespace trapgate::trace {

namespace {

std::string hex(u64 value, u8 bytes) {
    return fmt::format("{:0{}x}", value, bytes * 2);
}

std::string_view transfer_name(TransferKind kind) {
    switch (kind) {
    case TransferKind::Interrupt: return "int";
    case TransferKind::InterruptReturn: return "iret";
    case TransferKind::FarCall: return "lcall";
    case TransferKind::FarJump: return "ljmp";
    case TransferKind::FarReturn: return "lret";
    case TransferKind::Sysenter: return "sysenter";
    case TransferKind::Sysexit: return "sysexit";
    case TransferKind::TaskSwitch: return "task switch";
    }
    return "?";
}

} // namespace

TextRecorder::TextRecorder(TextLevel level, const MachineReader& reader,
                           std::function<void(std::string_view)> write)
    : level_(level), reader_(reader), write_(std::move(write)), last_(reader.registers()),
      last_ring_(reader.cpl()) {}

void TextRecorder::header(std::string_view text) {
    write_(fmt::format("# {}\n", text));
    write_("# fields: insn.micro ring pc symbol event\n");
    lines_ += 2;
}

void TextRecorder::line(u64 number, u16 micro, u8 ring, std::string_view address, std::string_view place,
                        std::string_view event) {
    write_(fmt::format("{}.{:02} {} {:<8} {:<24} {}\n", number, micro, ring, address, place, event));
    ++lines_;
}

void TextRecorder::whole(u64 number, u8 ring, u64 linear, const std::string& event) {
    line(number, 0, ring, hex(linear, 4), reader_.place(linear), event);
    for (const Step& step : steps_) line(number, step.number, step.ring, ".", "", step.event);
    steps_.clear();
}

void TextRecorder::note(std::string_view text) {
    const u64 linear = reader_.linear_eip();
    line(reader_.now(), 0, reader_.cpl(), hex(linear, 4), reader_.place(linear), text);
}

/// " | eax=… esp=…": registers that differ from the last time.
std::string TextRecorder::changes() {
    const RegisterValues now = reader_.registers();
    std::string text;
    for (std::size_t i = 0; i < now.size(); ++i)
        if (now[i] != last_[i]) text += fmt::format(" {}={:08x}", register_names[i], now[i]);
    last_ = now;
    return text;
}

std::string TextRecorder::take_accesses() {
    std::string text = std::move(accesses_);
    accesses_.clear();
    return text;
}

void TextRecorder::on(const Retired& retired) {
    if (!watches()) return;
    std::string event = reader_.instruction(retired.linear.value, retired.length);
    const std::string effects = changes() + take_accesses();
    if (!effects.empty()) event += " |" + effects;
    whole(retired.instruction, retired.cpl, retired.linear.value, event);
    last_ring_ = reader_.cpl();
}

void TextRecorder::on(const Access& access) {
    if (level_ < TextLevel::Mem) return;
    const char kind = access.intent == Intent::Write ? 'w' : 'r';
    std::string where = access.linear.value >= 0xc0000000 ? reader_.place(access.linear.value) : "";
    if (where.empty()) where = hex(access.linear.value, 4);
    accesses_ += fmt::format(" {}{} {}={}", kind, access.size, where, hex(access.value, access.size));
}

void TextRecorder::on(const MicroStep& step) {
    if (level_ < TextLevel::Micro || step.before) return;
    steps_.push_back(
        {step.number, reader_.cpl(), fmt::format("{:<20}{}", reader_.step_name(step.step), take_accesses())});
}

void TextRecorder::on(const Transfer& transfer) {
    if (transfer.phase == Transfer::Phase::Begin) return;
    if (!watches()) {
        if (transfer.phase == Transfer::Phase::Done) ring_line(transfer);
        return;
    }
    if (transfer.phase == Transfer::Phase::Faulted) {
        if (level_ == TextLevel::Micro)
            steps_.push_back(
                {static_cast<u16>(steps_.size() + 1), reader_.cpl(), fmt::format("gives up:{}", take_accesses())});
        return;
    }
    if (!why_) return; // an instruction's: its Retired comes next
    const std::string effects = changes() + take_accesses();
    whole(reader_.now() - 1, why_ring_, why_linear_, *why_ + (effects.empty() ? "" : " |" + effects));
    why_.reset();
}

void TextRecorder::ring_line(const Transfer& transfer) {
    const u8 ring = reader_.cpl();
    if (ring == last_ring_) return;
    const std::string vector =
        transfer.kind == TransferKind::Interrupt ? fmt::format(" {:02x}", transfer.vector) : "";
    note(fmt::format("{}{}  ring {} -> {}", transfer_name(transfer.kind), vector, last_ring_, ring));
    last_ring_ = ring;
}

void TextRecorder::on(const Fault& fault) {
    if (!watches()) return;
    std::string text = fmt::format("exception {:02x}", fault.vector);
    if (fault.has_error_code) text += fmt::format(" error {:x}", fault.error_code);
    constexpr u8 page_fault = 14;
    if (fault.vector == page_fault) text += fmt::format(" cr2 {:08x}", fault.cr2);
    why_ = why_ ? *why_ + ", then " + text : text;
    why_linear_ = reader_.linear_eip();
    why_ring_ = reader_.cpl();
}

void TextRecorder::on(const PortAccess& access) {
    if (level_ < TextLevel::Mem) return;
    accesses_ += fmt::format(" {}{} port {:x}={}", access.write ? "out" : "in", access.size, access.port,
                             hex(access.value, access.size));
}

void TextRecorder::on(const InterruptAcknowledge& acknowledge) {
    if (!watches()) return;
    why_ = fmt::format("interrupt {:02x}", acknowledge.vector);
    why_linear_ = reader_.linear_eip();
    why_ring_ = reader_.cpl();
}

} // namespace trapgate::trace
