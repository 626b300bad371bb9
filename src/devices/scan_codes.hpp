// SPDX-License-Identifier: MIT
// Keys of a US keyboard and their scan codes: from the text that somebody types to the bytes that the keyboard sends.
// Source: [8042] IBM Technical Reference, "Keyboard": scan code sets 1 and 2, the controller's translation table.
#pragma once

#include "base/types.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace trapgate::devices {

/// A key and what is held down with it.
struct Key {
    u8 code = 0;           ///< set 1, pressed
    bool extended = false; ///< sent behind E0h
    bool shift = false;
    bool control = false;
};

/// Takes the first key from `text`: an ASCII character, or the escape sequence by which a terminal names a cursor or function key.
/// Bytes that no key makes (80h and above) are skipped; nothing when the text is at its end.
std::optional<Key> take_key(std::string_view& text);

/// What the keyboard sends when the key is pressed and let go, with its shift or control key around it.
/// `set`: 1 or 2.
std::vector<u8> key_bytes(const Key& key, u8 set);

/// The controller's translation of one byte of set 2 into set 1, F0h not among them.
u8 translate_scan_code(u8 code);

} // namespace trapgate::devices
