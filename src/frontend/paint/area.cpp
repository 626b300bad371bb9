// SPDX-License-Identifier: MIT
// Drawing into the cells of a grid.
#include "frontend/paint/area.hpp"

#include "frontend/paint/unicode.hpp"

#include <algorithm>
#include <cstdlib>

namespace trapgate::paint {

Area Area::part(Rect rect) const {
    rect.width = std::max(rect.width, 0);
    rect.height = std::max(rect.height, 0);
    const Rect there{place_.x + rect.x, place_.y + rect.y, rect.width, rect.height};
    return {*grid_, there, intersection(clip_, there)};
}

Area Area::cut_left(int columns) {
    columns = std::clamp(columns, 0, width());
    const Area taken = part({0, 0, columns, height()});
    *this = part({columns, 0, width() - columns, height()});
    return taken;
}

Area Area::cut_right(int columns) {
    columns = std::clamp(columns, 0, width());
    const Area taken = part({width() - columns, 0, columns, height()});
    *this = part({0, 0, width() - columns, height()});
    return taken;
}

Area Area::cut_top(int rows) {
    rows = std::clamp(rows, 0, height());
    const Area taken = part({0, 0, width(), rows});
    *this = part({0, rows, width(), height() - rows});
    return taken;
}

Area Area::cut_bottom(int rows) {
    rows = std::clamp(rows, 0, height());
    const Area taken = part({0, height() - rows, width(), rows});
    *this = part({0, 0, width(), height() - rows});
    return taken;
}

Cell* Area::cell(int x, int y) const {
    const Point there{place_.x + x, place_.y + y};
    return clip_.contains(there) ? &grid_->at(there.x, there.y) : nullptr;
}

template <class Change> void Area::each(Rect rect, Change change) const {
    const Rect there = intersection(clip_, {place_.x + rect.x, place_.y + rect.y, rect.width, rect.height});
    for (int y = there.y; y < there.bottom(); ++y)
        for (int x = there.x; x < there.right(); ++x) change(grid_->at(x, y));
}

void Area::put(int x, int y, char32_t character, Style style, bool inverse) const {
    if (Cell* c = cell(x, y)) c->character = character, c->style = style, c->inverse = inverse;
}

void Area::put_vga(int x, int y, char32_t character, u8 attribute) const {
    put(x, y, character, Style::Vga);
    if (Cell* c = cell(x, y)) c->vga = attribute;
}

int Area::text(int x, int y, std::string_view utf8, Style style, bool inverse) const {
    for (const char32_t c : to_cells(utf8)) put(x++, y, c, style, inverse);
    return x;
}

int Area::spans(int x, int y, std::initializer_list<Span> pieces) const {
    for (const Span& piece : pieces) x = text(x, y, piece.text, piece.style, piece.inverse);
    return x;
}

void Area::text_right(int right, int y, std::string_view utf8, Style style, bool inverse) const {
    text(right - width_of(utf8), y, utf8, style, inverse);
}

void Area::text_centred(int y, std::string_view utf8, Style style, bool inverse) const {
    text((width() - width_of(utf8)) / 2, y, utf8, style, inverse);
}

int Area::text_fitted(int x, int y, int columns, std::string_view utf8, Style style) const {
    return text(x, y, fit(utf8, columns), style);
}

int Area::paragraph(int x, int y, std::string_view utf8, Style style) const {
    for (const std::string& line : wrap(utf8, width() - x)) text(x, y++, line, style);
    return y;
}

Area Area::box(Rect rect, std::string_view title, Style frame, Style title_style) const {
    const int right = rect.right() - 1, bottom = rect.bottom() - 1;
    if (rect.width >= 2 && rect.height >= 2) {
        horizontal_line(rect.x, rect.y, rect.width, frame);
        horizontal_line(rect.x, bottom, rect.width, frame);
        vertical_line(rect.x, rect.y, rect.height, frame);
        vertical_line(right, rect.y, rect.height, frame);
        put(rect.x, rect.y, U'┌', frame), put(right, rect.y, U'┐', frame);
        put(rect.x, bottom, U'└', frame), put(right, bottom, U'┘', frame);
    }
    if (!title.empty() && rect.width > 6) {
        const std::string fitted = " " + fit(title, rect.width - 6) + " ";
        text(rect.x + 2, rect.y, fitted, title_style);
    }
    return part({rect.x + 1, rect.y + 1, rect.width - 2, rect.height - 2});
}

Area Area::box(std::string_view title, Style frame, Style title_style) const {
    return box({0, 0, width(), height()}, title, frame, title_style);
}

void Area::horizontal_line(int x, int y, int length, Style style, char32_t character) const {
    for (int i = 0; i < length; ++i) put(x + i, y, character, style);
}

void Area::vertical_line(int x, int y, int length, Style style, char32_t character) const {
    for (int i = 0; i < length; ++i) put(x, y + i, character, style);
}

void Area::bar(int x, int y, int length, int filled, Style style, Style rest) const {
    filled = std::clamp(filled, 0, std::max(length, 0));
    horizontal_line(x, y, filled, style, U'━');
    horizontal_line(x + filled, y, length - filled, rest, U'─');
}

void Area::arrow(Point from, Point to, Style style) const {
    const bool right = to.x > from.x, down = to.y > from.y;
    horizontal_line(std::min(from.x, to.x), from.y, std::abs(to.x - from.x), style);
    if (to.y == from.y) {
        if (!right) put(from.x, from.y, U'─', style);
        return put(to.x, to.y, right ? U'►' : U'◄', style);
    }
    vertical_line(to.x, std::min(from.y, to.y), std::abs(to.y - from.y) + 1, style);
    if (to.x != from.x) {
        if (!right) put(from.x, from.y, U'─', style);
        put(to.x, from.y, right ? (down ? U'┐' : U'┘') : (down ? U'┌' : U'└'), style);
    }
    put(to.x, to.y, down ? U'▼' : U'▲', style);
}

void Area::fill(Rect rect, Style style, char32_t character) const {
    each(rect, [&](Cell& c) { c.character = character, c.style = style, c.inverse = false; });
}

void Area::restyle(Rect rect, Style style, bool inverse) const {
    each(rect, [&](Cell& c) { c.style = style, c.inverse = inverse; });
}

void Area::invert(Rect rect, bool inverse) const {
    each(rect, [&](Cell& c) { c.inverse = inverse; });
}

void Area::tag(Rect rect, NodeId node) const {
    each(rect, [&](Cell& c) { c.node = node; });
}

std::vector<std::string> wrap(std::string_view utf8, int columns) {
    std::vector<std::string> lines;
    const std::u32string cells = to_cells(utf8);
    const auto limit = static_cast<std::size_t>(std::max(columns, 1));
    std::u32string_view rest = cells;
    while (!rest.empty()) {
        std::size_t taken = rest.size();
        if (taken > limit) {
            const std::size_t blank = rest.substr(0, limit + 1).rfind(U' ');
            taken = blank == std::u32string_view::npos || blank == 0 ? limit : blank;
        }
        lines.push_back(to_utf8(rest.substr(0, taken)));
        rest.remove_prefix(taken);
        rest.remove_prefix(std::min(rest.find_first_not_of(U' '), rest.size()));
    }
    return lines;
}

} // namespace trapgate::paint
