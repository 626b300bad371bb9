// SPDX-License-Identifier: MIT
// The whole order of copy_process' steps for one fork, as reviewed text: tests/golden/fork-events.txt. Functions are noted when they
// are entered, fields of the child when they are written; a field's value is noted where it says something and never moves.
// Compared with 002:130-445 and [linux-2.6.11] kernel/fork.c: copy_process. Written anew by TRAPGATE_BLESS=1. Row P48.
#include "catch.hpp"
#include "guest/fork_watch.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <sstream>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {

constexpr std::array steps{"check_clone_flags",
                           "security_task_create",
                           "dup_task_struct",
                           "prepare_to_copy",
                           "alloc_task_struct",
                           "alloc_thread_info",
                           "too_many_processes",
                           "count_process",
                           "try_module_get",
                           "copy_flags",
                           "init_lists_and_locks",
                           "init_signals_and_times",
                           "security_task_alloc",
                           "audit_alloc",
                           "copy_semundo",
                           "copy_files",
                           "copy_fs",
                           "copy_sighand",
                           "copy_signal",
                           "copy_mm",
                           "copy_namespace",
                           "copy_thread",
                           "set_tid_pointers",
                           "sched_fork",
                           "link_process",
                           "set_parents",
                           "attach_pid"};

/// Fields of the child's task_struct ("") and thread_info ("thread_info."), and variables of the kernel ("kernel.").
struct Field {
    const char* name;
    bool shows_value; ///< small, and the same in every boot
};
constexpr std::array fields{
    Field{"thread_info", false},
    Field{"usage", true},
    Field{"lock_depth", true},
    Field{"did_exec", true},
    Field{"flags", false},
    Field{"ptrace", true},
    Field{"pid", false},
    Field{"children", false},
    Field{"pending", false},
    Field{"real_timer.function", false},
    Field{"utime", true},
    Field{"start_time", false},
    Field{"tgid", false},
    Field{"files", false},
    Field{"fs", false},
    Field{"sighand", false},
    Field{"signal", false},
    Field{"mm", false},
    Field{"thread.esp0", false},
    Field{"thread.esp", false},
    Field{"thread.eip", false},
    Field{"set_child_tid", true},
    Field{"clear_child_tid", true},
    Field{"exit_signal", true},
    Field{"exit_state", true},
    Field{"state", true},
    Field{"array", true},
    Field{"time_slice", false},
    Field{"group_leader", false},
    Field{"ptrace_children", false},
    Field{"real_parent", false},
    Field{"parent", false},
    Field{"tasks", false},
    Field{"sibling", false},
};
constexpr std::array info_fields{Field{"task", false}, Field{"preempt_count", true}, Field{"cpu", true}};
constexpr std::array variables{"nr_threads", "total_forks"};

/// Notes the events of the first fork after the program's fork_trap.
class Recorder {
  public:
    explicit Recorder(Guest& guest) : guest_(guest), after_trap_(guest.program("fork_trap") + 2) {
        guest.at_kernel("copy_process", [this](Guest& g) {
            if (state_ != State::Waiting || g.user_frame().eip != after_trap_) return;
            state_ = State::Inside;
            parent_ = g.current_task();
            events.emplace_back("copy_process");
            on_return(g, [this](Guest& h) {
                state_ = State::Over;
                event(h.reg(Gpr::eax) == child_ ? "return the child" : "return something else");
                h.on_access = nullptr;
            });
            g.on_access = [this](Guest&, const trace::Access& access) { note(access); };
        });
        for (const char* step : steps) guest.at_kernel(step, [this, step](Guest& g) { enter(g, step); });
    }
    std::vector<std::string> events;

  private:
    enum class State { Waiting, Inside, Over };

    void enter(Guest& g, const std::string& step) {
        if (state_ != State::Inside || g.current_task() != parent_) return;
        if (step == "attach_pid") { // (task, type, number)
            static constexpr std::array types{"PID", "TGID", "PGID", "SID"};
            event(fmt::format("  attach_pid PIDTYPE_{}", types.at(g.reg(Gpr::edx))));
        } else {
            static constexpr std::array inner{"prepare_to_copy", "alloc_task_struct", "alloc_thread_info",
                                              "set_parents"};
            const bool is_inner = std::find(inner.begin(), inner.end(), step) != inner.end();
            event((is_inner ? "  " : "") + step);
        }
        // Its contents are copied first: fields count from here on.
        if (step == "dup_task_struct")
            on_return(g, [this](Guest& h) {
                child_ = h.reg(Gpr::eax);
                info_ = h.member(child_, "task_struct", "thread_info");
                events.push_back("  usage = " + std::to_string(h.member(child_, "task_struct", "usage")));
            });
    }

    void note(const trace::Access& access) {
        if (access.intent != Intent::Write || !child_) return;
        const u32 at = access.linear.value, value = static_cast<u32>(access.value);
        std::size_t place = 0;
        for (const Field& field : fields) note_if(++place, at, value, child_, "task_struct", field, "");
        for (const Field& field : info_fields)
            note_if(++place, at, value, info_, "thread_info", field, "thread_info.");
        for (const char* name : variables) {
            ++place;
            if (at == guest_.kernel(name)) written_[place] = fmt::format("  {} + 1", name);
        }
    }
    void note_if(std::size_t place, u32 at, u32 value, u32 base, const char* structure, const Field& field,
                 const char* prefix) {
        // DWARF gives a bit field no place of its own: did_exec is the word before pid.
        const bool bit = std::string_view(field.name) == "did_exec";
        if (at != base + (bit ? guest_.offset(structure, "pid") - 4 : guest_.offset(structure, field.name))) return;
        if (bit) value &= 1;
        const std::string shown = field.shows_value ? fmt::format(" = {}", static_cast<int>(value)) : "";
        written_[place] = fmt::format("  {}{}{}", prefix, field.name, shown);
    }
    /// Between two functions the compiler may write fields in any order: they are listed in that of the tables above.
    void event(std::string text) {
        for (auto& [place, field] : written_) events.push_back(std::move(field));
        written_.clear();
        events.push_back(std::move(text));
    }

    Guest& guest_;
    u32 after_trap_, parent_ = 0, child_ = 0, info_ = 0;
    State state_ = State::Waiting;
    std::map<std::size_t, std::string> written_; ///< since the last function was entered; by place in the tables
};

} // namespace

TEST_CASE("the steps of a fork come in the reviewed order", "[P48][golden]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    Recorder recorder(guest);
    guest.run_to_exit();
    std::string now;
    for (const std::string& event : recorder.events) now += event + "\n";
    const auto file = source_folder() / "tests/golden/fork-events.txt";
    if (std::getenv("TRAPGATE_BLESS")) {
        std::ofstream(file) << now;
        return;
    }
    std::ifstream in(file);
    std::stringstream golden;
    golden << in.rdbuf();
    INFO(file.string() << " differs; if it should: TRAPGATE_BLESS=1 " << (build_folder() / "guest_tests").string()
                       << " \"[P48]\"");
    CHECK(golden.str() == now);
}
