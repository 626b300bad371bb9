// SPDX-License-Identifier: MIT
// The machine: see the header.
#include "machine/machine.hpp"

#include "base/assert.hpp"
#include "cpu/memory.hpp"
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
    : options_(options), terminal_(host.terminal), terminal_is_keyboard_(host.terminal_is_keyboard),
      view_(host.view), tape_(host, *this), memory_(options.ram_bytes), bus_(memory_), cpu_(bus_, options.model),
      board_(bus_, {*this, *this, *this}, tape_.side(), options.date), engine_(cpu_) {
    cpu_.interrupt_controller = this;
    cpu_.stops = &stops_;
    board_.host_channel.listen([this](u8 stream, u8 byte) {
        tape_.note_output(stream, {reinterpret_cast<const char*>(&byte), 1});
    });
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
        live_events(true);
        if (auto stop = check_limits()) return finish(*stop);
        if (cpu_.instructions >= instruction) return finish({});
        if (auto stop = log_trouble()) return finish(*stop);
        if (board_.next_event() <= now()) board_.service();
        if (auto stop = look_at_host()) return finish(*stop);
        if (cpu_.halted && !interrupt_possible()) {
            if (auto stop = sleep()) return finish(*stop);
            continue;
        }
        u64 until = std::min({instruction, instruction_at(board_.next_event()), cpu_.instructions + slice});
        if (limits_.instructions) until = std::min(until, *limits_.instructions);
        if (limits_.clocks) until = std::min(until, instruction_at(*limits_.clocks));
        if (const HostEvent* event = tape_.next(); event && event->instruction > cpu_.instructions)
            until = std::min(until, event->instruction);
        target_ = std::max(until, cpu_.instructions + 1);
        const cpu::engine::Stop pause = run_engine(target_);
        target_ = 0;
        if (auto stop = after(pause)) return finish(*stop);
    }
}

cpu::engine::Stop Machine::run_engine(u64 until) {
    stops_.hit.reset();
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
    if (stops_.hit) {
        watch_hit_ = *stops_.hit;
        watch_hit_.instruction = cpu_.instructions - 1;
        return Stop{StopKind::Watchpoint, 0, {}};
    }
    if (stop.reason == Reason::Breakpoint) return Stop{StopKind::Breakpoint, 0, {}};
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
    live_events(false);
    if (!tape_.pretending() && interrupted_.exchange(false)) return Stop{StopKind::Paused, 0, {}};
    if (tape_.relives()) return std::nullopt;
    const auto host_now = HostClock::now();
    if (limits_.host_time && host_now - host_start_ >= *limits_.host_time) return timeout();
    if (host_now < next_look_) return std::nullopt;
    next_look_ = host_now + look_interval;
    flush_output();
    if (view_) view_->look(board_, memory_);
    if (!terminal_) return std::nullopt;
    take_typed();
    if (terminal_->size_changed()) set_window(terminal_->terminals());
    if (terminal_->quit_requested()) return Stop{StopKind::Quit, 0, "ended from the keyboard"};
    return std::nullopt;
}

/// What the receiver of the serial line has no room for is taken only if the keyboard gets it, too.
bool Machine::takes_typed() const {
    return terminal_is_keyboard_ || board_.serial.room();
}

void Machine::take_typed() {
    std::array<u8, devices::Uart16550::fifo_bytes> typed{};
    if (const std::size_t room = terminal_is_keyboard_ ? typed.size() : board_.serial.room())
        if (const std::size_t bytes = terminal_->read(std::span(typed).first(room))) {
            HostEvent event;
            event.kind = HostEvent::Kind::Typed;
            event.bytes.assign(typed.begin(), typed.begin() + static_cast<std::ptrdiff_t>(bytes));
            tape_.note(event);
            type(event.bytes);
        }
}

void Machine::type(std::span<const u8> bytes) {
    for (const u8 byte : bytes)
        if (!terminal_is_keyboard_ || board_.serial.room()) board_.serial.receive(byte);
    if (terminal_is_keyboard_) board_.keyboard.type({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void Machine::set_window(const devices::HostTerminals& terminals) {
    HostEvent event;
    event.kind = HostEvent::Kind::WindowSize;
    event.value = terminals.rows | u64{terminals.columns} << 16 | u64{terminals.are_terminals} << 32;
    tape_.note(std::move(event));
    board_.host_channel.set_terminals(terminals);
}

/// The window as the guest knew it then: the last change before, or as it was in the beginning.
void Machine::restore_window(HostCursor then) {
    const std::vector<HostEvent>& events = tape_.log().events;
    for (std::size_t n = std::min(then.event, events.size()); n-- > 0;)
        if (events[n].kind == HostEvent::Kind::WindowSize) return live_event(events[n]);
    board_.host_channel.set_terminals(tape_.side().streams.terminals);
}

void Machine::flush_output() {
    tape_.between_instructions(true);
    board_.flush();
    tape_.between_instructions(false);
}

/// Lets come what came at this moment when it was lived. On arrival: only what belongs to the moment itself.
void Machine::live_events(bool on_arrival) {
    using Kind = HostEvent::Kind;
    while (const HostEvent* event = tape_.due()) {
        const bool of_the_moment = event->kind == Kind::Edit || event->kind == Kind::LateError;
        if (event->kind == Kind::Slept || event->kind == Kind::OutputError || (on_arrival && !of_the_moment))
            return;
        tape_.take();
        live_event(*event);
    }
}

void Machine::live_event(const HostEvent& event) {
    using Kind = HostEvent::Kind;
    switch (event.kind) {
    case Kind::Typed: return type(event.bytes);
    case Kind::WindowSize:
        return board_.host_channel.set_terminals({static_cast<u8>(event.value >> 32), static_cast<u16>(event.value),
                                                  static_cast<u16>(event.value >> 16)});
    case Kind::LateError:
        return board_.host_channel.note_error(static_cast<u8>(event.address), static_cast<int>(event.value));
    case Kind::Edit: {
        const Status applied = apply({event.name, event.value, event.address, event.bytes});
        ASSERT(applied); // it was possible when it was noted
        return;
    }
    case Kind::Slept:
    case Kind::OutputError: break;
    }
}

/// The log wants something at a moment that has passed, or there is nothing more to go by.
std::optional<Stop> Machine::log_trouble() const {
    if (tape_.is_over()) return Stop{StopKind::LogEnds, 0, "the recording ends here"};
    const HostEvent* event = tape_.next();
    if (!event || event->instruction > cpu_.instructions || tape_.pretending()) return std::nullopt;
    if (event->instruction == cpu_.instructions) return std::nullopt;
    return Stop{StopKind::LogEnds, 0,
                fmt::format("the recording does not fit: something of instruction {} did not happen again",
                            event->instruction)};
}

Stop Machine::finish(Stop stop) {
    flush_output();
    return stop;
}

// --- Sleeping -----------------------------------------------------------------------------------------

void Machine::skip_to(u64 clock) {
    const u64 clocks = clock - now();
    slept_ += clocks;
    cpu_.tsc_offset += clocks; // the time stamp counter goes on while the processor sleeps
}

std::optional<Stop> Machine::sleep() {
    flush_output();
    if (!cpu_.flags.test_system(cpu::eflags::if_))
        return Stop{StopKind::HaltedForGood, 0,
                    fmt::format("the guest halted with interrupts off at eip {:08x}", cpu_.eip)};
    if (const HostEvent* event = tape_.due(); event && event->kind == HostEvent::Kind::Slept) {
        tape_.take();
        skip_to(event->value);
        return std::nullopt;
    }
    u64 next = board_.next_event();
    const bool user_may_type = terminal_ != nullptr || (tape_.kept() && tape_.log().terminal);
    if (user_may_type && tape_.relives())
        return Stop{StopKind::LogEnds, 0, "the processor sleeps, and what wakes it has not been recorded"};
    if (next == devices::no_event && !user_may_type)
        return Stop{StopKind::HaltedForGood, 0,
                    fmt::format("the guest halted at eip {:08x} and no device will wake it", cpu_.eip)};
    if (limits_.clocks) next = std::min(next, *limits_.clocks);
    if (!user_may_type && options_.pace != Pace::HostTime) {
        skip_to(next);
        return std::nullopt;
    }
    const u64 awake = wait_in_host_time(next);
    if (awake == now()) return std::nullopt;
    HostEvent event;
    event.kind = HostEvent::Kind::Slept;
    event.value = awake;
    tape_.note(std::move(event));
    skip_to(awake);
    return std::nullopt;
}

/// Sleeps on the host until the guest's clock may be `until_clock`, or the user types. A little at a time, so that limits count.
/// Gives the clock that it is then.
u64 Machine::wait_in_host_time(u64 until_clock) {
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
    if (left <= nanoseconds::zero()) return end;
    next_look_ = {};
    if (terminal_ && takes_typed())
        terminal_->wait(left);
    else
        sleep_for_host(left);
    const nanoseconds waited = HostClock::now() - host_now;
    const auto passed =
        static_cast<u64>(static_cast<double>(waited.count()) * static_cast<double>(options_.hertz) / 1e9);
    return waited >= left ? end : std::min(end, now() + passed);
}

// --- Snapshots ----------------------------------------------------------------------------------------

Snapshot Machine::save() {
    Snapshot snapshot{cpu_, cpu_.debug_hits, slept_, board_.state(), memory_.capture(), tape_.cursor()};
    cpu::refresh_slow_bits(cpu_); // the next store to each page has to be noticed
    return snapshot;
}

void Machine::restore(const Snapshot& snapshot) {
    static_cast<cpu::State&>(cpu_) = snapshot.cpu;
    cpu_.debug_hits = snapshot.debug_hits;
    cpu_.current = nullptr;
    cpu_.open_link = nullptr;
    cpu_.attention = false;
    slept_ = snapshot.slept;
    target_ = 0;
    stop_request_ = {};
    board_.restore(snapshot.board);
    tape_.go_back_to(snapshot.log);
    restore_window(snapshot.log);
    for (const u64 number : memory_.restore(snapshot.pages))
        engine_.blocks().before_store({number * page_size}, page_size);
    cpu_.flush_tlb(false);
    cpu_.set_cpl(snapshot.cpu.cpl);
}

u64 Machine::state_hash() const {
    return hash_state(cpu_, cpu_.debug_hits, slept_, board_.state(), memory_);
}

// --- Debuggers ----------------------------------------------------------------------------------------

void Machine::set_stops(std::vector<u32> code, std::vector<WatchRange> data) {
    std::sort(code.begin(), code.end());
    code.erase(std::unique(code.begin(), code.end()), code.end());
    stops_.pass = cpu::DebugStops::nowhere;
    if (code != stops_.code) {
        stops_.code = std::move(code);
        engine_.blocks().clear();
    }
    if (data != stops_.data) {
        stops_.data = std::move(data);
        cpu::refresh_slow_bits(cpu_);
    }
}

Status Machine::apply(const Edit& edit) {
    if (!edit.register_name.empty()) {
        const RegisterInfo* info = find_register(edit.register_name);
        if (!info) return Error{fmt::format("{}: no such register", edit.register_name)};
        if (!info->set) return Error{fmt::format("{} cannot be changed alone", edit.register_name)};
        return info->set(cpu_, edit.value);
    }
    for (const bool write : {false, true}) // all of it, or nothing
        for (u32 i = 0; i < edit.bytes.size(); ++i) {
            PhysicalAddress place;
            const bool mapped = cpu::peek_translation(cpu_, edit.address + i, place);
            if (!mapped || !memory_.contains(place, 1))
                return Error{fmt::format("{:08x}: no memory is mapped there", edit.address + i)};
            if (!write) continue;
            engine_.blocks().before_store(place, 1);
            memory_.write(place, std::span(edit.bytes).subspan(i, 1), mmu::Writer::Debugger);
        }
    return Nothing{};
}

} // namespace trapgate::machine
