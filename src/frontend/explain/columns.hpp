// SPDX-License-Identifier: MIT
// The columns of a list of micro-steps: number and name, what the step does (wrapped), and on the right what it touched.
#pragma once

#include "frontend/style.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend {

constexpr std::size_t name_width = 14, text_width = 46, right_width = 54;

/// Words packed into lines of at most `width` columns.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// A piece of the right-hand column; it is never broken.
struct Cell {
    std::string text;
    Tone tone;
};
/// Cells packed into lines, painted, two blanks between.
std::vector<std::string> pack(const std::vector<Cell>& cells, const Style& style, std::size_t width = right_width);

/// The rows of one step: `head` stands before the first line only.
std::string columns_rows(std::string_view head, const std::vector<std::string>& left,
                         const std::vector<std::string>& right);
/// Without blanks at the ends of its lines.
std::string trimmed(std::string_view text);
/// A line across, with a text in it.
std::string rule(const Style& style, Tone tone, std::string_view text);

} // namespace trapgate::frontend
