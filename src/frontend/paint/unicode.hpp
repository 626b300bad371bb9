// SPDX-License-Identifier: MIT
// UTF-8 to and from the characters of cells. A cell holds one character that is one column wide: what is not (control characters,
// combining and wide ones, broken UTF-8) becomes U+FFFD, because a guest may name its program as it likes.
// Source: RFC 3629; [Unicode] UAX #11 "East Asian Width" (whole blocks, coarsely).
#pragma once

#include <string>
#include <string_view>

namespace trapgate::paint {

/// One element per column.
std::u32string to_cells(std::string_view utf8);
/// How many columns the text takes in a grid.
int width_of(std::string_view utf8);
void append_utf8(std::string& out, char32_t character);
std::string to_utf8(std::u32string_view text);
/// The text if it fits into so many columns, else its beginning with "…" as the last column.
std::string fit(std::string_view utf8, int columns);

} // namespace trapgate::paint
