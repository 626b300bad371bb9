// SPDX-License-Identifier: MIT
// Transfers are told by the engine at full speed; only functions need every instruction watched.
// Without that the moment of a task switch is that of the first transfer that the new task makes.
#include "frontend/timeline/timeline.hpp"

#include "cpu/fault.hpp"
#include "frontend/exceptions.hpp"
#include "kernel/abi_names.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend::timeline {

namespace {

constexpr u32 processor = 2;
constexpr Track ring_track{processor, 1}, task_track{processor, 2}, end_track{processor, 3};
constexpr s32 lone_task = 1; ///< the track of a kernel whose tasks nobody knows

std::string hex(u32 value) {
    return fmt::format("\"{:08x}\"", value);
}

Whereabouts whereabouts(u8 ring) {
    return static_cast<Whereabouts>(static_cast<u8>(Whereabouts::Ring0) + ring);
}

bool pushes_error_code(u8 vector) {
    return vector < 32 && cpu::pushes_error_code(static_cast<cpu::Vector>(vector));
}

std::string_view ring_name(u8 ring) {
    constexpr std::string_view names[] = {"ring 0", "ring 1", "ring 2", "ring 3"};
    return names[ring & 3];
}

std::string call_name(const kernel::SyscallEntry& entry) {
    const kernel::Syscall* call = kernel::find_syscall(entry.number);
    return call ? std::string(call->name) : fmt::format("syscall_{:#x}", entry.number);
}

bool never_returns(const kernel::SyscallEntry& entry) {
    const kernel::Syscall* call = kernel::find_syscall(entry.number);
    return call && call->result == kernel::SyscallResult::Never;
}

} // namespace

Result<std::unique_ptr<Timeline>> Timeline::open(const RunOptions& options, Session& session) {
    TRY(file, EventFile::create(*options.timeline_file));
    std::unique_ptr<Timeline> timeline(new Timeline(options, session, std::move(file)));
    TRY(begun, timeline->begin());
    (void)begun;
    return timeline;
}

Timeline::Timeline(const RunOptions& options, Session& session, EventFile file)
    : options_(options), session_(session), machine_(session.machine()), memory_(machine_.cpu()),
      file_(std::move(file)), tasks_(file_) {}

Timeline::~Timeline() {
    machine_.observe_transfers(nullptr);
    machine_.observe(nullptr);
}

Status Timeline::begin() {
    auto guest = kernel::GuestKernel::from_file(session_.kernel_file());
    if (!guest && !options_.kernel) return guest.error();
    if (guest) { // else: somebody else's kernel, whose tasks and calls nobody knows
        guest_ = std::make_unique<kernel::GuestKernel>(std::move(guest.value()));
        kernel::SyscallSink& sink = *this;
        watch_ = std::make_unique<kernel::SyscallWatch>(*guest_, machine_.cpu(), sink);
    }
    if (auto symbols = kernel::Symbols::from_file(session_.kernel_file())) symbols_ = std::move(symbols.value());
    write_header();
    ring_ = machine_.cpu().cpl;
    file_.begin(ring_track, machine_.clock(), ring_name(ring_), "ring");
    if (options_.timeline_functions) {
        functions_ = std::make_unique<Functions>(file_, machine_.cpu(), symbols_, guest_.get());
        machine_.observe(this);
    } else {
        machine_.observe_transfers(this);
    }
    guard_ = std::make_unique<SignalGuard>([this] { end_in_emergency(); });
    return Nothing{};
}

void Timeline::write_header() {
    const auto base_name = [](const std::string& path) {
        return json_string(std::filesystem::path(path).filename().string());
    };
    Members about{{"schema", "\"trapgate.timeline/1\""},
                  {"ts", "\"guest clocks, counted from reset; where a viewer says 1 us it is 1 clock\""},
                  {"clocks_per_second", fmt::format("{}", machine_.clocks_per_second())},
                  {"cpu", json_string(options_.cpu)},
                  {"timing", json_string(options_.timing)},
                  {"kernel", base_name(session_.kernel_file())}};
    if (!options_.command.empty()) about.emplace_back("program", base_name(options_.command[0]));
    about.emplace_back("functions", options_.timeline_functions ? "true" : "false");
    file_.header(about);
    file_.process_name(TaskTracks::process, guest_ ? "tasks" : "guest");
    file_.process_name(processor, "processor");
    file_.thread_name(ring_track, "ring", 1);
    if (guest_) file_.thread_name(task_track, "task that runs", 2);
    file_.thread_name(end_track, "the run", 3);
    if (options_.timeline_functions) file_.process_name(Functions::process, "kernel functions");
}

// --- What the machine tells ---------------------------------------------------------------------------

void Timeline::on(const trace::Transfer& transfer) {
    if (transfer.phase != trace::Transfer::Phase::Done) return;
    const std::lock_guard lock(mutex_);
    if (guard_->signal() || file_.failed()) machine_.request_pause();
    using Kind = trace::TransferKind;
    const bool far = transfer.kind == Kind::FarJump || transfer.kind == Kind::FarCall;
    if (far && machine_.cpu().cpl == ring_) return; // within one ring: no news here
    at_ = machine_.clock();
    look_at_task();
    const u8 from = ring_, to = machine_.cpu().cpl;
    change_ring(to);
    call_entered_ = false;
    call_result_.clear();
    if (transfer.kind == Kind::Interrupt || transfer.kind == Kind::Sysenter ||
        (transfer.kind == Kind::FarCall && to < from))
        came_in(transfer, from);
    else
        went_back(transfer);
    tasks_.go(pid_, whereabouts(to), at_);
    count_stack();
}

void Timeline::on(const trace::Retired& insn) {
    if (machine_.cpu().cpl != 0) return;
    const std::lock_guard lock(mutex_);
    at_ = machine_.clock();
    functions_->retired(insn, at_);
    if (functions_->pid() == pid_ || !guest_) return;
    const auto task = guest_->current(machine_.cpu());
    if (!task || task->pid != functions_->pid()) return; // in the middle of switch_to
    look_at_task();
    tasks_.go(pid_, whereabouts(ring_), at_);
}

/// Whose turn is it? The task that ran before stands where it is.
void Timeline::look_at_task() {
    std::optional<kernel::Task> task;
    if (guest_) task = guest_->current(machine_.cpu());
    const s32 pid = task ? task->pid : guest_ ? 0 : lone_task;
    const std::string_view comm = task ? std::string_view(task->comm) : guest_ ? "boot" : "guest";
    const bool renamed = tasks_.name(pid, comm);
    stack_top_ = task ? task->stack_top : 0;
    stack_bottom_ = task ? task->thread_info : 0;
    if (pid == pid_ && !renamed) return;
    if (pid_ >= 0 && guest_) file_.end(task_track, at_);
    if (pid_ >= 0 && pid != pid_) tasks_.go(pid_, Whereabouts::NotRunning, at_);
    pid_ = pid;
    if (guest_) file_.begin(task_track, at_, fmt::format("{} [{}]", comm, pid), "scheduler");
}

void Timeline::change_ring(u8 to) {
    if (to == ring_) return;
    file_.end(ring_track, at_);
    file_.begin(ring_track, at_, ring_name(to), "ring");
    ring_ = to;
}

/// The processor has entered a handler, the system call entry or a call gate.
void Timeline::came_in(const trace::Transfer& transfer, u8 from) {
    const bool from_user = from == 3;
    const u32 slot = machine_.cpu().reg(cpu::Gpr::esp);
    const u32 kept = from_user ? TaskTracks::until_user_mode : slot;
    if (from_user) tasks_.leave_all(pid_, at_);
    if (watch_) watch_->on(transfer); // may call entered()
    if (!call_entered_) {
        using Kind = trace::TransferKind;
        if (transfer.kind == Kind::Interrupt)
            tasks_.enter(pid_, kept, at_, name_of_interrupt(transfer.vector),
                         category_of_interrupt(transfer.vector), frame_members(transfer.vector));
        else
            tasks_.enter(pid_, kept, at_, transfer.kind == Kind::Sysenter ? "sysenter" : "call gate", "call");
    }
    const bool code = transfer.kind == trace::TransferKind::Interrupt && pushes_error_code(transfer.vector);
    if (functions_ && machine_.cpu().cpl == 0) functions_->entered(slot + (code ? 4 : 0), at_, from_user);
}

/// IRET, SYSEXIT, a far return or a task switch.
void Timeline::went_back(const trace::Transfer& transfer) {
    if (watch_) watch_->on(transfer); // may call returned()
    if (machine_.cpu().cpl == 3) {
        tasks_.leave_all(pid_, at_, call_result_);
        if (functions_) functions_->left(at_);
    } else {
        tasks_.leave_below(pid_, machine_.cpu().reg(cpu::Gpr::esp), at_);
    }
}

// --- What the system call watch tells -----------------------------------------------------------------

void Timeline::entered(const kernel::Task& task, const kernel::SyscallEntry& entry, kernel::EntryWay way) {
    const kernel::EntryText text = kernel::entry_text(entry, memory_);
    call_text_[task.pid] = text.text;
    call_printed_[task.pid] = text.arguments;
    call_entered_ = true;
    const std::string shown = never_returns(entry) ? text.text + kernel::never_text(entry) : text.text;
    tasks_.enter(task.pid, TaskTracks::until_user_mode, at_, call_name(entry), "syscall",
                 {{"entry", json_string(shown)},
                  {"number", fmt::format("{}", entry.number)},
                  {"way", way == kernel::EntryWay::Int80 ? "\"int80\"" : "\"sysenter\""}});
}

void Timeline::returned(const kernel::Task& task, const kernel::SyscallEntry& entry,
                        const kernel::SyscallReturn& back) {
    const std::string rest = kernel::exit_text(entry, memory_, back.result, call_printed_[task.pid]);
    call_result_ = {{"call", json_string(call_text_[task.pid] + rest)},
                    {"result", fmt::format("{}", static_cast<s32>(back.result))}};
    call_text_.erase(task.pid);
    if (back.signal) signalled(task, back.signal);
}

void Timeline::signalled(const kernel::Task& task, u32 signal) {
    tasks_.note(task.pid, at_, kernel::signal_name(signal), "signal");
}

void Timeline::ended(const kernel::Task& task, u32 exit_code) {
    tasks_.leave_all(task.pid, at_);
    tasks_.note(task.pid, at_, fmt::format("ended: {}", kernel::wait_status_text(exit_code)), "task");
}

// --- Words ----------------------------------------------------------------------------------------------

std::string Timeline::name_of_interrupt(u8 vector) const {
    const auto pic = machine_.board().pic.state();
    constexpr u8 exception_vectors = 32;
    if (vector < exception_vectors) return exception_symbol(vector);
    for (const auto& [base, first] : {std::pair{pic.master.base, 0}, std::pair{pic.slave.base, 8}})
        if (vector >= base && vector < base + 8) return fmt::format("irq {}", first + vector - base);
    return fmt::format("int {:02x}h", vector);
}

std::string_view Timeline::category_of_interrupt(u8 vector) const {
    const std::string name = name_of_interrupt(vector);
    return name.starts_with("irq") ? "irq" : name.starts_with("int") ? "int" : "exception";
}

/// Where the guest was interrupted, and what a page fault was about.
Members Timeline::frame_members(u8 vector) const {
    const cpu::Cpu& cpu = machine_.cpu();
    const bool code = pushes_error_code(vector);
    const u32 esp = cpu.reg(cpu::Gpr::esp);
    Members members;
    if (const auto eip = memory_.get<u32>(esp + (code ? 4 : 0))) {
        members.emplace_back("eip", hex(*eip));
        if (const std::string place = symbols_.name_at(*eip); !place.empty())
            members.emplace_back("at", json_string(place));
    }
    if (code)
        if (const auto value = memory_.get<u32>(esp)) members.emplace_back("error_code", hex(*value));
    if (vector == static_cast<u8>(cpu::Vector::PF)) members.emplace_back("cr2", hex(cpu.cr2));
    return members;
}

/// Bytes of the kernel stack that are in use; 0 in user mode.
void Timeline::count_stack() {
    if (!stack_top_) return;
    const u32 esp = machine_.cpu().reg(cpu::Gpr::esp);
    const bool on_it = ring_ == 0 && esp > stack_bottom_ && esp <= stack_top_;
    const u64 bytes = on_it ? stack_top_ - esp : 0;
    if (bytes == stack_bytes_) return;
    stack_bytes_ = bytes;
    file_.counter(processor, at_, "kernel stack in use", "bytes", bytes);
}

// --- The end --------------------------------------------------------------------------------------------

Status Timeline::close(const machine::Stop& stop) {
    guard_->retire();
    machine_.observe_transfers(nullptr);
    machine_.observe(nullptr);
    at_ = machine_.clock();
    if (functions_) functions_->finish();
    const std::string why = signal()            ? fmt::format("interrupted by signal {}", signal())
                            : stop.text.empty() ? "the program has ended"
                                                : stop.text;
    file_.instant(end_track, at_, why, "end");
    return file_.close(at_);
}

/// On the guard's thread, while the run hangs: what is known is written, and nobody writes after that.
void Timeline::end_in_emergency() {
    mutex_.lock(); // for good
    if (functions_) functions_->finish();
    file_.instant(end_track, at_, "interrupted", "end");
    if (const Status closed = file_.close(at_); !closed)
        fmt::print(stderr, "trapgate: {}\n", closed.error().message);
}

} // namespace trapgate::frontend::timeline
