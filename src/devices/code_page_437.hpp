// SPDX-License-Identifier: MIT
// The characters of a PC's text screen: code page 437, as the font in the adapter's ROM draws them.
// Source: [cp437] the mapping table of the Unicode consortium; 00h–1Fh and 7Fh as the font shows them.
#pragma once

#include "base/types.hpp"

#include <string>

namespace trapgate::devices {

/// The Unicode code point of a character of the text screen; 00h and FFh are blanks.
char32_t code_page_437(u8 character);
/// Adds a code point below 10000h to `text`.
void append_utf8(std::string& text, char32_t c);

} // namespace trapgate::devices
