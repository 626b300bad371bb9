// SPDX-License-Identifier: MIT
// Levels ring and syscall leave the engine at full speed; the others watch every instruction.
#include "frontend/trace_file.hpp"

#include "kernel/boot_file.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

/// FNV-1a: names the files that a trace depends on.
u64 hash_of_file(const std::string& path) {
    u64 hash = 0xcbf29ce484222325;
    if (const auto bytes = kernel::read_host_file(path))
        for (const u8 byte : bytes.value()) hash = (hash ^ byte) * 0x100000001b3;
    return hash;
}

constexpr std::string_view level_names[] = {"ring", "syscall", "insn", "mem", "micro"};

} // namespace

class TraceFile::Both final : public trace::Observer {
  public:
    Both(trace::TextRecorder* recorder, kernel::SyscallWatch* watch) : recorder_(recorder), watch_(watch) {}
    void on(const trace::Transfer& transfer) override {
        if (recorder_) recorder_->on(transfer);
        if (watch_) watch_->on(transfer);
    }

  private:
    trace::TextRecorder* recorder_;
    kernel::SyscallWatch* watch_;
};

Result<std::unique_ptr<TraceFile>> TraceFile::open(const RunOptions& options, Session& session) {
    std::FILE* file = std::fopen(options.trace_file->c_str(), "we");
    if (!file) return Error{fmt::format("--trace {}: {}", *options.trace_file, std::strerror(errno))};
    std::unique_ptr<TraceFile> trace(new TraceFile(options, session, file));
    TRY(begun, trace->begin());
    (void)begun;
    return trace;
}

TraceFile::~TraceFile() {
    session_.machine().observe(nullptr);
    session_.machine().observe_transfers(nullptr);
    if (file_) std::fclose(file_);
}

std::string TraceFile::header() const {
    const std::string program =
        options_.command.empty() ? "" : fmt::format("  prog=fnv:{:016x}", hash_of_file(options_.command[0]));
    return fmt::format("trapgate.trace/1  level={}  cpu={}  timing=-  kernel=fnv:{:016x}{}  seed={}",
                       level_names[static_cast<u8>(options_.trace_level)], options_.cpu,
                       hash_of_file(session_.kernel_file()), program, options_.seed);
}

Status TraceFile::begin() {
    machine::Machine& machine = session_.machine();
    if (auto symbols = kernel::Symbols::from_file(session_.kernel_file()))
        kernel_symbols_ = std::move(symbols.value());
    if (!options_.command.empty())
        if (auto symbols = kernel::Symbols::from_file(options_.command[0]))
            program_symbols_ = std::move(symbols.value());
    program_symbols_ = program_symbols_.joined_with(kernel::Symbols::of_vsyscall_page(session_.kernel_file()));
    reader_ = std::make_unique<TraceReader>(machine.cpu(), kernel_symbols_, program_symbols_);
    const auto level = static_cast<trace::TextLevel>(options_.trace_level);
    recorder_ = std::make_unique<trace::TextRecorder>(
        level, *reader_, [this](std::string_view text) { std::fwrite(text.data(), 1, text.size(), file_); });
    recorder_->header(header());
    if (level >= trace::TextLevel::Syscall && !options_.kernel) {
        TRY(guest, kernel::GuestKernel::from_file(session_.kernel_file()));
        guest_ = std::make_unique<kernel::GuestKernel>(std::move(guest));
        memory_ = std::make_unique<kernel::CpuMemory>(machine.cpu());
        kernel::SyscallSink& sink = *this;
        watch_ = std::make_unique<kernel::SyscallWatch>(*guest_, machine.cpu(), sink);
    }
    const bool watched = level >= trace::TextLevel::Insn;
    both_ = std::make_unique<Both>(watched ? nullptr : recorder_.get(), watch_.get());
    machine.observe_transfers(both_.get());
    if (watched) machine.observe(recorder_.get());
    return Nothing{};
}

void TraceFile::entered(const kernel::Task& task, const kernel::SyscallEntry& entry, kernel::EntryWay way) {
    const kernel::EntryText text = kernel::entry_text(entry, *memory_);
    printed_[task.pid] = text.arguments;
    recorder_->note(fmt::format("syscall pid={} {} {} ...", task.pid,
                                way == kernel::EntryWay::Int80 ? "int80" : "sysenter", text.text));
}

void TraceFile::returned(const kernel::Task& task, const kernel::SyscallEntry& entry,
                         const kernel::SyscallReturn& back) {
    const std::string text = kernel::exit_text(entry, *memory_, back.result, printed_[task.pid]);
    recorder_->note(fmt::format("syscall pid={} ... {}", task.pid, text));
}

Status TraceFile::close() {
    session_.machine().observe(nullptr);
    session_.machine().observe_transfers(nullptr);
    const bool written = std::fflush(file_) == 0 && !std::ferror(file_);
    const bool closed = std::fclose(file_) == 0;
    file_ = nullptr;
    if (!written || !closed)
        return Error{fmt::format("--trace {}: {}", *options_.trace_file, std::strerror(errno))};
    return Nothing{};
}

} // namespace trapgate::frontend
