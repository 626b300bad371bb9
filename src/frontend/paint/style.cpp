// SPDX-License-Identifier: MIT
// Names of the style tokens, read from styles.def.
#include "frontend/paint/style.hpp"

#include <array>

namespace trapgate::paint {

namespace {

struct Names {
    std::string_view token, meaning;
};

constexpr std::array<Names, style_count> names{{
#define STYLE(enumerator, token, meaning) {token, meaning},
#include "frontend/paint/styles.def"
#undef STYLE
}};

} // namespace

std::string_view token(Style style) {
    return names[static_cast<std::size_t>(style)].token;
}

std::string_view meaning(Style style) {
    return names[static_cast<std::size_t>(style)].meaning;
}

} // namespace trapgate::paint
