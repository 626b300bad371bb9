// SPDX-License-Identifier: MIT
// The binary operators of C on the debugger's values. Everything is defined: overflow wraps, shifts beyond the width give what is
// left of the number, division by zero is an error.
#pragma once

#include "frontend/debug/value.hpp"

#include <string_view>

namespace trapgate::frontend::debug {

/// How strongly a binary operator binds: 0 (||) to 9 (* / %); -1 if it is none.
int precedence(std::string_view op);

struct Calculated {
    Value value{};
    std::string_view complaint{}; ///< not empty: there is no value
};
/// REQUIRES: both are numbers and `op` is a binary operator, but not && or ||. `skipping`: the result does not matter.
Calculated calculate(std::string_view op, const Value& left, const Value& right, bool skipping);

/// The type in which C calculates with one value of `type`.
Type promote(const Type& type);

} // namespace trapgate::frontend::debug
