// SPDX-License-Identifier: MIT
// Drawing: a rectangle of a grid with its own coordinates (0,0 is its upper left cell), clipped to itself. Boxes give the area
// inside them, so that a panel never needs to know where on the page it stands.
#pragma once

#include "frontend/paint/grid.hpp"

#include <initializer_list>
#include <string_view>
#include <vector>

namespace trapgate::paint {

/// A piece of a line in one style.
struct Span {
    std::string_view text;
    Style style = Style::Text;
    bool inverse = false;
};

class Area {
  public:
    /// The whole grid. The grid has to outlive the area.
    explicit Area(Grid& grid) : grid_(&grid), place_(grid.bounds()), clip_(grid.bounds()) {}

    int width() const { return place_.width; }
    int height() const { return place_.height; }
    Grid& grid() const { return *grid_; }
    /// Where in the grid this area stands.
    Rect place() const { return place_; }
    /// A part of this area; what of it lies outside is clipped.
    Area part(Rect rect) const;
    /// So many columns or rows from the left (right, top, bottom), and what is left over in *this.
    Area cut_left(int columns);
    Area cut_right(int columns);
    Area cut_top(int rows);
    Area cut_bottom(int rows);

    void put(int x, int y, char32_t character, Style style = Style::Text, bool inverse = false) const;
    /// Gives the column after the text, clipped or not, so that pieces can follow each other.
    int text(int x, int y, std::string_view utf8, Style style = Style::Text, bool inverse = false) const;
    int spans(int x, int y, std::initializer_list<Span> pieces) const;
    /// The text ends before column `right` (width() for the edge).
    void text_right(int right, int y, std::string_view utf8, Style style = Style::Text, bool inverse = false) const;
    void text_centred(int y, std::string_view utf8, Style style = Style::Text, bool inverse = false) const;
    /// At most `columns` columns, "…" in the last one if more is left.
    int text_fitted(int x, int y, int columns, std::string_view utf8, Style style = Style::Text) const;
    /// Wraps at blanks into rows y, y+1, … to the whole width; gives the row after the last one.
    int paragraph(int x, int y, std::string_view utf8, Style style = Style::Text) const;

    /// A border with the title in its upper edge; gives the area inside.
    Area box(Rect rect, std::string_view title = {}, Style frame = Style::Frame,
             Style title_style = Style::Title) const;
    /// The same round this whole area.
    Area box(std::string_view title = {}, Style frame = Style::Frame, Style title_style = Style::Title) const;
    void horizontal_line(int x, int y, int length, Style style = Style::Frame, char32_t character = U'─') const;
    void vertical_line(int x, int y, int length, Style style = Style::Frame, char32_t character = U'│') const;
    /// Heavy for the first `filled` of `length` columns, light for the rest: readable without colour.
    void bar(int x, int y, int length, int filled, Style style, Style rest = Style::Dim) const;
    /// From cell to cell with at most one corner (first along the row, then along the column), a head at the end.
    void arrow(Point from, Point to, Style style) const;

    void fill(Rect rect, Style style = Style::Text, char32_t character = U' ') const;
    /// Changes only the style of what stands there (and `inverse`).
    void restyle(Rect rect, Style style, bool inverse = false) const;
    void invert(Rect rect, bool inverse = true) const;
    /// These cells belong to the node from now on.
    void tag(Rect rect, NodeId node) const;
    /// The guest's text screen: a character with VGA's attribute byte.
    void put_vga(int x, int y, char32_t character, u8 attribute) const;

  private:
    Area(Grid& grid, Rect place, Rect clip) : grid_(&grid), place_(place), clip_(clip) {}
    Cell* cell(int x, int y) const;
    template <class Change> void each(Rect rect, Change change) const;

    Grid* grid_;
    Rect place_; ///< in the grid's coordinates
    Rect clip_;  ///< part of place_ that may be drawn on
};

/// The text in lines of at most `columns` columns, broken at blanks (a word that is too long is broken anywhere).
std::vector<std::string> wrap(std::string_view utf8, int columns);

} // namespace trapgate::paint
