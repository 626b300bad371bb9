// SPDX-License-Identifier: MIT
// A viewer's debugger: Debuggee and Interpreter.
#include "frontend/viewer/live.hpp"

#include "frontend/debug/repl.hpp"

#include <filesystem>
#include <fmt/format.h>

namespace trapgate::frontend::viewer {

Live::Live(std::unique_ptr<Debuggee> debuggee)
    : debuggee_(std::move(debuggee)), interpreter_(std::make_unique<debug::Interpreter>(*debuggee_)) {
    interpreter_->views_as_text = false;
}

Live::~Live() = default;

Result<std::unique_ptr<Live>> Live::open(const RunOptions& options) {
    TRY(debuggee, Debuggee::open(options, GuestConsole::Panel));
    std::unique_ptr<Live> live(new Live(std::move(debuggee)));
    TRY(added, debug::add_breakpoints(*live->interpreter_, options.debug));
    (void)added;
    if (!options.kernel && !options.load && !options.stop_at_reset)
        live->go_to_the_beginning(!live->interpreter_->breakpoints().all().empty());
    return live;
}

/// To where there is most to see; with breakpoints to a moment before all of them. A program that makes no system call is looked
/// at from the machine's first instruction on.
void Live::go_to_the_beginning(bool has_breakpoints) {
    if (has_breakpoints) {
        if (const Status begun = debug::go_to_program(*debuggee_); !begun) debuggee_->time().go_to({0, 0});
    } else if (const auto call = debuggee_->first_system_call()) {
        debuggee_->time().go_to({call.value(), 0});
    }
}

Status Live::run_commands(Viewer& viewer, const RunOptions& options) {
    for (const DebugScript& script : options.debug.scripts) {
        if (!script.is_file) {
            if (!viewer.execute(script.text))
                return Error{fmt::format("-e {}: {}", script.text, viewer.message()), 1};
            continue;
        }
        const debug::Outcome outcome = interpreter_->source(script.text);
        viewer.take(outcome);
        if (outcome.error) return Error{outcome.text.substr(0, outcome.text.find_last_not_of('\n') + 1), 1};
    }
    return Nothing{};
}

void Live::on_progress(std::function<void(u64 instruction)> call) {
    debuggee_->time().on_progress = std::move(call);
}

std::string Live::title() const {
    return fmt::format("{}: trapgate", std::filesystem::path(debuggee_->program_name()).filename().string());
}

debug::Outcome Live::execute(std::string_view line) {
    return interpreter_->execute(line);
}

debug::Outcome Live::repeat() {
    return interpreter_->repeat();
}

std::vector<std::string> Live::complete(std::string_view line) {
    return interpreter_->complete(line);
}

void Live::interrupt() {
    debuggee_->time().interrupt();
}

Result<views::ViewModel> Live::look(std::string_view view, const views::Options& options) {
    return views::build(view, *debuggee_, options);
}

std::string Live::console() {
    return debuggee_->console_text();
}

void Live::type(std::string_view bytes) {
    debuggee_->type(bytes);
}

Result<Settings> settings_from(const RunOptions& options) {
    Settings settings;
    const PictureOptions& picture = options.picture;
    const views::ViewInfo* view = views::find_view(picture.view);
    if (!view) {
        std::string names;
        for (const auto& known : views::all_views())
            names += fmt::format("{}{}", names.empty() ? "" : ", ", known.name);
        return Error{fmt::format("--view {}: no such view ({})", picture.view, names), 2};
    }
    settings.view = view->name;
    settings.subject = picture.subject;
    settings.panel = picture.panel;
    settings.ascii = picture.ascii;
    settings.low_on_top = picture.low_on_top;
    if (!picture.theme.empty()) {
        TRY(theme, paint::find_theme(picture.theme));
        settings.theme = theme;
    }
    return settings;
}

} // namespace trapgate::frontend::viewer
