// SPDX-License-Identifier: MIT
// Drawing into cells: clipped everywhere, at every size.
#include "catch.hpp"
#include "frontend/paint/area.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/paint/unicode.hpp"

using namespace trapgate;
using namespace trapgate::paint;

TEST_CASE("a grid has at least one cell", "[paint]") {
    CHECK(text(Grid(0, 0)) == "\n");
    CHECK(text(Grid(-5, 3)) == "\n\n\n");
}

TEST_CASE("text is clipped at both edges and tells where it ends", "[paint]") {
    Grid grid(5, 2);
    const Area area(grid);
    CHECK(area.text(3, 0, "abcdef") == 9);
    CHECK(area.text(-2, 1, "abcd", Style::Ring0) == 2);
    area.text(0, 7, "nowhere");
    CHECK(text(grid) == "   ab\ncd\n");
    CHECK(grid.at(0, 1).style == Style::Ring0);
}

TEST_CASE("a box gives the area inside it, and nothing drawn there touches the border", "[paint]") {
    Grid grid(12, 4);
    const Area inside = Area(grid).box("stack");
    CHECK(inside.width() == 10);
    CHECK(inside.height() == 2);
    inside.text(0, 0, "longer than the box");
    inside.text_right(inside.width(), 1, "end");
    inside.text(0, 2, "below");
    CHECK(text(grid) == "┌─ stack ──┐\n│longer tha│\n│       end│\n└──────────┘\n");
    CHECK(text(ascii_only(grid)) == "+- stack --+\n|longer tha|\n|       end|\n+----------+\n");
}

TEST_CASE("boxes of any size stay inside the grid", "[paint]") {
    for (int columns = 1; columns < 12; ++columns)
        for (int rows = 1; rows < 5; ++rows) {
            Grid grid(columns, rows);
            const Area inside = Area(grid).box("a title that is much too long").box("another");
            inside.text(0, 0, "x");
            inside.bar(0, 0, 50, 20, Style::Ring0);
            inside.paragraph(0, 0, "some words to wrap");
            CHECK(width_of(text_of_row(grid, 0)) <= columns);
        }
}

TEST_CASE("areas are cut from the edges", "[paint]") {
    Grid grid(10, 4);
    Area rest(grid);
    CHECK(rest.cut_top(1).place() == Rect{0, 0, 10, 1});
    CHECK(rest.cut_left(3).place() == Rect{0, 1, 3, 3});
    CHECK(rest.cut_right(2).place() == Rect{8, 1, 2, 3});
    CHECK(rest.cut_bottom(9).place() == Rect{3, 1, 5, 3});
    CHECK(rest.height() == 0);
    rest.text(0, 0, "nothing of this");
    CHECK(text(grid) == "\n\n\n\n");
}

TEST_CASE("bars can be read without colour", "[paint]") {
    Grid grid(10, 1);
    Area(grid).bar(0, 0, 10, 4, Style::Ring0);
    CHECK(text(grid) == "━━━━──────\n");
    CHECK(text(ascii_only(grid)) == "====------\n");
}

TEST_CASE("arrows turn at most once and have a head", "[paint]") {
    Grid grid(6, 3);
    const Area area(grid);
    area.arrow({0, 0}, {3, 2}, Style::Cpu);
    CHECK(text(grid) == "───┐\n   │\n   ▼\n");
    area.fill({0, 0, 6, 3});
    area.arrow({5, 2}, {1, 0}, Style::Cpu);
    CHECK(text(grid) == " ▲\n │\n └────\n");
    area.fill({0, 0, 6, 3});
    area.arrow({0, 0}, {4, 0}, Style::Cpu);
    area.arrow({4, 1}, {0, 1}, Style::Cpu);
    area.arrow({5, 0}, {5, 2}, Style::Cpu);
    CHECK(text(grid) == "────►│\n◄────│\n     ▼\n");
}

TEST_CASE("text that is broken or not one column wide keeps the columns straight", "[paint]") {
    CHECK(to_utf8(to_cells("a\xff\xc3(é→")) == "a\uFFFD\uFFFD(é→");
    CHECK(to_utf8(to_cells("日\t\x1b[2J")) == "\uFFFD\uFFFD\uFFFD[2J");
    CHECK(width_of("e\u0301") == 2);
    CHECK(to_utf8(to_cells("\xed\xa0\x80")) == "\uFFFD\uFFFD\uFFFD");
    CHECK(fit("kernel", 4) == "ker…");
    CHECK(fit("kernel", 6) == "kernel");
    CHECK(fit("kernel", 0).empty());
}

TEST_CASE("paragraphs wrap at blanks, words that are too long anywhere", "[paint]") {
    CHECK(wrap("the old SS goes to esp0-4", 11) == std::vector<std::string>{"the old SS", "goes to", "esp0-4"});
    CHECK(wrap("abcdefgh", 3) == std::vector<std::string>{"abc", "def", "gh"});
    CHECK(wrap("", 3).empty());
}

TEST_CASE("nodes are found under their cells", "[paint]") {
    Grid grid(4, 1);
    const NodeId id = grid.add_node({"goto 1207.13", "push old SS", Role::ListItem, ""});
    Area(grid).tag({1, 0, 2, 1}, id);
    CHECK(grid.node_at({1, 0})->command == "goto 1207.13");
    CHECK(grid.node_at({3, 0}) == nullptr);
    CHECK(grid.node_at({-1, 9}) == nullptr);
    CHECK(grid.node(7) == nullptr);
}
