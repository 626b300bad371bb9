// SPDX-License-Identifier: MIT
// The characters of a PC's text screen: code page 437, as the font in the adapter's ROM draws them.
// Source: [cp437] the mapping table of the Unicode consortium; 00h–1Fh and 7Fh as the font shows them.
#pragma once

#include "base/types.hpp"

namespace trapgate::devices {

/// The Unicode code point of a character of the text screen; 00h and FFh are blanks.
char32_t code_page_437(u8 character);

} // namespace trapgate::devices
