// SPDX-License-Identifier: MIT
// Drawing the text screen with ANSI sequences (ECMA-48): 8 colours and their bright halves, as every terminal has them.
#include "frontend/screen.hpp"

#include "devices/code_page_437.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend {

namespace {

using devices::TextCell;
using devices::TextScreen;

constexpr auto frame_time = std::chrono::milliseconds(40);

/// The adapter counts colours blue, green, red from the low bit; terminals red, green, blue.
u32 ansi_colour(u32 colour) {
    return (colour & 1) << 2 | (colour & 2) | (colour >> 2 & 1);
}

std::string colours(const TextScreen& screen, u8 attribute) {
    const u32 front = attribute & 15, back = attribute >> 4 & 7;
    const bool high = attribute & 0x80;
    return fmt::format("\x1b[0;{};{}{}m", (front & 8 ? 90 : 30) + ansi_colour(front & 7),
                       (high && !screen.blinks ? 100 : 40) + ansi_colour(back), high && screen.blinks ? ";5" : "");
}

bool same_row(const TextScreen& a, const TextScreen& b, u32 row) {
    return a.columns == b.columns && row < a.rows && row < b.rows &&
           std::equal(&a.cells[row * a.columns], &a.cells[row * a.columns] + a.columns, &b.cells[row * b.columns]);
}

} // namespace

std::string ansi_row(const TextScreen& screen, u32 row) {
    std::string text;
    int attribute = -1;
    for (u32 column = 0; column < screen.columns; ++column) {
        const TextCell& cell = screen.at(row, column);
        if (attribute != cell.attribute) text += colours(screen, cell.attribute);
        attribute = cell.attribute;
        devices::append_utf8(text, devices::code_page_437(cell.character));
    }
    return text + "\x1b[0m";
}

void LiveScreen::draw(const TextScreen& screen) {
    std::string text = begun_ ? "" : "\x1b[2J";
    begun_ = true;
    text += "\x1b[?25l";
    for (u32 row = 0; row < screen.rows; ++row)
        if (!same_row(screen, drawn_, row))
            text += fmt::format("\x1b[{};1H{}\x1b[K", row + 1, ansi_row(screen, row));
    if (screen.cursor)
        text += fmt::format("\x1b[{};{}H\x1b[?25h", screen.cursor->row + 1, screen.cursor->column + 1);
    terminal_.write({reinterpret_cast<const u8*>(text.data()), text.size()});
    drawn_ = screen;
}

void LiveScreen::look(const machine::Board& board, const mmu::PhysicalMemory& memory) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_ || !quiet_()) return;
    next_ = now + frame_time;
    if (!begun_ && !board.vga.shows_something(memory)) return;
    const TextScreen screen = board.vga.screen(memory);
    const auto place = [](const TextScreen& s) {
        return s.cursor ? s.cursor->row * s.columns + s.cursor->column : ~0u;
    };
    if (!begun_ || screen.cells != drawn_.cells || place(screen) != place(drawn_)) draw(screen);
}

bool LiveScreen::finish(const machine::Board& board, const mmu::PhysicalMemory& memory) {
    next_ = {};
    look(board, memory);
    if (!begun_) return false;
    const std::string text = fmt::format("\x1b[{};1H\x1b[?25h\r\n", std::max(drawn_.rows, 1u));
    terminal_.write({reinterpret_cast<const u8*>(text.data()), text.size()});
    return true;
}

} // namespace trapgate::frontend
