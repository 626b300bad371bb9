// SPDX-License-Identifier: MIT
// Box-drawing characters taken apart into strokes.
// Source: [Unicode] chart "Box Drawing" (U+2500).
#include "frontend/paint/line_art.hpp"

namespace trapgate::paint {

namespace {

constexpr auto none = Weight::None, light = Weight::Light, heavy = Weight::Heavy;

struct Shape {
    char32_t character;
    Arms arms;
};

constexpr Shape shapes[] = {
    {U'─', {none, light, none, light}},   {U'━', {none, heavy, none, heavy}},  {U'│', {light, none, light, none}},
    {U'┃', {heavy, none, heavy, none}},   {U'┌', {none, light, light, none}},  {U'┐', {none, none, light, light}},
    {U'└', {light, light, none, none}},   {U'┘', {light, none, none, light}},  {U'├', {light, light, light, none}},
    {U'┤', {light, none, light, light}},  {U'┬', {none, light, light, light}}, {U'┴', {light, light, none, light}},
    {U'┼', {light, light, light, light}}, {U'╭', {none, light, light, none}},  {U'╮', {none, none, light, light}},
    {U'╰', {light, light, none, none}},   {U'╯', {light, none, none, light}},
};

/// Adds a stroke, or makes the last one of the same row or column longer.
void join(std::vector<Stroke>& strokes, std::size_t first, Stroke stroke) {
    if (strokes.size() > first) {
        Stroke& last = strokes.back();
        if (last.to == stroke.from && last.style == stroke.style && last.weight == stroke.weight) {
            last.to = stroke.to;
            return;
        }
    }
    strokes.push_back(stroke);
}

const Arms no_arms{};

Arms arms_at(const Grid& grid, int x, int y) {
    const Cell& cell = grid.at(x, y);
    return is_line_art(cell) ? arms_of(cell.character).value_or(no_arms) : no_arms;
}

} // namespace

std::optional<Arms> arms_of(char32_t character) {
    for (const Shape& shape : shapes)
        if (shape.character == character) return shape.arms;
    return std::nullopt;
}

std::optional<Direction> head_of(char32_t character) {
    switch (character) {
    case U'▲': return Direction::Up;
    case U'►': return Direction::Right;
    case U'▼': return Direction::Down;
    case U'◄': return Direction::Left;
    default: return std::nullopt;
    }
}

bool is_line_art(const Cell& cell) {
    return !cell.inverse && cell.style != Style::Vga && (arms_of(cell.character) || head_of(cell.character));
}

std::vector<Stroke> strokes_of(const Grid& grid) {
    std::vector<Stroke> out;
    for (int y = 0; y < grid.rows(); ++y) {
        const std::size_t first = out.size();
        for (int x = 0; x < grid.columns(); ++x) {
            const Arms arms = arms_at(grid, x, y);
            const Style style = grid.at(x, y).style;
            const int left = 2 * x, row = 2 * y + 1;
            if (arms.left != none) join(out, first, {{left, row}, {left + 1, row}, style, arms.left});
            if (arms.right != none) join(out, first, {{left + 1, row}, {left + 2, row}, style, arms.right});
        }
    }
    for (int x = 0; x < grid.columns(); ++x) {
        const std::size_t first = out.size();
        for (int y = 0; y < grid.rows(); ++y) {
            const Arms arms = arms_at(grid, x, y);
            const Style style = grid.at(x, y).style;
            const int top = 2 * y, column = 2 * x + 1;
            if (arms.up != none) join(out, first, {{column, top}, {column, top + 1}, style, arms.up});
            if (arms.down != none) join(out, first, {{column, top + 1}, {column, top + 2}, style, arms.down});
        }
    }
    return out;
}

} // namespace trapgate::paint
