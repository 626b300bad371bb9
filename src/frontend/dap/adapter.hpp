// SPDX-License-Identifier: MIT
// The debug adapter: one editor, one machine. It answers requests; moves of time it makes after their answer has gone out, and
// while a long one goes on it still listens. docs/dap.md says what is there.
// Source: [DAP] "Specification".
#pragma once

#include "frontend/dap/channel.hpp"
#include "frontend/dap/launch.hpp"
#include "frontend/dap/sources.hpp"
#include "frontend/debug/interpreter.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/disassembly.hpp"
#include "kernel/task_list.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>

namespace trapgate::frontend::dap {

/// The thread that stands for the idle task (pid 0), and for the processor while there are no tasks: no pid is that large.
constexpr s64 idle_thread = 32768;

/// One line of a stack trace.
struct Frame {
    s64 thread = 0;
    bool innermost = false; ///< of the task that runs: its registers are the processor's
    bool user = false;      ///< code of ring 3
    u32 pc = 0;
    std::optional<u32> ebp{}; ///< what EBP is in it
    u32 stack = 0;            ///< ESP in it, as far as known
};

/// Where an instruction of a stretch of the past stood.
struct TrailStep {
    u64 instruction = 0;
    u32 linear = 0;
    u32 esp = 0; ///< before it
    u32 esp0 = 0;
    u8 cpl = 0;
};

class Adapter {
  public:
    explicit Adapter(Channel& channel) : channel_(channel) {}
    /// Serves the client until it leaves. Gives the exit status of the command.
    int run();

  private:
    /// When a request makes sense.
    enum class When : u8 { Always, BeforeLaunch, Launched, Stopped };
    using Handler = Json (Adapter::*)(const Json& arguments);
    struct Row {
        const char* command;
        Handler handler;
        When when;
    };
    static std::span<const Row> rows();

    // adapter.cpp: the conversation
    void serve_one();
    void answer(const Request& request);
    Json carry_out(const Row& row, const Request& request);
    void send_output();
    void say(const std::string& text, const char* category = "console");
    void listen_while_moving();

    // adapter.cpp: beginning and end
    Json initialize(const Json&);
    Json launch(const Json&);
    Json attach(const Json&);
    Json configuration_done(const Json&);
    Json terminate(const Json&);
    Json disconnect(const Json&);
    Json restart(const Json&);
    void begin();
    void run_to_program();

    // stops.cpp: what stops a run
    Json set_breakpoints(const Json&);
    Json set_function_breakpoints(const Json&);
    Json set_instruction_breakpoints(const Json&);
    Json set_data_breakpoints(const Json&);
    Json data_breakpoint_info(const Json&);
    Json set_exception_breakpoints(const Json&);
    Json breakpoint_locations(const Json&);
    Json exception_info(const Json&);
    void forget_breakpoints(const std::string& tag);
    Json keep(debug::Breakpoint breakpoint, const Json& wish);
    Json refused(const std::string& why) const;
    Json add_exception_filter(const std::string& filter, const std::string& condition);
    bool holds(const debug::Breakpoint& breakpoint);
    bool only_logs(const debug::Breakpoint& breakpoint);
    std::string log_text(const std::string& message);

    // moves.cpp: how time moves
    Json continue_(const Json&);
    Json reverse_continue(const Json&);
    Json next(const Json&);
    Json step_in(const Json&);
    Json step_out(const Json&);
    Json step_back(const Json&);
    Json step_in_targets(const Json&);
    Json pause(const Json&);
    void need_running_thread(const Json& arguments) const;
    machine::Arrival move(const std::function<machine::Arrival()>& go);
    machine::StopSet user_stops(bool forwards);
    machine::Arrival run(bool forwards);
    machine::Arrival run_to(u32 address, const std::function<bool()>& is_there);
    machine::Arrival run_to_user_mode();
    machine::Arrival one_instruction();
    machine::Arrival over_instruction();
    bool is_ordinary(const machine::Arrival& arrival) const;
    std::string mnemonic_here() const;
    static bool enters_kernel(const std::string& mnemonic);
    u32 length_here() const;

    // lines.cpp: steps by source lines
    machine::Arrival statement(bool over);
    machine::Arrival out();
    machine::Arrival statement_back();
    std::optional<u64> line_before(std::span<const TrailStep> trail) const;

    // events.cpp: where a move has ended
    void after_move(const machine::Arrival& arrival, const char* reason);
    std::string micro_step_text();
    void stopped(const char* reason, const std::string& why, std::vector<u32> breakpoints = {});
    void ended(const machine::Stop& stop);
    std::string ring_and_time() const;

    // frames.cpp: tasks and their stacks
    Json threads(const Json&);
    Json stack_trace(const Json&);
    s64 current_thread() const;
    std::vector<Frame> frames_of(s64 thread);
    std::vector<Frame> frames_of_processor() const;
    std::vector<Frame> frames_of_sleeper(const kernel::TaskState& task) const;
    std::optional<Frame> user_frame(const kernel::Task& task, s64 thread) const;
    std::string name_of(const Frame& frame) const;
    const Frame& frame_of(const Json& arguments, const char* name) const;

    // variables.cpp: scopes and what is in them
    enum class Scope : u8 { Registers, Flags, System, Tss, PtRegs, BothStacks, KernelStack, UserStack };
    struct Group {
        Scope scope;
        Frame frame;
    };
    struct Variable {
        std::string name, value;
        std::string register_name{};    ///< it is this register
        std::optional<u32> address{};   ///< it lies here
        u8 bytes = 4;                   ///< there
        std::optional<Scope> inside{};  ///< it has parts
        std::optional<u32> points_to{}; ///< for a memory view
    };
    Json scopes(const Json&);
    Json variables(const Json&);
    Json set_variable(const Json&);
    Json evaluate(const Json&);
    Json completions(const Json&);
    s64 group(Scope scope, const Frame& frame);
    std::vector<Variable> variables_of(const Group& group) const;
    std::vector<Variable> registers(const Frame& frame) const;
    std::vector<Variable> flags() const;
    std::vector<Variable> system() const;
    std::vector<Variable> tss() const;
    std::vector<Variable> pt_regs(const Frame& frame) const;
    std::vector<Variable> both_stacks(const Frame& frame) const;
    std::vector<Variable> stack_words(u32 from, u32 end) const;
    std::optional<kernel::Task> task_of(const Frame& frame) const;
    std::optional<u32> kernel_stack_pointer(const Frame& frame) const;
    std::optional<u32> user_stack_pointer(const Frame& frame) const;
    Json evaluate_line(const std::string& line);

    // memory.cpp: bytes and instructions
    Json disassemble(const Json&);
    Json read_memory(const Json&);
    Json write_memory(const Json&);
    Json source(const Json&);
    u32 address_argument(const Json& arguments, const char* name) const;
    std::vector<u32> instructions_before(u32 address, u64 count) const;
    Json instruction_at(u32 address, u32& length) const;

    // words
    std::string number_text(u32 value) const;
    u32 linear_eip() const;
    const cpu::Cpu& cpu() const { return debuggee_->cpu(); }
    machine::TimeMachine& time() { return debuggee_->time(); }
    const machine::TimeMachine& time() const { return debuggee_->time(); }

    Channel& channel_;
    Launch launch_;
    std::unique_ptr<Debuggee> debuggee_;
    std::unique_ptr<debug::Interpreter> interpreter_;
    std::unique_ptr<Sources> sources_;
    Disassembler disassembler_{32};
    std::function<void()> afterwards_; ///< what to do when the answer has gone out
    bool configured_ = false;
    bool moving_ = false;                     ///< a move of time goes on
    bool pause_wanted_ = false;               ///< the client has asked for it
    bool leave_ = false;                      ///< the conversation is over
    bool over_ = false;                       ///< the debuggee has ended for the client
    std::size_t shown_output_ = 0;            ///< bytes of the guest's console that the client has
    std::map<u32, std::string> log_messages_; ///< by breakpoint
    std::vector<Frame> frames_;               ///< those that the client knows; the number is the place, from 1
    std::vector<Group> groups_;               ///< variablesReference, likewise
    std::string last_stop_;                   ///< why we stand here
};

} // namespace trapgate::frontend::dap
