// SPDX-License-Identifier: MIT
// The server's side of a conversation with gdb: each packet's answer, over a debuggee on its axis of time.
// A packet that is not known gets the empty answer, one that is damaged an error; neither changes the guest.
// Source: [gdb] "Remote Protocol".
#pragma once

#include "frontend/debuggee.hpp"
#include "frontend/gdb/files.hpp"
#include "frontend/gdb/stops.hpp"
#include "frontend/gdb/threads.hpp"
#include "frontend/gdb/wire.hpp"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trapgate::frontend::gdb {

/// How a client's visit ended.
enum class Ending : u8 {
    Vanished, ///< the connection broke: the guest stands where it stood, the next client goes on
    Detached, ///< the guest shall run to its end
    Killed,   ///< the guest shall end
    Exited,   ///< gdb has been told that the guest has ended, and has gone
};

/// The debugger behind `monitor`, for the commands that are not the server's own. All may be empty: then there is none.
struct Monitor {
    struct Outcome {
        std::string text;
        bool moved = false; ///< time has moved, or the guest was changed
    };
    std::function<Outcome(std::string_view line)> execute;
    /// What its own breakpoints stop, for one move in this direction.
    std::function<machine::StopSet(bool forwards)> stops;
    /// Does one of them want the transfer that we have come to?
    std::function<bool(const machine::Arrival& arrival, bool forwards)> accepts_transfer;
    /// Such a stop in words: gdb itself only says SIGTRAP.
    std::function<std::string(const machine::Arrival& arrival)> describe;
};

class Stub {
  public:
    /// REQUIRES: `debuggee` outlives this. `start` is where a restart (`run` in extended-remote) begins.
    Stub(Debuggee& debuggee, Monitor monitor, machine::TimePoint start);
    /// Talks to one client until it goes.
    Ending serve(Wire& wire);

  private:
    // --- stub.cpp: which packet, registers, memory --------------------------------------------------------
    struct Row {
        std::string_view prefix;
        std::string (Stub::*answer)(Fields);
    };
    std::string answer(std::string_view packet);
    std::string read_registers(Fields);
    std::string write_registers(Fields);
    std::string read_register(Fields);
    std::string write_register(Fields);
    std::string read_memory(Fields);
    std::string write_memory(Fields);
    std::string write_memory_binary(Fields);
    std::string insert_stop(Fields fields) { return stops_.change(fields, true); }
    std::string remove_stop(Fields fields) { return stops_.change(fields, false); }
    std::string choose_thread(Fields);
    std::string thread_alive(Fields);
    std::string extended_mode(Fields);
    std::string detach(Fields);
    std::string kill(Fields);
    std::string kill_process(Fields);
    std::string restart(Fields);
    std::string run_again(Fields);
    RegisterSource processor() const;
    u32 chosen() const;
    std::string set_register(unsigned number, const Value& value);
    bool put_back(std::string_view name, const Value& value) const;
    std::string set_memory(u32 address, u32 length, std::string_view bytes);

    // --- queries.cpp: q…, Q…, vFile -----------------------------------------------------------------------
    std::string supported(Fields);
    std::string no_acknowledgements(Fields);
    std::string catch_calls(Fields fields) { return stops_.catch_calls(fields); }
    std::string first_threads(Fields);
    std::string more_threads(Fields) { return "l"; }
    std::string thread_name(Fields);
    std::string current_thread(Fields);
    std::string offsets(Fields);
    std::string attached(Fields) { return "0"; }
    std::string transfer(Fields);
    std::string file(Fields fields) { return files_.answer(fields.rest()); }
    std::string monitor(Fields);
    std::optional<std::string> document(std::string_view object, std::string_view annex) const;
    std::string libraries() const;
    std::string thread_list() const;

    // --- monitor.cpp: what `monitor` knows beside the debugger's commands -----------------------------------
    std::string monitor_text(std::string_view line);
    std::string switch_text(std::string_view word, std::string_view value, bool& flag);
    std::string time_text() const;

    // --- resume.cpp: moving ---------------------------------------------------------------------------------
    std::string why_stopped(Fields);
    std::string resume_actions(Fields) { return "vCont;c;C;s;S;r"; }
    std::string resume_by_action(Fields);
    std::string go_on(Fields);
    std::string go_on_with_signal(Fields);
    std::string step(Fields);
    std::string step_with_signal(Fields);
    std::string step_back(Fields);
    std::string go_back(Fields);
    std::string resume(const std::function<machine::Arrival()>& move);
    machine::Arrival run_forward();
    machine::Arrival run_backward();
    machine::Arrival one_step();
    machine::Arrival one_step_back();
    machine::Arrival step_out_of(u32 start, u32 end);
    machine::Arrival back_to_user(u32 task);
    machine::Arrival back_from_handler(u32 task, u32 esp);
    bool just_delivered() const;
    std::optional<machine::Arrival> watched_just_before();
    machine::StopSet monitor_stops(bool forwards) const;
    machine::StopSet stop_set(bool forwards);
    bool breakpoint_counts(u32 address, const machine::StopSet& others);
    bool wanted_transfer(const machine::Arrival& arrival, bool forwards);
    bool is_of_monitor(const machine::Arrival& arrival) const;
    std::string stop_text(const machine::Arrival& arrival) const;
    std::string call_text(const machine::Arrival& arrival) const;
    std::string end_text();
    void say(std::string_view text);

    static const Row rows_[];

    Debuggee& debuggee_;
    Monitor monitor_;
    machine::TimeMachine& time_;
    machine::TimePoint start_;
    Threads threads_;
    Stops stops_;
    std::string program_path_, kernel_path_; ///< absolute, as gdb is told
    Files files_;
    Wire* wire_ = nullptr; ///< of the client that is served
    std::optional<Ending> ending_;
    std::string last_stop_;
    u32 chosen_thread_ = 0; ///< by `Hg`; 0: the one that runs
    bool extended_ = false;
    bool exit_told_ = false; ///< gdb knows that the guest has ended: only a restart goes on
    bool client_knows_breaks_ = false;
    bool micro_ = false;       ///< stepi is one micro-step
    bool over_kernel_ = false; ///< stepi of ring-3 code runs over the kernel
    std::optional<std::pair<u32, u32>>
        put_off_;             ///< address and task of an instruction that was interrupted as gdb stepped it
    s32 returning_call_ = -1; ///< the call that a wanted return to ring 3 is of
    /// Where the last moves began: gdb puts all registers back after a call of a function, $insn too.
    std::deque<std::pair<machine::TimePoint, u64>> began_at_;
    std::optional<machine::TimePoint> arrive_; ///< where the next step shall go instead
};

} // namespace trapgate::frontend::gdb
