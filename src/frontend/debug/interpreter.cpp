// SPDX-License-Identifier: MIT
#include "frontend/debug/interpreter.hpp"

#include "frontend/debug/command_table.hpp"
#include "frontend/debug/completion.hpp"
#include "frontend/debug/context.hpp"
#include "frontend/debug/stop_text.hpp"

#include <exception>
#include <fmt/format.h>
#include <fstream>

namespace trapgate::frontend::debug {

namespace {
constexpr int deepest_script = 10; ///< scripts that source scripts
}

struct Interpreter::Impl {
    Impl(Interpreter& self, Debuggee& debuggee) : context{self, debuggee, {}, DebuggeeScope(debuggee)} {}
    Context context;
    std::string last_line; ///< what repeat() does; empty: nothing
};

Interpreter::Interpreter(Debuggee& debuggee) : impl_(std::make_unique<Impl>(*this, debuggee)) {}
Interpreter::~Interpreter() = default;

namespace {

/// A mistake of ours in one command must not take the session with it.
Outcome run_safely(const Command& command, Context& context, std::string_view arguments) {
    try {
        return command.run(context, arguments);
    } catch (const std::exception& error) {
        return failed(fmt::format("{}: {}", command.name, error.what()));
    }
}

/// The command word ends at a blank or, as in x/4xw and p/x, before the slash.
std::string_view command_word(std::string_view line, std::string_view& rest) {
    const auto end = line.find_first_of(" \t/");
    rest = end == std::string_view::npos ? std::string_view{} : trimmed(line.substr(end));
    return line.substr(0, end);
}

} // namespace

Outcome Interpreter::execute(std::string_view line) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) return {};
    std::string_view arguments;
    const std::string_view word = command_word(line, arguments);
    const auto command = find_command(word);
    if (!command) {
        impl_->last_line.clear();
        return failed(command.error());
    }
    const Repeat repeat = command.value()->repeat;
    const std::string next(repeat == Repeat::Same ? line : repeat == Repeat::Bare ? word : std::string_view{});
    Outcome outcome = run_safely(*command.value(), impl_->context, arguments);
    impl_->last_line = outcome.error ? "" : next;
    return outcome;
}

Outcome Interpreter::repeat() {
    const std::string line = impl_->last_line;
    return execute(line);
}

Outcome Interpreter::source(const std::string& path) {
    std::ifstream file(path);
    if (!file) return failed(fmt::format("{}: cannot be read", path));
    if (impl_->context.script_depth == deepest_script)
        return failed(fmt::format("{}: scripts that run scripts, too deep", path));
    ++impl_->context.script_depth;
    Outcome whole;
    std::string line;
    for (u64 number = 1; !whole.error && !whole.quit && std::getline(file, line); ++number) {
        Outcome one = execute(line);
        if (one.error) one.text = fmt::format("{}:{}: {}", path, number, one.text);
        whole.error = one.error;
        whole.quit = one.quit;
        whole.moved = whole.moved || one.moved;
        if (one.arrival) whole.arrival = one.arrival;
        if (one.show_view) whole.show_view = one.show_view;
        if (print && !one.error)
            print(one.text);
        else
            whole.text += one.text;
    }
    --impl_->context.script_depth;
    impl_->last_line.clear();
    return whole;
}

std::vector<std::string> Interpreter::complete(std::string_view line) {
    return completions(impl_->context, line);
}

Result<u64> Interpreter::evaluate(std::string_view expression) {
    return impl_->context.number(expression);
}

std::string Interpreter::describe(const machine::Arrival& arrival) {
    const std::string reason = reason_text(impl_->context, arrival);
    return (reason.empty() ? "" : reason + "\n") + here_text(impl_->context);
}

std::string Interpreter::describe_here() {
    return here_text(impl_->context);
}

void Interpreter::interrupt() {
    impl_->context.time().interrupt();
}

Breakpoints& Interpreter::breakpoints() {
    return impl_->context.breakpoints;
}

Debuggee& Interpreter::debuggee() {
    return impl_->context.debuggee;
}

} // namespace trapgate::frontend::debug
