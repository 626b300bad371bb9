// SPDX-License-Identifier: MIT
// The guest's text screen in cells: one cell for one of the adapter's, in its own colours.
#include "frontend/views/layout_panels.hpp"

#include <algorithm>

namespace trapgate::frontend::views {

void draw(paint::Area area, const ScreenPanel& panel, const Drawing& drawing) {
    const auto rows = static_cast<int>(panel.rows), columns = static_cast<int>(panel.columns);
    // Where the page is lower than the screen, the row with the cursor stays in sight.
    const int cursor_row = panel.cursor && columns ? static_cast<int>(*panel.cursor) / columns : 0;
    const int first = first_shown(rows, area.height(), cursor_row, drawing.scroll());
    for (int y = 0; y < area.height() && first + y < rows; ++y)
        for (int x = 0; x < std::min(columns, area.width()); ++x) {
            const ScreenCell& cell = panel.cells[static_cast<std::size_t>((first + y) * columns + x)];
            area.put_vga(x, y, cell.character, cell.attribute);
        }
    if (!panel.cursor || !columns) return;
    const int x = static_cast<int>(*panel.cursor) % columns, y = cursor_row - first;
    if (y >= 0 && y < area.height() && x < area.width()) area.invert({x, y, 1, 1});
}

int rows_of(const ScreenPanel& panel, int) {
    return static_cast<int>(panel.rows);
}

} // namespace trapgate::frontend::views
