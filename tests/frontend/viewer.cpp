// SPDX-License-Identifier: MIT
// Keys, mouse and command line of tui and gui, without a terminal or a window: what the debugger is told, what one reads then.
#include "frontend/viewer/viewer.hpp"

#include "catch.hpp"
#include "frontend/paint/text.hpp"
#include "viewer_fake.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::frontend;
using trapgate::tests::FakeDebugged;
using viewer::Settings;
using viewer::Viewer;

namespace {

using Lines = std::vector<std::string>;

struct Desk {
    FakeDebugged debugged;
    Viewer viewer{debugged, Settings{}};
    std::string seen(int columns = 126, int rows = 40) { return paint::text(viewer.picture(columns, rows)); }
    bool shows(std::string_view text) { return seen().find(text) != std::string::npos; }
    void type(std::string_view text) {
        for (const char c : text) viewer.key(static_cast<Key>(c));
    }
    /// Where the text stands in the picture.
    paint::Point place(std::string_view text) {
        const std::string all = seen();
        const auto at = all.find(text);
        REQUIRE(at != std::string::npos);
        const auto row = std::count(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        const std::string line = paint::text_of_row(viewer.picture(126, 40), static_cast<int>(row));
        const std::string before = line.substr(0, line.find(text));
        const auto columns = std::count_if(before.begin(), before.end(), [](char c) { return (c & 0xc0) != 0x80; });
        return {static_cast<int>(columns), static_cast<int>(row)};
    }
};

} // namespace

TEST_CASE("every key for a command gives the debugger exactly that command", "[viewer]") {
    for (const KeySection& section : key_sections())
        for (const KeyRow& row : section.rows) {
            if (row.does != Does::Command) continue;
            Desk desk;
            desk.viewer.key(row.key);
            CHECK(desk.debugged.lines == Lines{std::string(row.words)});
        }
}

TEST_CASE("every key changes what one sees, or leaves", "[viewer]") {
    for (const KeySection& section : key_sections())
        for (const KeyRow& row : section.rows) {
            Desk desk;
            desk.seen();
            const int looks = desk.debugged.looks;
            desk.viewer.key(row.key);
            CHECK((desk.viewer.stale() || desk.viewer.quit()));
            desk.seen();
            if (row.does == Does::Command) CHECK(desk.debugged.looks > looks);
            desk.viewer.key(key::escape);
            CHECK_FALSE(desk.seen(80, 24).empty());
        }
}

TEST_CASE("the help page has every key of the table with its meaning", "[viewer]") {
    Desk desk;
    desk.viewer.key(U'?');
    const std::string page = desk.seen(180, 60);
    for (const KeySection& section : key_sections())
        for (const KeyRow& row : section.rows) CHECK(page.find(row.help) != std::string::npos);
    desk.viewer.key(U'q'); // leaves the page, not the program
    CHECK_FALSE(desk.viewer.quit());
    desk.viewer.key(U'q');
    CHECK(desk.viewer.quit());
}

TEST_CASE("the command line is edited as in a shell and gives its line to the debugger", "[viewer]") {
    Desk desk;
    desk.type(":");
    desk.type("info regz");
    desk.viewer.key(key::backspace);
    desk.type("s");
    CHECK(desk.shows(":info regs"));
    desk.viewer.key(key::enter);
    CHECK(desk.debugged.lines == Lines{"info regs"});
    desk.type(":");
    desk.viewer.key(key::up); // the line before
    desk.viewer.key(key::home);
    desk.type("x");
    desk.viewer.key(key::enter);
    CHECK(desk.debugged.lines.back() == "xinfo regs");
    desk.type("g12.3");
    CHECK(desk.shows(":goto 12.3"));
    desk.viewer.key(key::escape);
    CHECK(desk.debugged.lines.size() == 2);
    desk.type("w$eax=5");
    desk.viewer.key(key::enter);
    CHECK(desk.debugged.lines.back() == "what-if $eax=5");
}

TEST_CASE("Tab completes what is the same in all words and lists them", "[viewer]") {
    Desk desk;
    desk.debugged.completions = {"sys_read", "sys_readv"};
    desk.type(":break sy");
    desk.viewer.key(key::tab);
    CHECK(desk.shows(":break sys_read"));
    CHECK(desk.shows("sys_readv"));
}

TEST_CASE("long answers open below the page, scroll, and go with Esc", "[viewer]") {
    Desk desk;
    desk.viewer.execute("long");
    CHECK(desk.shows("answer 3"));
    CHECK_FALSE(desk.shows("answer 60"));
    for (int i = 0; i < 6; ++i) desk.viewer.key(key::page_down);
    CHECK(desk.shows("answer 60"));
    desk.viewer.key(key::escape);
    CHECK_FALSE(desk.shows("answer"));
}

TEST_CASE("errors are shown with the words of the debugger", "[viewer]") {
    Desk desk;
    CHECK_FALSE(desk.viewer.execute("wrong"));
    CHECK(desk.shows("no such command: wrong"));
    CHECK(desk.viewer.execute("view memory"));
    CHECK(desk.shows("memory: what lies where"));
    desk.viewer.execute("view nonsense");
    CHECK(desk.shows("there is no view `nonsense`"));
    desk.viewer.key(U't');
    CHECK(desk.shows("no tasks here"));
}

TEST_CASE("the wheel is time, a click does what the thing under it is for", "[viewer]") {
    Desk desk;
    desk.seen();
    desk.viewer.wheel(1, false);
    desk.viewer.wheel(-2, false);
    desk.viewer.wheel(1, true);
    CHECK(desk.debugged.lines == Lines{"micro 1", "back-micro 2", "stepi 1"});
    desk.debugged.lines.clear();
    const paint::Grid& grid = desk.viewer.picture(126, 40);
    for (int y = 0; y < grid.rows() && desk.debugged.lines.empty(); ++y)
        for (int x = 0; x < grid.columns() && desk.debugged.lines.empty(); ++x) {
            const paint::Node* node = grid.node_at({x, y});
            if (!node || node->command.empty()) continue;
            const std::string command = node->command;
            desk.viewer.click({x, y});
            CHECK(desk.debugged.lines == Lines{command});
        }
    CHECK_FALSE(desk.debugged.lines.empty());
}

TEST_CASE("things under the mouse explain themselves", "[viewer]") {
    Desk desk;
    const paint::Grid grid = desk.viewer.picture(126, 40);
    const auto tip =
        std::ranges::find_if(grid.nodes(), [](const paint::Node& node) { return node.tooltip.size() > 4; });
    REQUIRE(tip != grid.nodes().end());
    const auto id = static_cast<paint::NodeId>(tip - grid.nodes().begin() + 1);
    const std::string first_word = tip->tooltip.substr(0, tip->tooltip.find(' '));
    for (int i = 0; i < grid.columns() * grid.rows(); ++i) {
        const paint::Point at{i % grid.columns(), i / grid.columns()};
        if (grid.at(at.x, at.y).node != id) continue;
        const std::string before = desk.seen();
        desk.viewer.hover(at);
        const std::string after = desk.seen();
        CHECK(before != after);
        CHECK(after.find(first_word) != std::string::npos);
        desk.viewer.hover({});
        CHECK(desk.seen() == before);
        return;
    }
    FAIL("no cell belongs to the node");
}

TEST_CASE("marked cells are copied as the text they show", "[viewer]") {
    Desk desk;
    const paint::Point at = desk.place("eflags");
    desk.viewer.drag(at, {at.x + 5, at.y});
    CHECK(desk.viewer.marked_text() == "eflags");
    desk.viewer.drag({at.x + 5, at.y + 1}, {at.x, at.y});
    CHECK(std::ranges::count(desk.viewer.marked_text(), '\n') == 2);
    desk.viewer.key(key::escape);
    CHECK(desk.viewer.marked_text().empty());
}

TEST_CASE("keys for the guest go to the guest until Esc", "[viewer]") {
    Desk desk;
    desk.type("i");
    CHECK(desk.shows("hello, world"));
    CHECK(desk.shows("second line"));
    desk.type("ls q\r");
    desk.viewer.key(key::up);
    CHECK(desk.debugged.typed == "ls q\r\x1b[A");
    CHECK(desk.debugged.lines.empty());
    desk.viewer.key(key::escape);
    desk.type("s");
    CHECK(desk.debugged.lines == Lines{"stepi"});
}

TEST_CASE("search marks what it finds and says what it does not find", "[viewer]") {
    Desk desk;
    desk.seen();
    desk.type("/EFLAGS\r");
    CHECK(desk.shows("place"));
    desk.type("/no such thing\r");
    CHECK(desk.shows("`no such thing` is not in this view"));
    desk.viewer.key(key::escape);
}

TEST_CASE("focus, zoom, direction, numbers and theme", "[viewer]") {
    Desk desk;
    desk.type("2");
    desk.seen();
    desk.type("o");
    desk.seen();
    CHECK(desk.debugged.seen.low_on_top);
    desk.type("x");
    desk.seen();
    CHECK(desk.debugged.seen.numbers);
    const std::string all = desk.seen();
    desk.type("z");
    CHECK(desk.seen() != all);
    desk.type("z");
    const auto* theme = &desk.viewer.theme();
    for (std::size_t i = 0; i < paint::all_themes().size(); ++i) desk.type("T");
    CHECK(&desk.viewer.theme() == theme);
    desk.type("A");
    for (const char c : desk.seen()) CHECK((static_cast<unsigned char>(c) < 0x80));
}

TEST_CASE("pictures of every size are drawn, in every state", "[viewer]") {
    for (const auto& keys : {"", "?", ":goto 5", "i", "z", "/x"}) {
        Desk desk;
        desk.viewer.execute("long");
        desk.type(keys);
        desk.viewer.hover(paint::Point{3, 3});
        for (const auto& [columns, rows] :
             {std::pair{1, 1}, {20, 5}, {40, 10}, {79, 23}, {80, 24}, {200, 60}, {300, 90}}) {
            const paint::Grid& grid = desk.viewer.picture(columns, rows);
            CHECK(grid.columns() == columns);
            CHECK(grid.rows() == rows);
        }
    }
    Desk small;
    CHECK(small.seen(60, 20).find("60x20: made for 80x24") != std::string::npos);
}
