// SPDX-License-Identifier: MIT
// Themes as style sheets. SVG gets plain rules (librsvg knows no custom properties), HTML gets custom properties.
#include "frontend/paint/css.hpp"

#include <fmt/format.h>

namespace trapgate::paint {

namespace {

std::string_view decoration_of(const Look& look) {
    return look.strike ? "line-through" : look.underline ? "underline" : "none";
}

std::string_view weight_of(const Ink& ink) {
    return ink.bold ? "bold" : "normal";
}

struct Pair {
    Ink plain, inverse;
};
Pair inks_of(const Theme& theme, Style style) {
    return {resolve(theme, {U' ', style, false}), resolve(theme, {U' ', style, true})};
}

std::string svg_text(std::string_view selector, const Ink& ink, std::string_view decoration) {
    std::string rule = fmt::format(".{}{{fill:{}", selector, to_hex(ink.ink));
    if (ink.bold) rule += ";font-weight:bold";
    if (decoration != "none") rule += fmt::format(";text-decoration:{}", decoration);
    return rule + "}";
}

} // namespace

std::string svg_rules(const Theme& theme) {
    std::string out = fmt::format(".paper{{fill:{}}}\n", to_hex(theme.paper));
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto style = static_cast<Style>(i);
        const auto name = token(style);
        const auto decoration = decoration_of(theme.look(style));
        const auto [plain, inverse] = inks_of(theme, style);
        out += svg_text(name, plain, decoration) + svg_text(fmt::format("{}-i", name), inverse, decoration);
        out += fmt::format(".{0}-s{{stroke:{1}}}.{0}-p{{fill:{2}}}.{0}-ip{{fill:{3}}}\n", name, to_hex(plain.ink),
                           to_hex(plain.paper), to_hex(inverse.paper));
    }
    return out;
}

std::string html_properties(const Theme& theme) {
    std::string out =
        fmt::format("color-scheme:{};--paper:{};", theme.dark ? "dark" : "light", to_hex(theme.paper));
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto style = static_cast<Style>(i);
        const Look& look = theme.look(style);
        const auto [plain, inverse] = inks_of(theme, style);
        out += fmt::format("--{0}:{1};--{0}-p:{2};--{0}-w:{3};--{0}-d:{4};--{0}-i:{5};--{0}-ip:{6};", token(style),
                           to_hex(plain.ink), look.paper ? to_hex(*look.paper) : "transparent", weight_of(plain),
                           decoration_of(look), to_hex(inverse.ink), to_hex(inverse.paper));
    }
    return out;
}

std::string html_rules() {
    std::string out;
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto style = static_cast<Style>(i);
        out += fmt::format(".{0}{{color:var(--{0});background:var(--{0}-p);font-weight:var(--{0}-w);"
                           "text-decoration:var(--{0}-d)}}\n",
                           token(style));
        out += fmt::format(".{0}.i{{color:var(--{0}-i);background:var(--{0}-ip){1}}}\n", token(style),
                           is_badge(style) ? "" : ";font-weight:bold");
    }
    return out;
}

} // namespace trapgate::paint
