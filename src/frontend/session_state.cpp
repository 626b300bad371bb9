// SPDX-License-Identifier: MIT
// Sessions that begin with a recording or a snapshot, and writing both.
#include "frontend/session.hpp"

#include "frontend/state/container.hpp"
#include "kernel/boot_file.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

namespace trapgate::frontend {

/// What is to be run, whatever it was given as: a file of ours may stand in PROG's place.
Status Session::choose_beginning() {
    if (options_.command.size() == 1)
        if (const auto kind = state::kind_of_file(options_.command[0])) {
            (*kind == state::FileKind::Recording ? options_.replay : options_.load) = options_.command[0];
            options_.command.clear();
        }
    if (options_.replay) return boot_recording();
    if (options_.load) return load_snapshot();
    TRY(streams, open_streams(streams_));
    (void)streams;
    return options_.kernel ? boot_given_kernel() : boot_own_kernel();
}

/// A file that exists only in memory, by a name that libraries can open.
Result<std::string> Session::keep_file(const std::vector<u8>& bytes) {
    const int descriptor = memfd_create("trapgate", MFD_CLOEXEC);
    if (descriptor < 0) return Error{fmt::format("memfd_create: {}", std::strerror(errno)), 125};
    kept_files_.push_back(descriptor);
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t wrote = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (wrote < 0) return Error{fmt::format("a file in memory: {}", std::strerror(errno)), 125};
        done += static_cast<std::size_t>(wrote);
    }
    return fmt::format("/proc/self/fd/{}", descriptor);
}

/// From here on this is that machine.
Status Session::adopt(const state::Identity& identity) {
    options_.memory = identity.memory;
    options_.cpu = identity.cpu;
    options_.date = static_cast<u64>(identity.date);
    options_.keys = identity.keys;
    TRY(kernel_file, keep_file(identity.kernel));
    kernel_file_ = kernel_file;
    if (identity.own_kernel) {
        options_.command = {identity.program_name};
        TRY(program_file, keep_file(identity.program));
        program_file_ = program_file;
    } else {
        options_.kernel = identity.kernel_name;
    }
    adopted_ = identity;
    adopted_->kernel.clear();
    adopted_->program.clear();
    return open_streams(streams_);
}

Status Session::boot_recording() {
    TRY(bytes, state::load(*options_.replay, state::FileKind::Recording));
    auto recording = state::recording_from(bytes);
    if (!recording) return Error{fmt::format("{}: {}", *options_.replay, recording.error().message), 2};
    state::Recording& r = recording.value();
    TRY(adopted, adopt(r.identity));
    (void)adopted;
    kernel::BootRequest request{r.identity.kernel_name, r.identity.kernel, r.command_line, std::move(r.modules)};
    request.bios_area = !r.identity.own_kernel;
    TRY(booted, boot(std::move(request)));
    (void)booted;
    machine_->tape().keep();
    machine_->tape().load(std::move(r.log));
    machine_->tape().ends_with_log();
    recorded_ending_ = r.ending;
    return Nothing{};
}

Status Session::load_snapshot() {
    TRY(bytes, state::load(*options_.load, state::FileKind::Snapshot));
    auto file = state::snapshot_from(bytes);
    if (!file) return Error{fmt::format("{}: {}", *options_.load, file.error().message), 2};
    if (options_.record) return Error{"--record: a recording begins where the machine does, not at a snapshot", 2};
    TRY(adopted, adopt(file.value().identity));
    (void)adopted;
    machine_ = std::make_unique<machine::Machine>(machine_options(), host_side());
    machine_->start();
    machine_->restore(file.value().snapshot);
    if (machine_->state_hash() != file.value().hash)
        return Error{fmt::format("{}: its state is not what it was when it was saved", *options_.load), 2};
    return Nothing{};
}

// --- Writing ------------------------------------------------------------------------------------------

Result<state::Identity> Session::identity() const {
    state::Identity i = adopted_.value_or(state::Identity{});
    if (!adopted_) {
        const machine::MachineOptions machine = machine_options();
        i.program_name = options_.command.empty() ? "" : options_.command[0];
        i.kernel_name = options_.kernel.value_or("vmlinux");
        i.own_kernel = !options_.kernel;
        i.cpu = options_.cpu;
        i.memory = machine.ram_bytes;
        i.hertz = machine.hertz;
        i.date = machine.date;
        i.terminals = terminals_.are_terminals;
        i.rows = terminals_.rows;
        i.columns = terminals_.columns;
        i.input_kind = static_cast<u8>(input_kind_);
        i.terminal_is_keyboard = options_.kernel.has_value();
        i.keys = options_.keys;
    }
    i.made_by = TRAPGATE_VERSION;
    TRY(kernel_bytes, kernel::read_host_file(kernel_file_));
    i.kernel = kernel_bytes;
    if (!program_file_.empty()) {
        TRY(program_bytes, kernel::read_host_file(program_file_));
        i.program = program_bytes;
    }
    return i;
}

Status Session::save_snapshot(const std::string& path) {
    TRY(who, identity());
    const state::SnapshotFile file{std::move(who), machine_->save(), machine_->state_hash()};
    return state::save(path, state::FileKind::Snapshot, state::to_bytes(file));
}

Status Session::save_recording(const machine::Stop& stop) {
    TRY(who, identity());
    state::Recording recording{std::move(who), kernel_command_line_, modules_, machine_->tape().log(), {}};
    recording.log.end = machine_->cpu().instructions;
    recording.ending = {static_cast<u8>(stop.kind), stop.value, stop.text, machine_->state_hash()};
    return state::save(*options_.record, state::FileKind::Recording, state::to_bytes(recording));
}

/// Empty if the replay ended as the recording says, or is not one.
std::string Session::difference_from_recording(const machine::Stop& stop) const {
    if (!recorded_ending_ || !recorded_ending_->hash) return {};
    const u64 here = machine_->cpu().instructions, end = machine_->tape().log().end;
    if (stop.kind == machine::StopKind::InstructionLimit || stop.kind == machine::StopKind::ClockLimit) return {};
    if (here < end) return {}; // a debugger has left it early
    if (here == end && machine_->state_hash() == recorded_ending_->hash) return {};
    return fmt::format("{}: the run did not come out as it was recorded (by Trapgate {})", *options_.replay,
                       adopted_->made_by);
}

} // namespace trapgate::frontend
