// SPDX-License-Identifier: MIT
// Order matters: every file is read and checked before the machine exists, so that mistakes are told at once.
#include "frontend/session.hpp"

#include "base/guest_paths.hpp"
#include "cpu/model.hpp"
#include "kernel/boot_file.hpp"
#include "kernel/elf_program.hpp"
#include "kernel/initramfs.hpp"
#include "kernel/multiboot.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

constexpr std::size_t log_tail = 8192;
constexpr u64 room_for_kernel = u64{4} << 20; ///< of guest memory that the initramfs cannot have

Result<std::string> guest_file(std::string_view name) {
    if (const auto path = find_guest_file(name)) return path->string();
    std::string folders;
    for (const auto& folder : guest_folders()) folders += (folders.empty() ? "" : ", ") + folder.string();
    return Error{fmt::format("the guest's {} is not built (looked in {}); build it: cmake --build --preset release",
                             name, folders)};
}

/// Programs of ours that the guest gets under /bin: the demos; the tools too when PROG is one of ours; the tests' probes, which
/// are many, only beside a tool, which may run them.
void add_programs(std::vector<kernel::BuiltInFile>& files, const std::filesystem::path& guest_folder,
                  const std::string& program) {
    std::error_code error;
    const auto real = std::filesystem::canonical(program, error);
    const auto folder = std::filesystem::canonical(guest_folder, error);
    const auto relative = real.lexically_relative(folder);
    const bool ours = !relative.empty() && *relative.begin() != "..";
    std::vector<std::string_view> parts{"demos"};
    if (ours) parts.emplace_back("programs");
    if (ours && *relative.begin() == "programs") parts.emplace_back("probes");
    for (const std::string_view part : parts) {
        for (const auto& entry : std::filesystem::directory_iterator(guest_folder / part, error)) {
            const std::string name = entry.path().filename().string();
            if (entry.is_regular_file(error) && entry.path().extension().empty() && name != real.filename())
                files.push_back({"/bin/" + name, entry.path().string()});
        }
    }
}

/// A busybox is all its applets; its shell looks for them by name.
void add_links(std::vector<kernel::BuiltInLink>& links, const std::string& program) {
    const std::string name = std::filesystem::path(program).filename().string();
    if (name.starts_with("busybox")) links.push_back({"/bin/sh", name});
}

} // namespace

std::string with_carriage_returns(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

bool Session::stderr_is_raw() const {
    return terminal_ && isatty(STDERR_FILENO);
}

int KernelLog::write(std::span<const u8> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    tail_ += text;
    if (tail_.size() > 2 * log_tail) tail_.erase(0, tail_.size() - log_tail);
    if (descriptor_ < 0) return 0;
    machine::DescriptorSink sink(descriptor_);
    if (!raw_terminal_) return sink.write(bytes);
    const std::string converted = with_carriage_returns(text);
    return sink.write({reinterpret_cast<const u8*>(converted.data()), converted.size()});
}

std::string KernelLog::last_words() const {
    for (const std::string_view sign : {"Kernel panic", "BUG", "Oops"})
        if (const auto at = tail_.rfind(sign); at != std::string::npos) {
            const auto end = tail_.find('\n', at);
            return tail_.substr(at, end == std::string::npos ? end : end - at);
        }
    return {};
}

Session::~Session() {
    machine_.reset(); // before the streams that it writes to
    if (stdin_descriptor_ > 2) ::close(stdin_descriptor_);
    for (const int descriptor : kept_files_) ::close(descriptor);
}

Result<std::unique_ptr<Session>> Session::prepare(const RunOptions& options, SessionWishes wishes) {
    if (!names_machine(options)) return Error{"no program given: PROG [ARGS...]", 2};
    if (!options.command.empty() && options.kernel) return Error{"--kernel boots FILE alone: it takes no PROG", 2};
    machine::ignore_sigpipe();
    std::unique_ptr<Session> session(new Session(options));
    session->streams_ = wishes.streams;
    TRY(begun, session->choose_beginning());
    (void)begun;
    machine::Limits limits;
    limits.instructions = options.max_instructions;
    limits.clocks = options.max_cycles;
    if (options.timeout_ns) limits.host_time = std::chrono::nanoseconds(*options.timeout_ns);
    if (options.record) session->machine_->tape().keep();
    session->machine_->set_limits(limits);
    return session;
}

std::size_t PanelTerminal::read(std::span<u8> into) {
    const std::size_t bytes = std::min(into.size(), typed_.size());
    std::copy_n(typed_.begin(), bytes, into.begin());
    typed_.erase(0, bytes);
    return bytes;
}

Status Session::open_streams(GuestStreams streams) {
    using namespace machine;
    const bool bare = options_.kernel.has_value(),
               passed_on = streams == GuestStreams::Host || streams == GuestStreams::PassedOn;
    log_ = std::make_unique<KernelLog>(!passed_on ? -1 : bare ? 1 : options_.verbose ? 2 : -1);
    open_nothing();
    if (streams == GuestStreams::Quiet) return Nothing{};
    if (streams == GuestStreams::Panel) panel_ = std::make_unique<PanelTerminal>();
    if (!options_.replay && (options_.stdin_file || streams == GuestStreams::Host)) {
        TRY(opened, open_input());
        (void)opened;
    }
    if (!passed_on) return Nothing{};
    output_ = std::make_unique<DescriptorSink>(1);
    error_ = std::make_unique<DescriptorSink>(2);
    const int terminal = bare || isatty(1) ? 1 : isatty(2) ? 2 : isatty(0) ? 0 : -1;
    if (terminal >= 0) serial_ = std::make_unique<DescriptorSink>(terminal);
    if (!options_.replay && streams == GuestStreams::Host && stdin_descriptor_ == 0 && isatty(0))
        terminal_ = std::make_unique<HostTerminal>(0);
    if (terminal_ && isatty(bare ? 1 : 2)) log_->on_raw_terminal();
    if (terminal_ && bare && isatty(1) && options_.screen != Screen::Never)
        live_screen_ = std::make_unique<LiveScreen>(*output_, [this] { return screen_wanted(); });
    return Nothing{};
}

void Session::open_nothing() {
    using namespace machine;
    input_ = std::make_unique<EmptySource>();
    output_ = std::make_unique<NullSink>();
    error_ = std::make_unique<NullSink>();
    serial_ = std::make_unique<NullSink>();
}

Status Session::open_input() {
    if (options_.stdin_file) {
        stdin_descriptor_ = ::open(options_.stdin_file->c_str(), O_RDONLY | O_CLOEXEC);
        if (stdin_descriptor_ < 0)
            return Error{fmt::format("--stdin {}: {}", *options_.stdin_file, std::strerror(errno)), 125};
    }
    auto source = std::make_unique<machine::DescriptorSource>(stdin_descriptor_);
    if (options_.timeout_ns)
        source->give_up_at(std::chrono::steady_clock::now() + std::chrono::nanoseconds(*options_.timeout_ns));
    input_ = std::move(source);
    return Nothing{};
}

/// With a debugger or a picture, what the guest sees must not depend on what our own descriptors happen to be.
machine::HostSide Session::host_side() {
    const bool host = streams_ == GuestStreams::Host || streams_ == GuestStreams::Quiet;
    devices::HostTerminals terminals{};
    if (host) terminals = machine::host_terminals();
    if (panel_) terminals = panel_->terminals();
    machine::TerminalInput* user = panel_ ? static_cast<machine::TerminalInput*>(panel_.get()) : terminal_.get();
    input_kind_ = streams_ == GuestStreams::Host || stdin_descriptor_ != 0 ? machine::input_kind(stdin_descriptor_)
                                                                           : devices::HostChannel::InputKind::Bytes;
    if (options_.replay) input_kind_ = static_cast<devices::HostChannel::InputKind>(adopted_->input_kind);
    if (adopted_) terminals = {adopted_->terminals, adopted_->rows, adopted_->columns};
    terminals_ = terminals;
    const devices::HostChannel::Streams streams{*input_, input_kind_, *output_, *error_, terminals};
    if (!options_.kernel) return {streams, *serial_, *log_, user};
    noticed_serial_ = std::make_unique<NoticingSink>(*serial_);
    noticed_log_ = std::make_unique<NoticingSink>(*log_);
    machine::HostSide noticed{streams, *noticed_serial_, *noticed_log_, user};
    noticed.terminal_is_keyboard = true;
    noticed.keys = options_.keys;
    noticed.view = live_screen_.get();
    return noticed;
}

/// The kernel has said nothing on E9h or COM1, or the user wants the screen in any case.
bool Session::screen_wanted() const {
    if (options_.screen != Screen::Auto) return options_.screen == Screen::Always;
    return !noticed_serial_->used() && !noticed_log_->used();
}

/// What stands on the guest's screen at the end, if nothing else has been seen of it.
void Session::show_screen() {
    if (!noticed_serial_ || (streams_ != GuestStreams::Host && streams_ != GuestStreams::PassedOn)) return;
    machine::Machine& machine = *machine_;
    if (live_screen_ && live_screen_->finish(machine.board(), machine.memory())) return;
    if (!screen_wanted()) return;
    const std::string text = machine.board().vga.screen(machine.memory()).text();
    fmt::print("{}", text);
    std::fflush(stdout);
}

machine::MachineOptions Session::machine_options() const {
    machine::MachineOptions machine;
    machine.ram_bytes = options_.memory;
    machine.model = *cpu::find_model(options_.cpu);
    machine.date = static_cast<s64>(options_.date);
    return machine;
}

std::string Session::command_line() const {
    std::string line = options_.kernel ? "" : "init=/init console=ttyS0";
    const auto add = [&line](std::string_view word) { (line += line.empty() ? "" : " ") += word; };
    if (options_.syscalls) add("syscalls=" + *options_.syscalls);
    if (options_.entry == Entry::Int80) add("nosysenter");
    if (options_.seed) add(fmt::format("seed={}", options_.seed));
    if (!options_.append.empty()) add(options_.append);
    return line;
}

std::vector<std::string> Session::guest_environment() const {
    std::vector<std::string> environment;
    if (!options_.clear_environment) {
        const char* term = terminal_ ? std::getenv("TERM") : nullptr;
        environment = {"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/",
                       std::string("TERM=") + (term && *term ? term : "linux")};
    }
    for (const std::string& variable : options_.environment) {
        const std::string name = variable.substr(0, variable.find('=') + 1);
        std::erase_if(environment, [&](const std::string& old) { return old.starts_with(name); });
        environment.push_back(variable);
    }
    return environment;
}

Status Session::boot_own_kernel() {
    const std::string& program = options_.command[0];
    TRY(program_bytes, kernel::read_program(program, options_.root));
    TRY(kernel_path, guest_file("vmlinux"));
    TRY(init_path, guest_file("init"));
    kernel_file_ = kernel_path;
    TRY(kernel_bytes, kernel::read_host_file(kernel_file_));

    kernel::InitramfsPlan plan;
    plan.program = program;
    plan.program_bytes = program_bytes;
    plan.arguments = options_.command;
    plan.environment = guest_environment();
    plan.working_directory = options_.working_directory;
    plan.root = options_.root;
    plan.files = {{"/init", init_path}};
    add_programs(plan.files, std::filesystem::path(init_path).parent_path(), program);
    add_links(plan.links, program);
    plan.most_bytes = options_.memory > room_for_kernel ? options_.memory - room_for_kernel : 1;
    TRY(initramfs, kernel::build_initramfs(plan));
    if (options_.verbose)
        for (const std::string& note : initramfs.notes) fmt::print(stderr, "trapgate: {}\n", note);

    program_file_ = program;
    kernel::BootRequest request{"vmlinux", kernel_bytes, command_line(), {}};
    request.modules.push_back({std::move(initramfs.archive), "initramfs"});
    return boot(std::move(request));
}

Status Session::boot(kernel::BootRequest request) {
    machine_ = std::make_unique<machine::Machine>(machine_options(), host_side());
    TRY(booted, kernel::boot_multiboot(request, machine_->loader_memory(), machine_->loader_cpu()));
    (void)booted;
    machine_->start();
    kernel_command_line_ = request.command_line;
    if (options_.record) modules_ = std::move(request.modules);
    return Nothing{};
}

Status Session::boot_given_kernel() {
    kernel_file_ = *options_.kernel;
    TRY(kernel_bytes, kernel::read_host_file(kernel_file_));
    kernel::BootRequest request{kernel_file_, kernel_bytes, command_line(), {}};
    request.bios_area = true;
    if (options_.initrd) {
        TRY(module, kernel::read_host_file(*options_.initrd));
        request.modules.push_back({module, *options_.initrd});
    }
    return boot(std::move(request));
}

machine::Stop Session::run() {
    const auto begin = std::chrono::steady_clock::now();
    machine::Stop stop = machine_->run();
    // Where the host ended the recorded run, nothing in the guest does: the recording itself is over.
    if (stop.kind == machine::StopKind::LogEnds && recorded_ending_ &&
        machine_->cpu().instructions == machine_->tape().log().end)
        stop = {static_cast<machine::StopKind>(recorded_ending_->kind), recorded_ending_->value,
                recorded_ending_->text};
    host_nanoseconds_ += static_cast<u64>((std::chrono::steady_clock::now() - begin).count());
    return stop;
}

int Session::conclude(const machine::Stop& stop) {
    using machine::StopKind;
    show_screen();
    terminal_.reset(); // the user's terminal is a normal one again before we talk
    int code = stop.exit_status();
    std::string text = stop.text;
    if (stop.kind == StopKind::Panic)
        if (const std::string words = log_->last_words(); !words.empty()) text = "guest kernel: " + words;
    const bool expected_exit = !options_.kernel;
    if (expected_exit && (stop.kind == StopKind::HaltedForGood || stop.kind == StopKind::Reset)) code = 125;
    if (const std::string difference = difference_from_recording(stop); !difference.empty()) {
        text = difference;
        code = 125;
    }
    const bool is_news = !text.empty() && (code != 0 || !options_.quiet);
    if (is_news && stop.kind != StopKind::DebugExit) fmt::print(stderr, "trapgate: {}\n", text);
    if (options_.record)
        if (const Status written = save_recording(stop); !written) {
            fmt::print(stderr, "trapgate: {}\n", written.error().message);
            return written.error().exit_code;
        }
    if (options_.stats) print_stats();
    if (options_.exit_json)
        if (const Status written = write_exit_json(stop, code); !written) {
            fmt::print(stderr, "trapgate: {}\n", written.error().message);
            return written.error().exit_code;
        }
    return code;
}

void Session::print_stats() const {
    const u64 instructions = machine_->cpu().instructions;
    const double seconds = static_cast<double>(host_nanoseconds_) / 1e9;
    fmt::print(
        stderr,
        "instructions {}\nclocks       {}\nwall time    {:.3f} s\nspeed        {:.1f} MIPS\nstate hash   {:016x}\n",
        instructions, machine_->clock(), seconds,
        seconds > 0 ? static_cast<double>(instructions) / seconds / 1e6 : 0.0, machine_->state_hash());
}

} // namespace trapgate::frontend
