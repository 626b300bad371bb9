// SPDX-License-Identifier: MIT
// The grid of cells, and its fallback in ASCII.
#include "frontend/paint/grid.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace trapgate::paint {

namespace {

struct Replacement {
    std::u32string_view from;
    char32_t to;
};

// Heavy lines and light lines stay apart (= and -): a bar must be readable without its colour.
constexpr Replacement replacements[] = {
    {U"─╌┄", U'-'},  {U"━═", U'='},   {U"│┃║╎┆", U'|'},  {U"┌┐└┘├┤┬┴┼╔╗╚╝╭╮╰╯┏┓┗┛", U'+'},
    {U"▼↓▾", U'v'},  {U"▲↑▴", U'^'},  {U"►→▸▶", U'>'},   {U"◄←◂◀", U'<'},
    {U"█▇▆■", U'#'}, {U"▓▒▅▄", U'%'}, {U"░▃▂▁□", U':'},  {U"…·•", U'.'},
    {U"✓✔", U'+'},   {U"×✗✘", U'x'},  {U"↔", U'='},      {U"–—−", U'-'},
    {U"‘’", U'\''},  {U"“”", U'"'},   {U"\u00a0", U' '},
};

char32_t to_ascii(char32_t character) {
    if (character < 0x7f) return character;
    for (const Replacement& replacement : replacements)
        if (replacement.from.find(character) != std::u32string_view::npos) return replacement.to;
    return U'?';
}

} // namespace

Rect intersection(Rect a, Rect b) {
    const int x = std::max(a.x, b.x), y = std::max(a.y, b.y);
    const int width = std::min(a.right(), b.right()) - x, height = std::min(a.bottom(), b.bottom()) - y;
    return {x, y, std::max(width, 0), std::max(height, 0)};
}

Grid::Grid(int columns, int rows)
    : columns_(std::max(columns, 1)), rows_(std::max(rows, 1)),
      cells_(static_cast<std::size_t>(columns_) * static_cast<std::size_t>(rows_)) {}

const Cell& Grid::at(int x, int y) const {
    ASSERT(bounds().contains({x, y}));
    return cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(columns_) + static_cast<std::size_t>(x)];
}

Cell& Grid::at(int x, int y) {
    return const_cast<Cell&>(std::as_const(*this).at(x, y));
}

NodeId Grid::add_node(Node node) {
    ASSERT(nodes_.size() < std::numeric_limits<NodeId>::max());
    nodes_.push_back(std::move(node));
    return static_cast<NodeId>(nodes_.size());
}

const Node* Grid::node(NodeId id) const {
    return id == 0 || id > nodes_.size() ? nullptr : &nodes_[id - 1u];
}

const Node* Grid::node_at(Point point) const {
    return bounds().contains(point) ? node(at(point.x, point.y).node) : nullptr;
}

Grid ascii_only(Grid grid) {
    for (int y = 0; y < grid.rows(); ++y)
        for (int x = 0; x < grid.columns(); ++x) grid.at(x, y).character = to_ascii(grid.at(x, y).character);
    return grid;
}

} // namespace trapgate::paint
