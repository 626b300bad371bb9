// SPDX-License-Identifier: MIT
// A viewer before a real machine: steps there and back show the same picture, and how long a step takes is printed (never judged:
// a test's result must not hang on the speed of the host).
#include "frontend/paint/text.hpp"
#include "frontend/viewer/live.hpp"
#include "frontend/window/canvas.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <chrono>
#include <fmt/format.h>

using namespace trapgate;
using namespace trapgate::frontend;

TEST_CASE("micro-steps and instructions there and back show the same picture in a viewer", "[viewer]") {
    RunOptions options;
    options.command = {(tests::guest_folder() / "demos" / "01-hello").string()};
    auto live = viewer::Live::open(options);
    if (!live) FAIL(live.error().message);
    viewer::Viewer viewer(*live.value(), viewer::Settings{});
    const auto glyphs = window::bitmap_glyphs();
    window::Canvas canvas;
    const auto page = [&] {
        const paint::Grid& grid = viewer.picture(132, 43);
        canvas.draw(grid, viewer.theme(), *glyphs);
        std::string text = paint::text(grid);
        return text.substr(0, text.rfind('\n', text.size() - 2)); // without the bottom row
    };
    constexpr int steps = 60;
    // Once before: the timeline shows what has been lived, also what lies ahead.
    for (int i = 0; i < steps; ++i) viewer.key(U'm');
    for (int i = 0; i < steps; ++i) viewer.key(U'M');
    const std::string first = page();
    CHECK(first.find("RING 3") != std::string::npos);
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < steps; ++i) viewer.key(U'm'), page();
    const auto forwards = std::chrono::steady_clock::now();
    for (int i = 0; i < steps; ++i) viewer.key(U'M'), page();
    const auto back = std::chrono::steady_clock::now();
    CHECK(page() == first);
    using Milliseconds = std::chrono::duration<double, std::milli>;
    fmt::print(stderr, "a step of the viewer: {:.1f} ms forwards, {:.1f} ms back (move, view, layout, pixels)\n",
               Milliseconds(forwards - begun).count() / steps, Milliseconds(back - forwards).count() / steps);
}
