// SPDX-License-Identifier: MIT
// `trapgate tui`: the views in a terminal.
#include "frontend/terminal/screen.hpp"
#include "frontend/verbs.hpp"
#include "frontend/viewer/live.hpp"

#include <chrono>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

using terminal::Input;
using Terminal = terminal::Screen; // RunOptions has a Screen of its own
using viewer::Live;
using viewer::Viewer;

constexpr int wait_milliseconds = 500;

void act(Viewer& viewer, Terminal& screen, const Input& input) {
    switch (input.kind) {
    case Input::Kind::Key: viewer.key(input.key); break;
    case Input::Kind::Click: viewer.click(input.cell); break;
    case Input::Kind::Wheel: viewer.wheel(input.wheel, false); break;
    case Input::Kind::Suspend: screen.suspend(); break;
    case Input::Kind::Nothing:
    case Input::Kind::Resized:
    case Input::Kind::Gone: break;
    }
    if (viewer.take_redraw()) screen.forget();
}

/// While time moves: a line of progress, sixty times a second at most; Esc and ^C end it.
void show_progress(Viewer& viewer, Terminal& screen, Live& live, u64 instruction) {
    using Clock = std::chrono::steady_clock;
    static Clock::time_point next{};
    if (Clock::now() < next) return;
    next = Clock::now() + std::chrono::milliseconds(16);
    const Input input = screen.read(0);
    if (input.kind == Input::Kind::Gone) live.interrupt();
    if (input.kind == Input::Kind::Suspend) screen.suspend();
    if (input.kind == Input::Kind::Key && (input.key == key::escape || input.key == key::ctrl_c)) live.interrupt();
    screen.draw(viewer.progress(instruction), viewer.theme());
}

/// Until the user leaves, or the terminal does.
void loop(Viewer& viewer, Terminal& screen) {
    while (!viewer.quit()) {
        screen.draw(viewer.picture(screen.columns(), screen.rows()), viewer.theme());
        const Input input = screen.read(wait_milliseconds);
        if (input.kind == Input::Kind::Gone) return;
        act(viewer, screen, input);
    }
}

} // namespace

int tui_verb(Words words) {
    auto options = parse_run_options(OptionSet::Tui, std::move(words));
    if (!options) return report(options.error());
    auto settings = viewer::settings_from(options.value());
    if (!settings) return report(settings.error());
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) { // before a minute's work, not after it
        const auto refused = Terminal::open();
        return report(refused.error());
    }
    auto live = Live::open(options.value());
    if (!live) return report(live.error());
    Status commands = Nothing{};
    {
        auto screen = Terminal::open();
        if (!screen) return report(screen.error());
        settings.value().ascii |= screen.value()->ascii();
        Viewer viewer(*live.value(), settings.value());
        viewer.picture(screen.value()->columns(), screen.value()->rows());
        live.value()->on_progress(
            [&](u64 instruction) { show_progress(viewer, *screen.value(), *live.value(), instruction); });
        commands = live.value()->run_commands(viewer, options.value());
        if (commands) loop(viewer, *screen.value());
        live.value()->on_progress({});
    }
    return commands ? 0 : report(commands.error());
}

} // namespace trapgate::frontend
