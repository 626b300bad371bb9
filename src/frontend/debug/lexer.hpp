// SPDX-License-Identifier: MIT
// The words of an expression: numbers, names, $registers, operators.
#pragma once

#include "base/types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::debug {

struct Token {
    enum class Kind : u8 { Number, Name, Dollar, Operator, End, Bad };
    Kind kind = Kind::End;
    std::string_view text;  ///< as it stands in the line; for Dollar without the $
    std::size_t column = 0; ///< from 0
    u64 number = 0;
    bool decimal = false;         ///< a number written without 0x, 0b or a leading 0: it is signed if it fits
    bool character = false;       ///< 'a'
    std::string_view complaint{}; ///< for Bad
};

/// The tokens of `line`, ended by one of kind End, or by the first of kind Bad. They refer to `line`.
std::vector<Token> tokenize(std::string_view line);

} // namespace trapgate::frontend::debug
