// SPDX-License-Identifier: MIT
// Opening what is to be looked at: see the header.
#include "frontend/debuggee.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

constexpr s32 init_pid = 1;
constexpr std::size_t comm_length = 15; ///< task_struct.comm, without its NUL
constexpr u32 kernel_base = 0xc0000000;

GuestStreams streams_for(GuestConsole console) {
    switch (console) {
    case GuestConsole::Kept: return GuestStreams::Kept;
    case GuestConsole::PassedOn: return GuestStreams::PassedOn;
    case GuestConsole::Panel: return GuestStreams::Panel;
    }
    return GuestStreams::Kept;
}

bool enters_for_a_call(const machine::TransferNews& news) {
    const bool by_int = news.kind == trace::TransferKind::Interrupt && news.vector == 0x80 && !news.delivery;
    return news.from_cpl == 3 && news.to_cpl == 0 && (by_int || news.kind == trace::TransferKind::Sysenter);
}

} // namespace

Result<std::unique_ptr<Debuggee>> Debuggee::open(const RunOptions& options, GuestConsole console) {
    std::unique_ptr<Debuggee> debuggee(new Debuggee(options));
    TRY(session, Session::prepare(options, {streams_for(console)}));
    debuggee->session_ = std::move(session);
    debuggee->options_ = debuggee->session_->options();
    const RunOptions& known = debuggee->options_;
    debuggee->program_name_ = known.kernel ? *known.kernel : known.command[0];
    debuggee->memory_ = std::make_unique<kernel::CpuMemory>(debuggee->cpu());
    TRY(read, debuggee->read_symbols());
    (void)read;
    debuggee->time_ = std::make_unique<machine::TimeMachine>(debuggee->session_->machine());
    return debuggee;
}

Debuggee::~Debuggee() {
    time_.reset(); // before the machine that it moves
}

/// A kernel that is not ours may have symbols and lines all the same.
Status Debuggee::read_symbols() {
    const std::string& file = session_->kernel_file();
    if (auto guest = kernel::GuestKernel::from_file(file)) {
        guest_.emplace(std::move(guest.value()));
        kernel_symbols_ = guest_->symbols();
    } else if (!options_.kernel) {
        return guest.error();
    } else {
        if (auto symbols = kernel::Symbols::from_file(file)) kernel_symbols_ = std::move(symbols.value());
        if (auto debug = kernel::DebugInfo::from_file(file)) kernel_debug_.emplace(std::move(debug.value()));
    }
    if (!options_.kernel) {
        if (auto symbols = kernel::Symbols::from_file(session_->program_file()))
            program_symbols_ = symbols.value().joined_with(kernel::Symbols::of_vsyscall_page(file));
        if (auto debug = kernel::DebugInfo::from_file(session_->program_file()))
            program_debug_.emplace(std::move(debug.value()));
    }
    symbols_ = kernel_symbols_.joined_with(program_symbols_);
    return Nothing{};
}

const kernel::DebugInfo* Debuggee::kernel_debug() const {
    if (guest_) return &guest_->debug();
    return kernel_debug_ ? &*kernel_debug_ : nullptr;
}

std::optional<kernel::SourceLine> Debuggee::line_of(u32 linear) const {
    const bool of_program = program_debug_ && linear < kernel_base;
    const kernel::DebugInfo* debug = of_program ? &*program_debug_ : kernel_debug();
    return debug ? debug->line_of(linear) : std::nullopt;
}

std::string Debuggee::place(u32 linear) const {
    const std::string name = symbols_.name_at(linear);
    if (name.empty()) return fmt::format("{:08x}", linear);
    const auto line = line_of(linear);
    if (!line) return name;
    return fmt::format("{} ({}:{})", name, std::filesystem::path(line->file).filename().string(), line->line);
}

std::string Debuggee::console_text() const {
    std::string text;
    for (const machine::OutputChunk& chunk : machine().tape().output()) {
        if (chunk.instruction >= time_->now().instruction) break;
        if (chunk.stream <= 2) text += chunk.bytes;
    }
    return text;
}

void Debuggee::type(std::string_view bytes) {
    if (PanelTerminal* panel = session_->panel()) panel->type(bytes);
}

Status Debuggee::save_snapshot(const std::string& path) {
    if (time_->now().micro)
        return Error{"a snapshot is taken between two instructions: step to the beginning or the end of this one",
                     2};
    return session_->save_snapshot(path);
}

Status Debuggee::keep_recording() {
    if (!options_.record) return Nothing{};
    time_->go_to({time_->frontier(), 0});
    return session_->save_recording(
        time_->end().value_or(machine::Stop{machine::StopKind::Quit, 0, "the debugger was left here"}));
}

int Debuggee::conclude() {
    return time_->end() ? session_->conclude(*time_->end()) : 0;
}

/// Init's child is still init by name before its execve; the first call after that is PROG's.
Result<u64> Debuggee::first_system_call() {
    if (!guest_) return Error{"the first system call is known only with our own kernel", 1};
    const std::string comm = std::filesystem::path(program_name_).filename().string().substr(0, comm_length);
    machine::StopSet stops;
    stops.transfers = [&](const machine::TransferNews& news) {
        if (!enters_for_a_call(news)) return false;
        const auto now = task();
        return now && now->tgid != init_pid && now->comm == comm;
    };
    const machine::TimePoint back = time_->now();
    time_->go_to({0, 0});
    const machine::Arrival arrival = time_->run_on(stops);
    time_->go_to(back);
    if (arrival.kind == machine::Arrival::Kind::Transfer) return arrival.at.instruction;
    if (arrival.kind == machine::Arrival::Kind::Interrupted) return Error{"interrupted", 125};
    return Error{fmt::format("{} ended without a system call: {}", program_name_, arrival.stop.text), 1};
}

} // namespace trapgate::frontend
