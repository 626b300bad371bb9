// SPDX-License-Identifier: MIT
// `trapgate gui`: the views in a window; with --screenshot its first picture in a file, for which no display is needed.
#include "frontend/verbs.hpp"
#include "frontend/viewer/live.hpp"
#include "frontend/window/png.hpp"
#include "frontend/window/window.hpp"

namespace trapgate::frontend {

namespace {

using viewer::Live;
using viewer::Viewer;
using window::Window;

window::WindowOptions size_from(const PictureOptions& picture) {
    window::WindowOptions size;
    if (picture.columns) size.columns = static_cast<int>(picture.columns);
    if (picture.rows) size.rows = static_cast<int>(picture.rows);
    return size;
}

int take_screenshot(const RunOptions& options, Live& live, Viewer& viewer) {
    const auto size = size_from(options.picture);
    viewer.picture(size.columns, size.rows);
    const Status commands = live.run_commands(viewer, options);
    if (!commands) return report(commands.error());
    const Status written =
        window::write_png(viewer.picture(size.columns, size.rows), viewer.theme(), *options.screenshot);
    return written ? 0 : report(written.error());
}

int show_window(const RunOptions& options, Live& live, Viewer& viewer, Window& window) {
    const auto interrupt = [&] { live.interrupt(); };
    window.turn(0);
    live.on_progress([&](u64 instruction) { window.during_move(instruction, interrupt); });
    const Status commands = live.run_commands(viewer, options);
    if (commands && !window.closed()) window.run();
    live.on_progress({});
    return commands ? 0 : report(commands.error());
}

} // namespace

int gui_verb(Words words) {
    auto options = parse_run_options(OptionSet::Gui, std::move(words));
    if (!options) return report(options.error());
    auto settings = viewer::settings_from(options.value());
    if (!settings) return report(settings.error());
    auto live = Live::open(options.value());
    if (!live) return report(live.error());
    Viewer viewer(*live.value(), settings.value());
    if (options.value().screenshot) return take_screenshot(options.value(), *live.value(), viewer);
    auto window = Window::open(viewer, live.value()->title(), size_from(options.value().picture));
    if (!window) return report(window.error());
    return show_window(options.value(), *live.value(), viewer, *window.value());
}

} // namespace trapgate::frontend
