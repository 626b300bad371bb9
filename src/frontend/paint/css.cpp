// SPDX-License-Identifier: MIT
// Themes as style sheets. SVG gets plain rules (librsvg knows no custom properties), HTML gets custom properties.
#include "frontend/paint/css.hpp"

#include <fmt/format.h>

namespace trapgate::paint {

namespace {

std::string_view decoration_of(const Look& look) {
    return look.strike ? "line-through" : look.underline ? "underline" : "none";
}

std::string attributes(const Look& look) {
    const auto decoration = decoration_of(look);
    return fmt::format("{}{}{}", look.bold ? ";font-weight:bold" : "",
                       decoration == "none" ? "" : ";text-decoration:", decoration == "none" ? "" : decoration);
}

} // namespace

std::string svg_rules(const Theme& theme) {
    std::string out = fmt::format(".paper{{fill:{}}}", to_hex(theme.paper));
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto style = static_cast<Style>(i);
        const Look& look = theme.look(style);
        const std::string ink = to_hex(look.ink), paper = to_hex(look.paper.value_or(theme.paper));
        const auto name = token(style);
        out += fmt::format(".{0}{{fill:{1}{2}}}.{0}-s{{stroke:{1}}}.{0}-i{{fill:{3}{2}}}.{0}-ip{{fill:{1}}}", name,
                           ink, attributes(look), paper);
        if (look.paper) out += fmt::format(".{}-p{{fill:{}}}", name, paper);
        out += "\n";
    }
    return out;
}

std::string html_properties(const Theme& theme) {
    std::string out =
        fmt::format("color-scheme:{};--paper:{};", theme.dark ? "dark" : "light", to_hex(theme.paper));
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto style = static_cast<Style>(i);
        const Look& look = theme.look(style);
        out += fmt::format("--{}:{};", token(style), to_hex(look.ink));
        out += fmt::format("--{}-p:{};", token(style), look.paper ? to_hex(*look.paper) : "transparent");
        out += fmt::format("--{0}-w:{1};--{0}-d:{2};", token(style), look.bold ? "bold" : "normal",
                           decoration_of(look));
    }
    return out;
}

std::string html_rules() {
    std::string out;
    for (std::size_t i = 0; i < style_count; ++i) {
        const auto name = token(static_cast<Style>(i));
        out += fmt::format(".{0}{{color:var(--{0});background:var(--{0}-p);font-weight:var(--{0}-w);"
                           "text-decoration:var(--{0}-d)}}\n",
                           name);
        // A token without a paper of its own has the page's.
        out += fmt::format(".{0}.i{{color:var(--paper);background:var(--{0})}}\n", name);
    }
    return out;
}

} // namespace trapgate::paint
