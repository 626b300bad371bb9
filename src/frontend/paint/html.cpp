// SPDX-License-Identifier: MIT
// The HTML document, put together.
#include "frontend/paint/html.hpp"

#include "base/assert.hpp"
#include "frontend/paint/css.hpp"
#include "frontend/paint/html_parts.hpp"
#include "frontend/paint/runs.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::paint {

namespace {

std::string vga_rules() {
    std::string out;
    for (u8 i = 0; i < 16; ++i)
        out += fmt::format(".f{0}{{color:{1}}}.b{0}{{background:{1}}}\n", i, to_hex(vga_colour(i)));
    return out;
}

std::string theme_rules() {
    const auto properties = [](std::string_view name) { return html_properties(*find_theme(name).value()); };
    std::string out = fmt::format(":root{{{}}}\n", properties("light"));
    out += fmt::format("@media (prefers-color-scheme:dark){{:root{{{}}}}}\n", properties("dark"));
    out += fmt::format("@media (prefers-contrast:more){{:root{{{}}}}}\n", properties("high-contrast"));
    out += fmt::format("@media print{{:root{{{}}}}}\n", properties("light"));
    for (const Theme& theme : all_themes())
        out += fmt::format("@media screen{{:root[data-theme={}]{{{}}}}}\n", theme.name, properties(theme.name));
    return out;
}

std::string theme_choice(const Theme* chosen) {
    std::string out =
        "<select id=\"theme\" aria-label=\"Theme\"><option value=\"auto\">theme: as the system</option>";
    for (const Theme& theme : all_themes())
        out += fmt::format("<option value=\"{0}\"{1}>theme: {0}</option>", theme.name,
                           &theme == chosen ? " selected" : "");
    return out + "</select>";
}

std::string head(const Grid& first) {
    // Nothing may be loaded from anywhere, and the browser sees to it.
    return fmt::format("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n"
                       "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                       "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                       "<meta name=\"generator\" content=\"Trapgate " TRAPGATE_VERSION "\">\n"
                       "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n"
                       "<style>{}#screen{{font-family:{}}}\n:root{{--columns:{};--rows:{}}}\n{}{}{}</style>\n",
                       escape_markup(first.title), html_style, font_family, first.columns(), first.rows(),
                       theme_rules(), html_rules(), vga_rules());
}

std::string controls(std::size_t frames, const Theme* theme) {
    return fmt::format(
        "<nav aria-label=\"Time\"><button id=\"first\" title=\"Home\">First</button>"
        "<button id=\"back\" title=\"Left\">Back</button>"
        "<button id=\"step\" title=\"Right\">Step</button>"
        "<button id=\"last\" title=\"End\">Last</button><button id=\"play\" title=\"p\">Play</button>"
        "<input id=\"slider\" type=\"range\" min=\"0\" max=\"{}\" value=\"0\" aria-label=\"Moment\">"
        "<output id=\"place\"></output>{}<button id=\"help\" title=\"?\">Keys</button></nav>",
        frames - 1, theme_choice(theme));
}

} // namespace

std::string html(const std::vector<Frame>& frames, const Theme* theme, std::string_view opened_at) {
    ASSERT(!frames.empty());
    const auto opened = std::ranges::find(frames, opened_at, &Frame::time);
    const auto start = opened == frames.end() ? 0 : opened - frames.begin();
    const Grid& first = frames[static_cast<std::size_t>(start)].grid;
    std::string out =
        fmt::format("<!DOCTYPE html>\n<html lang=\"en\" data-theme=\"{}\">\n<head>\n{}</head>\n<body>\n",
                    theme ? theme->name : "auto", head(first));
    out += fmt::format("<header><h1 id=\"title\">{}</h1>\n{}</header>\n", escape_markup(first.title),
                       controls(frames.size(), theme));
    out += fmt::format("<main>\n<p id=\"caption\" class=\"said\" role=\"status\" aria-live=\"polite\" "
                       "aria-atomic=\"true\">{}</p>\n"
                       "<noscript><p>This is one of {} moments; the others need the script.</p></noscript>\n",
                       escape_markup(first.caption), frames.size());
    out += fmt::format("<pre id=\"screen\" tabindex=\"0\">{}</pre>\n", html_screen(first));
    out += "<details id=\"panels\"><summary>The panels one after the other</summary><div "
           "id=\"outline\"></div></details>\n";
    out += fmt::format("</main>\n<dialog id=\"keys\" aria-labelledby=\"keys-title\">{}</dialog>\n", html_keys);
    out += fmt::format("<script type=\"application/json\" id=\"data\" data-start=\"{}\">{}</script>\n", start,
                       html_data(frames));
    return out + fmt::format("<script>{}</script>\n</body>\n</html>\n", html_script);
}

} // namespace trapgate::paint
