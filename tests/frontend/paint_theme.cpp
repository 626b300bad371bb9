// SPDX-License-Identifier: MIT
// Themes and terminals: what is drawn can be read, with and without colour.
#include "catch.hpp"
#include "frontend/paint/ansi.hpp"
#include "frontend/paint/area.hpp"
#include "frontend/paint/text.hpp"

#include <fmt/format.h>
#include <regex>

using namespace trapgate;
using namespace trapgate::paint;

namespace {

Grid small_picture() {
    Grid grid(12, 2);
    const Area area(grid);
    area.text(0, 0, "RING 0", Style::Ring0, true);
    area.text(7, 0, "push", Style::Now);
    area.text(0, 1, "ss", Style::Cpu);
    area.put_vga(5, 1, U'A', 0x1f);
    return grid;
}

std::string without_escapes(const std::string& text) {
    return std::regex_replace(text, std::regex("\x1b\\[[0-9;]*m"), "");
}

} // namespace

TEST_CASE("every token is readable in every theme", "[paint]") {
    for (const Theme& theme : all_themes())
        for (std::size_t i = 0; i < style_count; ++i) {
            const auto style = static_cast<Style>(i);
            if (style == Style::Vga) continue;
            INFO(fmt::format("{} in {}", token(style), theme.name));
            const double least = style == Style::Frame ? 3 : theme.contrast;
            for (const bool inverse : {false, true}) {
                const Ink ink = resolve(theme, {U'x', style, inverse});
                CHECK(contrast(ink.ink, ink.paper) >= least);
            }
        }
}

TEST_CASE("a marked row has one paper from end to end", "[paint]") {
    for (const Theme& theme : all_themes())
        for (const Style style : {Style::Text, Style::Dim, Style::Cpu, Style::NotYet, Style::Now})
            CHECK(resolve(theme, {U'x', style, true}).paper == theme.look(Style::Now).paper);
}

TEST_CASE("mono has no hues", "[paint]") {
    for (const Look& look : find_theme("mono").value()->looks) {
        CHECK(look.ink.red == look.ink.green);
        CHECK(look.ink.green == look.ink.blue);
    }
}

TEST_CASE("an unknown theme names the nearest one", "[paint]") {
    CHECK(find_theme("dark").value()->dark);
    CHECK(find_theme("lihgt").error().message == "lihgt: no such theme; did you mean light?");
    CHECK(find_theme("zebra").error().exit_code == 2);
}

TEST_CASE("the colours of a terminal follow its variables", "[paint]") {
    CHECK(depth_of({nullptr, nullptr, nullptr}) == ColourDepth::Plain);
    CHECK(depth_of({nullptr, "dumb", "truecolor"}) == ColourDepth::Plain);
    CHECK(depth_of({"1", "xterm-256color", "truecolor"}) == ColourDepth::Mono);
    CHECK(depth_of({"", "xterm-256color", nullptr}) == ColourDepth::Indexed);
    CHECK(depth_of({nullptr, "xterm", "truecolor"}) == ColourDepth::TrueColour);
    CHECK(depth_of({nullptr, "linux", nullptr}) == ColourDepth::Sixteen);
    CHECK(depth_of({nullptr, "vt220", nullptr}) == ColourDepth::Mono);
}

TEST_CASE("ANSI without its escapes is the text, cell by cell", "[paint]") {
    const Grid grid = small_picture();
    for (const auto depth :
         {ColourDepth::Mono, ColourDepth::Sixteen, ColourDepth::Indexed, ColourDepth::TrueColour})
        CHECK(without_escapes(ansi(grid, default_theme(), depth)) == "RING 0 push \nss   A      \n");
    CHECK(ansi(grid, default_theme(), ColourDepth::Plain) == text(grid));
}

TEST_CASE("mono output holds no colour", "[paint]") {
    const std::string out = ansi(small_picture(), default_theme(), ColourDepth::Mono);
    CHECK(out == "\x1b[0;1;7mRING 0\x1b[0m \x1b[0;1;7mpush\x1b[0m \n\x1b[0;1mss\x1b[0m   A      \n");
}

TEST_CASE("sixteen colours leave the terminal's paper alone, but for the guest's own screen", "[paint]") {
    const std::string out = ansi(small_picture(), default_theme(), ColourDepth::Sixteen);
    CHECK(out == "\x1b[0;91;7mRING 0\x1b[0m \x1b[0;1;7mpush\x1b[0m \n"
                 "\x1b[0;93mss\x1b[0m   \x1b[0;97;44mA\x1b[0m      \n");
}

TEST_CASE("every row ends reset, whatever its last cell is", "[paint]") {
    Grid grid(1, 1);
    Area(grid).put(0, 0, U'x', Style::Bad);
    for (const Theme& theme : all_themes())
        CHECK(ansi(grid, theme, ColourDepth::TrueColour).ends_with("x\x1b[0m\n"));
}
