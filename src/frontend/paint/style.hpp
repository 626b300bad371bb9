// SPDX-License-Identifier: MIT
// The closed list of style tokens (styles.def): pictures say what a cell means, never what colour it is.
#pragma once

#include "base/types.hpp"

#include <span>
#include <string_view>

namespace trapgate::paint {

enum class Style : u8 {
#define STYLE(enumerator, token, meaning) enumerator,
#include "frontend/paint/styles.def"
#undef STYLE
};

inline constexpr std::size_t style_count = 0
#define STYLE(enumerator, token, meaning) +1
#include "frontend/paint/styles.def"
#undef STYLE
    ;

/// "ring0": its name in SVG, HTML and JSON.
std::string_view token(Style style);
/// "ring 0: the kernel's side": for legends.
std::string_view meaning(Style style);

} // namespace trapgate::paint
