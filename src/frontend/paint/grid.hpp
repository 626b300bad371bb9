// SPDX-License-Identifier: MIT
// The picture before it is painted: a grid of character cells, each with a style token and the node it belongs to.
// A layout draws into it; text, ANSI, SVG, HTML, PNG and the window are pure functions of it. Nothing here draws outside the grid:
// everything is clipped, sizes from 1x1 up are legal.
#pragma once

#include "base/types.hpp"
#include "frontend/paint/style.hpp"

#include <string>
#include <vector>

namespace trapgate::paint {

/// A part of the picture that one can click, hover over or have read aloud. 0 is no node.
using NodeId = u16;

/// What a node is to somebody who cannot see the picture (the names are ARIA's).
enum class Role : u8 { None, Region, List, ListItem, Button, Img, Status };

struct Node {
    std::string command; ///< what a click does, as a line for the debugger ("goto 1207.13"); empty: nothing
    std::string tooltip; ///< what hovering shows
    Role role = Role::None;
    std::string label; ///< what a screen reader says first ("kernel stack of init"); empty: its text is enough
};

struct Cell {
    char32_t character = U' ';
    Style style = Style::Text;
    bool inverse =
        false; ///< a badge (tokens of rings, warnings, titles: ink and paper change places), or part of the row that is
               ///< this step or has the cursor (all other tokens: the paper of Style::Now under them)
    u8 vga = 0x07; ///< Style::Vga only: the attribute byte of the text screen (ink low, paper high nibble)
    NodeId node = 0;
    bool operator==(const Cell&) const = default;
};

struct Point {
    int x = 0, y = 0;
    bool operator==(const Point&) const = default;
};

struct Rect {
    int x = 0, y = 0, width = 0, height = 0;
    int right() const { return x + width; }   ///< first column that is not in it
    int bottom() const { return y + height; } ///< first row that is not in it
    bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
    bool operator==(const Rect&) const = default;
};

/// What both have; a width or height of 0 if nothing.
Rect intersection(Rect a, Rect b);

class Grid {
  public:
    /// Sizes below 1 become 1.
    Grid(int columns, int rows);

    int columns() const { return columns_; }
    int rows() const { return rows_; }
    Rect bounds() const { return {0, 0, columns_, rows_}; }
    /// REQUIRES: inside the grid.
    const Cell& at(int x, int y) const;
    Cell& at(int x, int y);

    NodeId add_node(Node node);
    /// Null for 0 and for an id that was never given out.
    const Node* node(NodeId id) const;
    /// The node under a cell, null if there is none or the point is outside.
    const Node* node_at(Point point) const;
    const std::vector<Node>& nodes() const { return nodes_; } ///< node `id` is nodes()[id - 1]

    std::string title;   ///< of the whole picture: "int 0x80, micro-step 13: push old SS"
    std::string caption; ///< one plain sentence about this moment; screen readers say it at each step

  private:
    int columns_, rows_;
    std::vector<Cell> cells_;
    std::vector<Node> nodes_;
};

/// The same picture in ASCII only, cell by cell: for terminals and files without UTF-8. Box lines become + - | and so on.
Grid ascii_only(Grid grid);

} // namespace trapgate::paint
