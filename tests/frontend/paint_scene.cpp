// SPDX-License-Identifier: MIT
// The hand-made picture.
#include "paint_scene.hpp"

#include "frontend/paint/area.hpp"

#include <array>
#include <fmt/format.h>

namespace trapgate::test {

using namespace paint;

namespace {

struct Push {
    const char *name, *value;
};
constexpr std::array<Push, 5> pushes{
    {{"ss", "0000007b"}, {"esp", "bffff8e0"}, {"eflags", "00000202"}, {"cs", "00000073"}, {"eip", "08048094"}}};

void draw_steps(Area panel, int now) {
    panel.tag({0, 0, panel.width(), panel.height()},
              panel.grid().add_node({"", "", Role::Region, "micro-steps of int 80h"}));
    const Area inside = panel.box("int 80h  micro-steps");
    inside.text(1, 0, "+ 12 SS:ESP := 68:c12fe000", Style::Good);
    for (int i = 0; i < 5; ++i) {
        const int step = 13 + i, y = 1 + i;
        const Style style = step < now ? Style::Good : step == now ? Style::Now : Style::NotYet;
        inside.fill({0, y, inside.width(), 1}, style);
        inside.text(1, y,
                    fmt::format("{} {} push old {}",
                                step < now    ? "+"
                                : step == now ? ">"
                                              : ".",
                                step, pushes[std::size_t(i)].name),
                    style);
        inside.text_right(inside.width() - 1, y, "W4", style);
        inside.tag({0, y, inside.width(), 1},
                   inside.grid().add_node(
                       {fmt::format("goto 1207.{}", step), "writes \"4\" bytes <& no more>", Role::ListItem, ""}));
    }
    inside.bar(1, 7, inside.width() - 2, 5, Style::Ring0);
    inside.text_centred(8, "▼", Style::Good);
}

void draw_stack(Area panel, int now) {
    const Area inside = panel.box("kernel stack of init, 8 KiB", Style::Ring0, Style::Ring0);
    inside.text(1, 0, "c12fe000 = TSS.esp0", Style::Dim);
    for (int i = 0; i < 5; ++i) {
        const bool written = 13 + i <= now;
        const Push& push = pushes[static_cast<std::size_t>(i)];
        inside.text(1, 1 + i,
                    fmt::format("{:08x} {:9} {} CPU", 0xc12fdffcu - 4u * static_cast<unsigned>(i), push.name,
                                written ? push.value : "........"),
                    written ? Style::Cpu : Style::NotYet);
        if (13 + i == now) inside.put(0, 1 + i, U'►', Style::Cpu);
    }
}

} // namespace

Grid scene(int columns, int rows, int now) {
    Grid grid(columns, rows);
    grid.title = fmt::format("int 80h, micro-step {}", now);
    grid.caption =
        fmt::format("The processor pushes {} & goes on.", pushes[static_cast<std::size_t>(now - 13)].name);
    Area page(grid);
    Area head = page.cut_top(1);
    head.text(1, 0, fmt::format("cycle 18432  insn 1207  micro {}/19", now));
    head.text_right(head.width() - 12, 0, " RING 3 .. 0 ", Style::Between, true);
    head.spans(head.width() - 10, 0, {{"m", Style::Key}, {" micro", Style::Dim}});
    Area caption = page.cut_bottom(4);
    caption.box("what happened", Style::Cpu, Style::Title).paragraph(1, 0, grid.caption);
    draw_steps(page.cut_left(page.width() / 2), now);
    draw_stack(page, now);
    return grid;
}

} // namespace trapgate::test
