// SPDX-License-Identifier: MIT
// The grid as plain text.
#include "frontend/paint/text.hpp"

#include "frontend/paint/unicode.hpp"

namespace trapgate::paint {

std::string text_of_row(const Grid& grid, int y) {
    std::string line;
    for (int x = 0; x < grid.columns(); ++x) append_utf8(line, grid.at(x, y).character);
    line.resize(line.find_last_not_of(' ') + 1); // npos + 1 is 0
    return line;
}

std::string text(const Grid& grid) {
    std::string out;
    for (int y = 0; y < grid.rows(); ++y) out += text_of_row(grid, y) + "\n";
    return out;
}

} // namespace trapgate::paint
