// SPDX-License-Identifier: MIT
#include "frontend/debug/repl.hpp"

#include "frontend/debug/line_source.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace trapgate::frontend::debug {

namespace {

/// ^C ends a move of time; at the prompt it does nothing.
class InterruptKey {
  public:
    explicit InterruptKey(machine::TimeMachine& time) {
        time_ = &time;
        struct sigaction action {};
        action.sa_handler = [](int) {
            if (machine::TimeMachine* machine = time_.load()) machine->interrupt();
        };
        action.sa_flags = SA_RESTART;
        sigaction(SIGINT, &action, &before_);
    }
    ~InterruptKey() {
        sigaction(SIGINT, &before_, nullptr);
        time_ = nullptr;
    }
    InterruptKey(const InterruptKey&) = delete;
    InterruptKey& operator=(const InterruptKey&) = delete;

  private:
    static std::atomic<machine::TimeMachine*> time_;
    struct sigaction before_ {};
};
std::atomic<machine::TimeMachine*> InterruptKey::time_ = nullptr;
static_assert(std::atomic<machine::TimeMachine*>::is_always_lock_free);

/// `12.4M instructions` on a terminal, in a move that takes more than a second; gone when it ends.
class ProgressLine {
  public:
    explicit ProgressLine(machine::TimeMachine& time) : time_(time) {
        if (isatty(STDERR_FILENO)) time_.on_progress = [this](u64 instruction) { show(instruction); };
    }
    ~ProgressLine() { time_.on_progress = nullptr; }
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void begin() { begun_ = std::chrono::steady_clock::now(); }
    void end() {
        if (shown_) fmt::print(stderr, "\r\x1b[K");
        shown_ = false;
    }

  private:
    void show(u64 instruction) {
        const auto now = std::chrono::steady_clock::now();
        constexpr std::chrono::milliseconds patience(1000), pause(100);
        if (now - begun_ < patience || now - last_ < pause) return;
        last_ = now;
        shown_ = true;
        fmt::print(stderr, "\r{:.1f}M instructions (Ctrl-C stops)", static_cast<double>(instruction) / 1e6);
        std::fflush(stderr);
    }

    machine::TimeMachine& time_;
    std::chrono::steady_clock::time_point begun_{}, last_{};
    bool shown_ = false;
};

/// The guest writes to the same descriptor without a buffer: ours must not lag behind.
void print(const Outcome& outcome) {
    std::FILE* stream = outcome.error ? stderr : stdout;
    std::fwrite(outcome.text.data(), 1, outcome.text.size(), stream);
    std::fflush(stream);
}

/// One of -x and -e. False: it failed, or wants to leave.
bool run_script(Interpreter& interpreter, const DebugScript& script, Outcome& last) {
    last = script.is_file ? interpreter.source(script.text) : interpreter.execute(script.text);
    if (last.error && !script.is_file) last.text = fmt::format("-e {}: {}", script.text, last.text);
    print(last);
    return !last.error && !last.quit;
}

int run_lines(Interpreter& interpreter, ProgressLine& progress) {
    const auto lines = open_standard_input(interpreter);
    bool any_error = false;
    while (const auto line = lines->next()) {
        const bool again = lines->is_terminal() && line->find_first_not_of(" \t") == std::string::npos;
        progress.begin();
        const Outcome outcome = again ? interpreter.repeat() : interpreter.execute(*line);
        progress.end();
        print(outcome);
        any_error = any_error || outcome.error;
        if (outcome.quit) break;
    }
    return any_error && !lines->is_terminal() ? 1 : 0;
}

Error about(std::string_view option, const std::string& value, const std::string& message) {
    return Error{fmt::format("{} {}: {}", option, value, message), 2};
}

} // namespace

Status add_breakpoints(Interpreter& interpreter, const DebugOptions& options) {
    const auto add = [&](std::string_view option, const std::string& value, const std::string& command) -> Status {
        const Outcome outcome = interpreter.execute(command);
        if (outcome.error)
            return about(option, value, outcome.text.substr(0, outcome.text.find_last_not_of('\n') + 1));
        return Nothing{};
    };
    for (const std::string& where : options.breaks) {
        TRY(added, add("-b", where, "break " + where));
        (void)added;
    }
    for (const std::string& what : options.watches) {
        std::string place = what, command = "watch ";
        const auto colon = what.rfind(':');
        const std::string access = colon == std::string::npos ? "" : what.substr(colon + 1);
        if (!access.empty() && access.find_first_not_of("rwx") == std::string::npos) {
            place = what.substr(0, colon);
            const bool reads = access.find('r') != std::string::npos,
                       writes = access.find('w') != std::string::npos;
            if (access.find('x') != std::string::npos) {
                TRY(code, add("-w", what, "break *(" + place.substr(0, place.find(':')) + ")"));
                (void)code;
            }
            if (!reads && !writes) continue;
            command = reads ? writes ? "awatch " : "rwatch " : "watch ";
        }
        TRY(added, add("-w", what, command + place));
        (void)added;
    }
    for (const std::string& event : options.break_on) {
        TRY(added, add("--break-on", event, "break " + event));
        (void)added;
    }
    return Nothing{};
}

int run_command_line(Interpreter& interpreter, const DebugOptions& options) {
    interpreter.print = [](std::string_view text) {
        std::fwrite(text.data(), 1, text.size(), stdout);
        std::fflush(stdout);
    };
    const InterruptKey interrupt_key(interpreter.debuggee().time());
    ProgressLine progress(interpreter.debuggee().time());
    progress.begin();
    for (const DebugScript& script : options.scripts) {
        Outcome last;
        if (!run_script(interpreter, script, last)) return last.error ? 1 : 0;
    }
    progress.end();
    if (options.batch) return 0;
    if (options.scripts.empty()) print({interpreter.describe_here()});
    return run_lines(interpreter, progress);
}

} // namespace trapgate::frontend::debug
