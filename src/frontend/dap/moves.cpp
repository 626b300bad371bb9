// SPDX-License-Identifier: MIT
// How time moves. A request's answer goes out first, then the move is made, then an event tells where it ended.
//
// A step over something is a run to the place where it comes back, in the same task and with the stack as it was. Inside an
// instruction (after one has stepped into its micro-steps) stepping in and back mean micro-steps, and stepping over or out its end.
#include "frontend/dap/adapter.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

using machine::Arrival;
using machine::TransferNews;

enum Target : s64 { over_it = 1, into_micro_steps = 2, into_handler = 3 };

constexpr u32 tss_esp0 = 4;
constexpr int longest_instruction = 15;

bool leaves_kernel(const TransferNews& news) {
    return news.from_cpl == 0 && news.to_cpl == 3;
}

} // namespace

// --- Requests -----------------------------------------------------------------------------------------

/// Time moves the whole machine; a step of a task that does not run would be a lie.
void Adapter::need_running_thread(const Json& arguments) const {
    const s64 thread = number(arguments, "threadId", current_thread());
    if (thread != current_thread())
        throw Refusal{fmt::format("task {} does not run now; only the task that runs can step", thread)};
}

Json Adapter::continue_(const Json&) {
    afterwards_ = [this] { after_move(run(true), "pause"); };
    return {{"allThreadsContinued", true}};
}

Json Adapter::reverse_continue(const Json&) {
    afterwards_ = [this] { after_move(run(false), "pause"); };
    return nullptr;
}

Json Adapter::next(const Json& arguments) {
    need_running_thread(arguments);
    const bool instruction = text(arguments, "granularity", "statement") == "instruction";
    afterwards_ = [this, instruction] {
        const bool inside = time().now().micro != 0;
        after_move(inside ? one_instruction() : instruction ? over_instruction() : statement(true), "step");
    };
    return nullptr;
}

Json Adapter::step_in(const Json& arguments) {
    need_running_thread(arguments);
    const bool instruction = text(arguments, "granularity", "statement") == "instruction";
    const s64 target = number(arguments, "targetId", 0);
    if (target < 0 || target > into_handler) throw Refusal{"targetId: not one of stepInTargets'"};
    afterwards_ = [this, instruction, target] {
        Arrival arrival;
        if (target == over_it)
            arrival = over_instruction();
        else if (target == into_micro_steps || (target == 0 && time().now().micro))
            arrival = move([&] { return time().micro(); });
        else
            arrival = instruction || target == into_handler ? one_instruction() : statement(false);
        after_move(arrival, "step");
    };
    return nullptr;
}

Json Adapter::step_out(const Json& arguments) {
    need_running_thread(arguments);
    const bool inside = time().now().micro != 0;
    if (!inside && frames_of(current_thread()).size() < 2)
        throw Refusal{"nobody called this, as far as the stack tells"};
    afterwards_ = [this, inside] { after_move(inside ? one_instruction() : out(), "step"); };
    return nullptr;
}

Json Adapter::step_back(const Json& arguments) {
    need_running_thread(arguments);
    const bool instruction = text(arguments, "granularity", "statement") == "instruction";
    afterwards_ = [this, instruction] {
        Arrival arrival;
        if (time().now().micro)
            arrival = move([&] { return time().micro_back(); });
        else
            arrival = instruction ? move([&] { return time().step_back(); }) : statement_back();
        after_move(arrival, "step");
    };
    return nullptr;
}

Json Adapter::step_in_targets(const Json& arguments) {
    const Frame& frame = frame_of(arguments, "frameId");
    Json targets = Json::array();
    if (frame.innermost) {
        const std::string name = mnemonic_here();
        const u32 micro_steps = time().instruction().micro_steps(), here = time().now().micro;
        if (micro_steps) {
            targets.push_back({{"id", over_it}, {"label", fmt::format("step over {}", name)}});
            targets.push_back(
                {{"id", into_micro_steps},
                 {"label", here ? fmt::format("micro-step {} of {}", std::min(here + 1, micro_steps), micro_steps)
                                : fmt::format("into the {} micro-steps of {}", micro_steps, name)}});
            targets.push_back({{"id", into_handler}, {"label", "to where it leads, micro-steps as one"}});
        } else if (name.starts_with("call")) {
            targets.push_back({{"id", over_it}, {"label", "step over the call"}});
            targets.push_back({{"id", into_handler}, {"label", "into the call"}});
        }
    }
    return {{"targets", targets}};
}

Json Adapter::pause(const Json&) {
    if (!moving_) return nullptr; // it stands already
    pause_wanted_ = true;
    time().interrupt();
    return nullptr;
}

// --- Moves --------------------------------------------------------------------------------------------

/// Makes one move, listening to the client meanwhile: it may set breakpoints, pause, or leave.
Arrival Adapter::move(const std::function<Arrival()>& go) {
    struct Moving {
        explicit Moving(Adapter& adapter) : adapter_(adapter), before_(std::exchange(adapter.moving_, true)) {
            adapter.time().on_progress = [&adapter](u64) {
                adapter.send_output();
                if (adapter.channel_.pending()) adapter.time().interrupt();
            };
        }
        ~Moving() {
            adapter_.moving_ = before_;
            adapter_.time().on_progress = nullptr;
        }
        Adapter& adapter_;
        bool before_;
    } moving(*this);
    frames_.clear();
    groups_.clear();
    for (;;) {
        const Arrival arrival = go();
        if (arrival.kind != Arrival::Kind::Interrupted) return arrival;
        listen_while_moving();
        if (pause_wanted_ || leave_ || over_) return arrival;
    }
}

machine::StopSet Adapter::user_stops(bool forwards) {
    return interpreter_->breakpoints().stop_set(forwards,
                                                [this](const debug::Breakpoint& each) { return holds(each); });
}

/// To the next breakpoint whose condition holds and that is no log point.
Arrival Adapter::run(bool forwards) {
    for (;;) {
        const Arrival arrival = move([&] {
            const machine::StopSet stops = user_stops(forwards);
            return forwards ? time().run_on(stops) : time().run_back(stops);
        });
        if (arrival.kind == Arrival::Kind::Transfer &&
            !interpreter_->breakpoints().accepts_transfer(
                arrival, forwards, [this](const debug::Breakpoint& each) { return holds(each); }))
            continue;
        if (arrival.kind == Arrival::Kind::Breakpoint || arrival.kind == Arrival::Kind::Watchpoint ||
            arrival.kind == Arrival::Kind::Transfer)
            if (const auto* cause = interpreter_->breakpoints().cause(arrival); cause && only_logs(*cause))
                continue;
        return arrival;
    }
}

/// Forwards to `address`, when `is_there` says yes there; or to a breakpoint of the user's before.
Arrival Adapter::run_to(u32 address, const std::function<bool()>& is_there) {
    bool there = false;
    Arrival arrival = move([&] {
        machine::StopSet stops = user_stops(true);
        const bool users = std::count(stops.breakpoints.begin(), stops.breakpoints.end(), address) != 0;
        const auto counts = std::exchange(stops.breakpoint_counts, nullptr);
        if (!users) stops.breakpoints.push_back(address);
        stops.breakpoint_counts = [&, users, counts](u32 at) {
            there = at == address && is_there();
            return there || ((at != address || users) && (!counts || counts(at)));
        };
        return time().run_on(stops);
    });
    if (there && arrival.kind == Arrival::Kind::Breakpoint) arrival.kind = Arrival::Kind::Reached;
    return arrival;
}

/// Forwards until this task is back in ring 3.
Arrival Adapter::run_to_user_mode() {
    const auto mine = debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0);
    bool there = false;
    const Arrival arrival = move([&] {
        machine::StopSet stops = user_stops(true);
        const auto users = std::exchange(stops.transfers, nullptr);
        stops.transfers = [&, users](const TransferNews& news) {
            there = leaves_kernel(news) && (!mine || news.esp0 == *mine);
            return there || (users && users(news));
        };
        return time().run_on(stops);
    });
    return there && arrival.kind == Arrival::Kind::Transfer ? one_instruction() : arrival;
}

Arrival Adapter::one_instruction() {
    return move([&] { return time().step(); });
}

std::string Adapter::mnemonic_here() const {
    std::array<u8, longest_instruction> bytes;
    std::size_t count = bytes.size();
    while (count && !debuggee_->memory().read(linear_eip(), std::span(bytes).first(count))) --count;
    if (!count) return {};
    const std::string text = disassembler_.at(std::span(bytes).first(count), linear_eip()).text;
    return text.substr(0, text.find_first_of(" \t"));
}

/// The instruction is one with which a program asks the kernel for something.
bool Adapter::enters_kernel(const std::string& mnemonic) {
    return mnemonic == "int" || mnemonic == "int3" || mnemonic == "into" || mnemonic == "sysenter";
}

u32 Adapter::length_here() const {
    std::array<u8, longest_instruction> bytes;
    std::size_t count = bytes.size();
    while (count && !debuggee_->memory().read(linear_eip(), std::span(bytes).first(count))) --count;
    return count ? disassembler_.at(std::span(bytes).first(count), linear_eip()).length : 1;
}

/// A step came to its end in the ordinary way: no breakpoint, not the end of time.
bool Adapter::is_ordinary(const Arrival& arrival) const {
    return arrival.kind == Arrival::Kind::Reached;
}

/// One instruction, and all that it calls.
Arrival Adapter::over_instruction() {
    const std::string name = mnemonic_here();
    const u32 esp = cpu().reg(cpu::Gpr::esp), after = linear_eip() + length_here();
    const auto esp0 = debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0);
    const u8 cpl = cpu().cpl;
    const bool call = name.starts_with("call") || name == "lcall" || name.starts_with("rep");
    const bool gate = enters_kernel(name);
    const u64 number = time().now().instruction;
    if (!call && !gate) {
        const Arrival arrival = one_instruction();
        const auto transfers = time().transfers();
        const auto last = std::find_if(transfers.rbegin(), transfers.rend(),
                                       [&](const TransferNews& news) { return news.instruction <= number; });
        const bool delivered = last != transfers.rend() && last->instruction == number && last->delivery;
        if (!is_ordinary(arrival) || !delivered) return arrival;
        return run_to(last->eip, [=, this] { return cpu().cpl == cpl && cpu().reg(cpu::Gpr::esp) == esp; });
    }
    if (gate && cpl == 3) {
        const Arrival arrival = one_instruction();
        if (!is_ordinary(arrival) || cpu().cpl == 3) return arrival;
        return run_to_user_mode();
    }
    return run_to(after, [=, this] {
        return cpu().cpl == cpl && cpu().reg(cpu::Gpr::esp) >= esp &&
               debuggee_->memory().get<u32>(cpu().tr.base + tss_esp0) == esp0;
    });
}

} // namespace trapgate::frontend::dap
