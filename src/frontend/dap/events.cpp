// SPDX-License-Identifier: MIT
// What the editor is told when a move of time has come to its end: why, where, in which ring.
#include "frontend/dap/adapter.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::dap {

namespace {

using machine::Arrival;
using machine::TransferNews;

std::string words(const TransferNews& news) {
    using Kind = trace::TransferKind;
    std::string what;
    switch (news.kind) {
    case Kind::Interrupt:
        what = !news.delivery     ? fmt::format("int {:02x}h", news.vector)
               : news.vector < 32 ? fmt::format("exception {}", news.vector)
                                  : fmt::format("interrupt {:02x}h", news.vector);
        break;
    case Kind::InterruptReturn: what = "iret"; break;
    case Kind::FarCall: what = "far call"; break;
    case Kind::FarJump: what = "far jump"; break;
    case Kind::FarReturn: what = "far return"; break;
    case Kind::Sysenter: what = "sysenter"; break;
    case Kind::Sysexit: what = "sysexit"; break;
    case Kind::TaskSwitch: what = "task switch"; break;
    }
    return news.from_cpl == news.to_cpl ? what : fmt::format("{}, ring {} to {}", what, news.from_cpl, news.to_cpl);
}

} // namespace

std::string Adapter::ring_and_time() const {
    return fmt::format("ring {}, {}, {}", cpu().cpl, machine::to_text(time().now()),
                       debuggee_->place(linear_eip()));
}

/// "micro-step 13 of 19: push ss"; the one that has just been done.
std::string Adapter::micro_step_text() {
    const u32 micro = time().now().micro;
    const machine::InstructionRecord& record = time().instruction();
    std::string text = fmt::format("micro-step {} of {}", micro, record.micro_steps());
    u32 number = 0;
    for (const auto& transfer : record.transfers)
        for (const auto& step : transfer.steps)
            if (++number == micro) text += fmt::format(": {}", cpu::isa::info(step.step).name);
    return text;
}

void Adapter::stopped(const char* reason, const std::string& why, std::vector<u32> breakpoints) {
    last_stop_ = why;
    pause_wanted_ = false;
    Json body{{"reason", reason},
              {"description", fmt::format("{} ({})", why, ring_and_time())},
              {"text", why},
              {"threadId", current_thread()},
              {"allThreadsStopped", true}};
    if (!breakpoints.empty()) body["hitBreakpointIds"] = breakpoints;
    channel_.event("stopped", body);
}

/// Tells where a move has ended. `reason`: if it simply got there.
void Adapter::after_move(const Arrival& arrival, const char* reason) {
    if (leave_ || over_) return;
    send_output();
    using Kind = Arrival::Kind;
    std::vector<u32> numbers;
    const debug::Breakpoint* cause = nullptr;
    if (arrival.kind == Kind::Breakpoint || arrival.kind == Kind::Watchpoint || arrival.kind == Kind::Transfer)
        cause = interpreter_->breakpoints().cause(arrival);
    if (cause) numbers.push_back(cause->number);
    switch (arrival.kind) {
    case Kind::Reached: return stopped(reason, time().now().micro ? micro_step_text() : "step");
    case Kind::Interrupted: return stopped("pause", "paused");
    case Kind::Start: return stopped("entry", "the beginning of time: nothing lies before it");
    case Kind::End: return ended(arrival.stop);
    case Kind::Transfer: return stopped("exception", words(arrival.transfer), numbers);
    case Kind::Watchpoint: {
        const auto& hit = arrival.hit;
        const bool wrote = hit.intent == Intent::Write;
        return stopped("data breakpoint",
                       wrote
                           ? fmt::format("wrote {:#x} to {:08x}, {:#x} before", hit.value, hit.address, hit.before)
                           : fmt::format("read {:#x} from {:08x}", hit.value, hit.address),
                       numbers);
    }
    case Kind::Breakpoint: break;
    }
    const std::string tag = cause ? cause->tag : "";
    stopped(tag == "dap:function"      ? "function breakpoint"
            : tag == "dap:instruction" ? "instruction breakpoint"
            : tag == "dap:exception"   ? "exception"
                                       : "breakpoint",
            cause ? cause->where : "breakpoint", numbers);
}

/// The machine cannot go on.
void Adapter::ended(const machine::Stop& stop) {
    send_output();
    const int exit_code = debuggee_->conclude();
    if (!stop.text.empty()) say("trapgate: " + stop.text + "\n");
    if (launch_.stop_at_end) return stopped("pause", "the run has ended; time can go back");
    over_ = true;
    channel_.event("exited", {{"exitCode", exit_code}});
    channel_.event("terminated", nullptr);
}

} // namespace trapgate::frontend::dap
