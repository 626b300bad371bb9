// SPDX-License-Identifier: MIT
// The machine: see the header.
#include "machine/machine.hpp"

#include "base/assert.hpp"
#include "machine/host_streams.hpp"
#include "machine/unimplemented.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::machine {

namespace {

/// How often the host is looked at (clock, terminal, output buffers) while the guest is busy.
constexpr auto look_interval = std::chrono::milliseconds(5);
/// Instructions after which the run loop comes round at the latest.
constexpr u64 slice = 1'000'000;
/// How far guest and host may drift apart before Pace::HostTime gives up to make it good.
constexpr auto most_drift = std::chrono::milliseconds(50);

std::string seconds_text(std::chrono::nanoseconds time) {
    return fmt::format("{:g}", std::chrono::duration<double>(time).count());
}

} // namespace

Machine::Machine(const MachineOptions& options, const HostSide& host)
    : options_(options), terminal_(host.terminal), memory_(options.ram_bytes), bus_(memory_),
      cpu_(bus_, options.model), board_(bus_, {*this, *this, *this}, host, options.date), engine_(cpu_) {
    cpu_.interrupt_controller = this;
}

cpu::Cpu& Machine::loader_cpu() {
    ASSERT(!started_);
    return cpu_;
}

mmu::PhysicalMemory& Machine::loader_memory() {
    ASSERT(!started_);
    return memory_;
}

void Machine::start() {
    started_ = true;
    memory_.start();
    host_start_ = HostClock::now();
}

void Machine::set_limits(const Limits& limits) {
    limits_ = limits;
    host_start_ = HostClock::now();
}

// --- What devices ask for -----------------------------------------------------------------------------

void Machine::deadline_changed() {
    if (!target_) return;
    if (board_.pic.requested() || instruction_at(board_.next_event()) < target_) cpu_.request_attention();
}

void Machine::request_stop(devices::StopRequest request) {
    if (stop_request_.kind == devices::StopRequest::Kind::None) stop_request_ = request;
    cpu_.request_attention();
}

void Machine::request_pause() {
    pause_requested_ = true;
    cpu_.request_attention();
}

Stop Machine::requested_stop() const {
    using Kind = devices::StopRequest::Kind;
    const u32 value = stop_request_.value;
    switch (stop_request_.kind) {
    case Kind::GuestExit: return {StopKind::GuestExit, value, {}};
    case Kind::Panic: return {StopKind::Panic, value, "the guest kernel has panicked"};
    case Kind::DebugExit:
        return {StopKind::DebugExit, value, fmt::format("the guest wrote {} to port 0xf4", value)};
    case Kind::Reset: return {StopKind::Reset, value, "the guest has reset the machine"};
    case Kind::HostError:
        if (value == ETIME) return timeout();
        return {StopKind::HostError, value,
                fmt::format("standard input: {}", std::strerror(static_cast<int>(value)))};
    case Kind::Unimplemented:
        return {StopKind::Unimplemented, value,
                fmt::format("not implemented: {}: the guest wrote {:02x} at eip {:08x}", stop_request_.what, value,
                            cpu_.eip)};
    case Kind::None: break;
    }
    ASSERT(!"a stop was requested");
    return {};
}

// --- The run loop -------------------------------------------------------------------------------------

u64 Machine::instruction_at(u64 clock) const {
    if (clock == devices::no_event) return clock;
    return clock > slept_ ? clock - slept_ : 0;
}

bool Machine::interrupt_possible() const {
    return board_.pic.requested() && cpu_.flags.test_system(cpu::eflags::if_);
}

Stop Machine::run_until(u64 instruction) {
    ASSERT(started_);
    pause_requested_ = false;
    for (;;) {
        if (auto stop = check_limits()) return finish(*stop);
        if (cpu_.instructions >= instruction) return finish({});
        if (board_.next_event() <= now()) board_.service();
        if (auto stop = look_at_host()) return finish(*stop);
        if (cpu_.halted && !interrupt_possible()) {
            if (auto stop = sleep()) return finish(*stop);
            continue;
        }
        u64 until = std::min({instruction, instruction_at(board_.next_event()), cpu_.instructions + slice});
        if (limits_.instructions) until = std::min(until, *limits_.instructions);
        if (limits_.clocks) until = std::min(until, instruction_at(*limits_.clocks));
        target_ = std::max(until, cpu_.instructions + 1);
        const cpu::engine::Stop pause = run_engine(target_);
        target_ = 0;
        if (auto stop = after(pause)) return finish(*stop);
    }
}

cpu::engine::Stop Machine::run_engine(u64 until) {
    return observer_ ? engine_.run_watched(until, *observer_) : engine_.run(until);
}

std::optional<Stop> Machine::after(const cpu::engine::Stop& stop) {
    using Reason = cpu::engine::StopReason;
    if (stop.reason == Reason::TripleFault)
        return Stop{StopKind::TripleFault, 0,
                    fmt::format("triple fault: the guest could not take an exception at eip {:08x}", cpu_.eip)};
    if (stop.reason == Reason::Unimplemented)
        return Stop{StopKind::Unimplemented, 0, describe_unimplemented(cpu_, stop.what)};
    if (stop_request_.kind != devices::StopRequest::Kind::None) {
        const Stop requested = requested_stop();
        stop_request_ = {};
        return requested;
    }
    if (pause_requested_) return Stop{StopKind::Paused, 0, {}};
    return std::nullopt; // Limit, Halted, Attention: the loop knows what to do
}

std::optional<Stop> Machine::check_limits() {
    if (limits_.instructions && cpu_.instructions >= *limits_.instructions)
        return Stop{StopKind::InstructionLimit, 0,
                    fmt::format("stopped after {} instructions (--max-insns)", cpu_.instructions)};
    if (limits_.clocks && now() >= *limits_.clocks)
        return Stop{StopKind::ClockLimit, 0, fmt::format("stopped after {} clocks (--max-cycles)", now())};
    return std::nullopt;
}

Stop Machine::timeout() const {
    const auto time = limits_.host_time.value_or(std::chrono::nanoseconds{0});
    return {StopKind::Timeout, 0, fmt::format("timeout: stopped after {} s (--timeout)", seconds_text(time))};
}

/// Every few milliseconds: is the time up, has the user typed, does output wait? Nothing here moves guest time.
std::optional<Stop> Machine::look_at_host() {
    const auto host_now = HostClock::now();
    if (limits_.host_time && host_now - host_start_ >= *limits_.host_time) return timeout();
    if (host_now < next_look_) return std::nullopt;
    next_look_ = host_now + look_interval;
    board_.flush();
    if (!terminal_) return std::nullopt;
    feed_serial();
    if (terminal_->size_changed()) board_.host_channel.set_terminals(terminal_->terminals());
    if (terminal_->quit_requested()) return Stop{StopKind::Quit, 0, "ended from the keyboard"};
    return std::nullopt;
}

void Machine::feed_serial() {
    std::array<u8, devices::Uart16550::fifo_bytes> typed{};
    if (const u8 room = board_.serial.room()) {
        const std::size_t bytes = terminal_->read(std::span(typed).first(room));
        for (std::size_t i = 0; i < bytes; ++i) board_.serial.receive(typed[i]);
    }
}

Stop Machine::finish(Stop stop) {
    board_.flush();
    return stop;
}

// --- Sleeping -----------------------------------------------------------------------------------------

void Machine::skip_to(u64 clock) {
    const u64 clocks = clock - now();
    slept_ += clocks;
    cpu_.tsc_offset += clocks; // the time stamp counter goes on while the processor sleeps
}

std::optional<Stop> Machine::sleep() {
    board_.flush();
    if (!cpu_.flags.test_system(cpu::eflags::if_))
        return Stop{StopKind::HaltedForGood, 0,
                    fmt::format("the guest halted with interrupts off at eip {:08x}", cpu_.eip)};
    u64 next = board_.next_event();
    const bool user_may_type = terminal_ != nullptr;
    if (next == devices::no_event && !user_may_type)
        return Stop{StopKind::HaltedForGood, 0,
                    fmt::format("the guest halted at eip {:08x} and no device will wake it", cpu_.eip)};
    if (limits_.clocks) next = std::min(next, *limits_.clocks);
    if (user_may_type || options_.pace == Pace::HostTime)
        wait_in_host_time(next);
    else
        skip_to(next);
    return std::nullopt;
}

/// Sleeps on the host until the guest's clock may be `until_clock`, or the user types. A little at a time, so that limits count.
void Machine::wait_in_host_time(u64 until_clock) {
    using namespace std::chrono;
    const auto clocks_to_time = [&](u64 clocks) {
        return nanoseconds(
            static_cast<s64>(static_cast<double>(clocks) * 1e9 / static_cast<double>(options_.hertz)));
    };
    const auto host_now = HostClock::now();
    const auto drift = host_now - (pace_host_ + clocks_to_time(now() - pace_clock_));
    if (drift > most_drift || drift < -most_drift) {
        pace_host_ = host_now;
        pace_clock_ = now();
    }
    const u64 clocks = until_clock == devices::no_event ? options_.hertz : until_clock - now();
    const u64 end = now() + std::min(clocks, options_.hertz / 20);
    const nanoseconds left = pace_host_ + clocks_to_time(end - pace_clock_) - host_now;
    if (left <= nanoseconds::zero()) {
        skip_to(end);
        return;
    }
    next_look_ = {};
    if (terminal_ && board_.serial.room())
        terminal_->wait(left);
    else
        sleep_for_host(left);
    const nanoseconds waited = HostClock::now() - host_now;
    const auto passed =
        static_cast<u64>(static_cast<double>(waited.count()) * static_cast<double>(options_.hertz) / 1e9);
    skip_to(waited >= left ? end : std::min(end, now() + passed));
}

// --- Snapshots ----------------------------------------------------------------------------------------

Snapshot Machine::save() const {
    return {cpu_, slept_, board_.state(), copy_pages(memory_)};
}

void Machine::restore(const Snapshot& snapshot) {
    static_cast<cpu::State&>(cpu_) = snapshot.cpu;
    cpu_.flush_tlb(false);
    cpu_.set_cpl(snapshot.cpu.cpl);
    slept_ = snapshot.slept;
    board_.restore(snapshot.board);
    restore_pages(memory_, snapshot.pages);
    engine_.blocks().clear();
}

u64 Machine::state_hash() const {
    return hash_state(cpu_, slept_, board_.state(), memory_);
}

} // namespace trapgate::machine
