// SPDX-License-Identifier: MIT
// The exceptions of the processor by name, for every part that prints them.
// Source: [SDM3] "Protected-Mode Exceptions and Interrupts".
#pragma once

#include "base/types.hpp"

#include <span>
#include <string>
#include <string_view>

namespace trapgate::frontend {

struct Exception {
    u8 vector;
    std::string_view symbol; ///< "#GP"
    std::string_view typed;  ///< the same as it is typed: "gp"
    std::string_view word;   ///< another word for it that can be typed: "protection"; empty if there is none
    std::string_view title;  ///< the name in full: "general protection"
    std::string_view text;   ///< behind the symbol, in a heading; empty: the symbol alone
    bool has_error_code;
};

/// Those that have a meaning, by vector.
std::span<const Exception> all_exceptions();
/// Null for vectors that are no exceptions, reserved ones too.
const Exception* find_exception(u8 vector);
/// "#GP"; "#15" for a vector without a name.
std::string exception_symbol(u8 vector);
/// The processor pushes an error code for this exception.
bool has_error_code(u8 vector);

} // namespace trapgate::frontend
