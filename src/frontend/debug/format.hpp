// SPDX-License-Identifier: MIT
// Values as text, in gdb's formats.
#pragma once

#include "frontend/debug/expression.hpp"

namespace trapgate::frontend::debug {

/// The letters after `print/` and `x/`: hexadecimal, decimal, unsigned, octal, binary (t), address, character, string.
inline constexpr std::string_view number_formats = "xduotacs";

/// How a `print` or `x` command wants its values: "/4xw".
struct DisplayFormat {
    u64 count = 1;
    char letter = 0; ///< one of number_formats, 'i' (instruction); 0: none given
    u32 unit = 0;    ///< bytes: b h w g; 0: none given
};
/// `text` is what stands behind the slash.
Result<DisplayFormat> parse_display_format(std::string_view text);

/// As `print` shows it; `letter` 0: as its type suggests. Lines inside are indented, there is no newline at the end.
std::string show(const Value& value, char letter, const Scope& scope);
/// One number of `bytes` bytes in a format of number_formats. Hexadecimal and binary are padded to their width.
std::string show_number(u64 bits, u32 bytes, char letter, const Scope& scope);
/// "0xc01007dc <system_call>", or the bare number.
std::string show_address(u32 address, const Scope& scope);
/// The guest's string there, in quotes with C's escapes, cut after `limit` characters; nothing if it is not mapped.
std::optional<std::string> show_string(u32 address, u32 limit, const Scope& scope);

} // namespace trapgate::frontend::debug
