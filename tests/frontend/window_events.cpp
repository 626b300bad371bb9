// SPDX-License-Identifier: MIT
// The window itself, driven by SDL's own events. Without SDL_VIDEODRIVER in the environment it runs on the driver that shows
// nothing; tests/window/check runs the same under Xvfb, and both must hold the same pixels.
#include "frontend/window/window.hpp"

#include "catch.hpp"
#include "viewer_fake.hpp"

#include <cstdlib>
#define XXH_INLINE_ALL
#include <xxhash.h>

using namespace trapgate;
using namespace trapgate::frontend;
using trapgate::tests::FakeDebugged;
using window::Window;

namespace {

using Lines = std::vector<std::string>;

struct Shown {
    Shown() {
        if (!std::getenv("SDL_VIDEODRIVER")) setenv("SDL_VIDEODRIVER", "dummy", 1);
        setenv("TRAPGATE_FONT", "builtin", 1);
        auto opened = Window::open(viewer, "test", {.columns = 100, .rows = 30, .row_pixels = 16});
        unsetenv("TRAPGATE_FONT");
        if (!opened) FAIL(opened.error().message);
        window = std::move(opened.value());
        // Whatever a window system says of a new window is not what the tests are about.
        for (int i = 0; i < 3; ++i) window->turn(20);
        debugged.lines.clear();
    }
    bool turn() { return window->turn(50); }
    void text(const char* utf8) {
        SDL_Event event{};
        event.type = SDL_TEXTINPUT;
        SDL_strlcpy(event.text.text, utf8, sizeof event.text.text);
        SDL_PushEvent(&event);
        turn();
    }
    void press(SDL_Keycode code, u16 modifiers = 0) {
        SDL_Event event{};
        event.type = SDL_KEYDOWN;
        event.key.keysym.sym = code;
        event.key.keysym.mod = modifiers;
        SDL_PushEvent(&event);
        turn();
    }
    void mouse(u32 type, paint::Point cell) {
        SDL_Event event{};
        event.type = type;
        const int x = cell.x * window->cell().width + 2, y = cell.y * window->cell().height + 2;
        if (type == SDL_MOUSEMOTION) {
            event.motion.x = x, event.motion.y = y;
        } else {
            event.button.button = SDL_BUTTON_LEFT;
            event.button.x = x, event.button.y = y;
        }
        SDL_PushEvent(&event);
        turn();
    }
    u64 pixels() {
        const auto read = window->read_back();
        CHECK(std::ranges::equal(read, window->canvas().pixels()));
        return XXH3_64bits(read.data(), read.size() * 4);
    }

    FakeDebugged debugged;
    viewer::Viewer viewer{debugged, viewer::Settings{}};
    std::unique_ptr<Window> window;
};

} // namespace

TEST_CASE("what a driver holds is what was drawn, under every driver", "[window]") {
    Shown shown;
    CHECK(shown.window->columns() == 100);
    CHECK(shown.window->rows() == 30);
    const u64 first = shown.pixels();
    shown.text("?");
    CHECK(shown.pixels() != first);
    shown.text("?");
    CHECK(shown.pixels() == first);
}

TEST_CASE("every key reaches the viewer through SDL's events", "[window]") {
    for (const KeySection& section : key_sections())
        for (const KeyRow& row : section.rows) {
            if (row.does != Does::Command || row.key >= 0x110000) continue;
            Shown shown;
            const char utf8[] = {static_cast<char>(row.key), '\0'};
            shown.text(utf8);
            CHECK(shown.debugged.lines == Lines{std::string(row.words)});
        }
    Shown shown;
    shown.press(SDLK_RIGHT);
    shown.press(SDLK_LEFT);
    shown.press(SDLK_HOME);
    shown.press(SDLK_END);
    CHECK(shown.debugged.lines == Lines{"micro", "back-micro", "goto start", "goto end"});
    for (const SDL_Keycode code :
         {SDLK_UP, SDLK_DOWN, SDLK_PAGEUP, SDLK_PAGEDOWN, SDLK_TAB, SDLK_F1, SDLK_ESCAPE, SDLK_l})
        shown.press(code, code == SDLK_l ? KMOD_LCTRL : 0);
    shown.text(":");
    shown.text("info time");
    shown.press(SDLK_RETURN);
    CHECK(shown.debugged.lines.back() == "info time");
    shown.text("q");
    CHECK_FALSE(shown.turn());
}

TEST_CASE("the wheel moves time, a click executes, a drag marks and Ctrl+C copies", "[window]") {
    Shown shown;
    SDL_Event wheel{};
    wheel.type = SDL_MOUSEWHEEL;
    wheel.wheel.y = -1;
    SDL_PushEvent(&wheel);
    shown.turn();
    wheel.wheel.y = 1;
    SDL_PushEvent(&wheel);
    shown.turn();
    CHECK(shown.debugged.lines == Lines{"micro 1", "back-micro 1"});
    shown.debugged.lines.clear();

    const paint::Grid grid = shown.viewer.picture(100, 30);
    paint::Point clicked{-1, -1};
    for (int i = 0; i < 100 * 30 && clicked.x < 0; ++i)
        if (const auto* node = grid.node_at({i % 100, i / 100}); node && !node->command.empty())
            clicked = {i % 100, i / 100};
    REQUIRE(clicked.x >= 0);
    shown.mouse(SDL_MOUSEBUTTONDOWN, clicked);
    shown.mouse(SDL_MOUSEBUTTONUP, clicked);
    CHECK(shown.debugged.lines == Lines{grid.node_at(clicked)->command});

    shown.mouse(SDL_MOUSEBUTTONDOWN, {1, 0});
    shown.mouse(SDL_MOUSEMOTION, {6, 0});
    shown.mouse(SDL_MOUSEBUTTONUP, {6, 0});
    const std::string marked = shown.viewer.marked_text();
    CHECK_FALSE(marked.empty());
    shown.press(SDLK_c, KMOD_LCTRL);
    char* copied = SDL_GetClipboardText();
    CHECK(marked == copied);
    SDL_free(copied);
}

TEST_CASE("zoom makes cells larger and the grid smaller, and back", "[window]") {
    Shown shown;
    const int columns = shown.window->columns();
    for (int i = 0; i < 8; ++i) shown.press(SDLK_PLUS, KMOD_LCTRL);
    CHECK(shown.window->columns() < columns);
    for (int i = 0; i < 40; ++i) shown.press(SDLK_MINUS, KMOD_LCTRL);
    CHECK(shown.window->columns() >= columns);
    shown.pixels();
}

TEST_CASE("a window closed at any moment ends cleanly, also while time moves", "[window]") {
    for (const bool moving : {false, true}) {
        Shown shown;
        SDL_Event quit{};
        quit.type = SDL_QUIT;
        SDL_PushEvent(&quit);
        int interrupts = 0;
        if (moving) shown.window->during_move(5'000'000, [&] { ++interrupts; });
        CHECK(interrupts == (moving ? 1 : 0));
        CHECK_FALSE(shown.turn());
        CHECK(shown.window->closed());
    }
    Shown shown;
    SDL_Event escape{};
    escape.type = SDL_KEYDOWN;
    escape.key.keysym.sym = SDLK_ESCAPE;
    SDL_PushEvent(&escape);
    int interrupts = 0;
    shown.window->during_move(5'000'000, [&] { ++interrupts; });
    CHECK(interrupts == 1);
    CHECK(shown.turn());
}
