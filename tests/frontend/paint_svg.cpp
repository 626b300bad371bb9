// SPDX-License-Identifier: MIT
// SVG: well-formed whatever is in the cells, and with the text that the text back end has.
#include "catch.hpp"
#include "frontend/paint/area.hpp"
#include "frontend/paint/line_art.hpp"
#include "frontend/paint/runs.hpp"
#include "frontend/paint/svg.hpp"
#include "paint_scene.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::paint;

namespace {

/// A strict little checker: every tag is closed in order, no bare & or <, attributes are quoted. Empty: well-formed.
std::string what_is_wrong(std::string_view xml) {
    std::vector<std::string> open;
    while (!xml.empty()) {
        const std::size_t tag = xml.find('<');
        const std::string_view content = xml.substr(0, tag);
        for (std::size_t at = content.find('&'); at != content.npos; at = content.find('&', at + 1))
            if (content.find(';', at) == content.npos || content.find(';', at) > at + 6) return "a bare &";
        if (tag == xml.npos) break;
        const std::size_t end = xml.find('>', tag);
        if (end == xml.npos) return "an open tag";
        const std::string_view inside = xml.substr(tag + 1, end - tag - 1);
        xml.remove_prefix(end + 1);
        if (std::count(inside.begin(), inside.end(), '"') % 2) return "odd quotes in " + std::string(inside);
        const std::string name(inside.substr(0, inside.find_first_of(" /", 1)));
        if (inside.starts_with('/')) {
            if (open.empty() || "/" + open.back() != inside) return "closes nothing: " + std::string(inside);
            open.pop_back();
        } else if (!inside.ends_with('/')) {
            open.push_back(name);
        }
    }
    return open.empty() ? "" : "never closed: " + open.back();
}

} // namespace

TEST_CASE("SVG is well-formed at every size and in every theme", "[paint]") {
    for (const auto& [columns, rows] : {std::pair{1, 1}, {7, 3}, {80, 24}, {200, 60}})
        for (int now = 13; now <= 17; ++now) {
            CHECK(what_is_wrong(svg(test::scene(columns, rows, now))) == "");
            for (const Theme& theme : all_themes())
                CHECK(what_is_wrong(svg(test::scene(columns, rows, now), &theme)) == "");
        }
}

TEST_CASE("SVG survives what a guest may put on the screen", "[paint]") {
    Grid grid(40, 2);
    grid.title = "a <b> & \"c\" \x01";
    Area(grid).text(0, 0, "</text><script>&amp;\x1b ]]> \xff", Style::Bad);
    Area(grid).put_vga(0, 1, U'<', 0x4f);
    const std::string out = svg(grid);
    CHECK(what_is_wrong(out) == "");
    CHECK(out.find("<script") == out.npos);
    CHECK(out.find("fill=\"#aa0000\"") != out.npos);
}

TEST_CASE("SVG says what it shows to those who do not see it", "[paint]") {
    const std::string out = svg(test::scene(80, 24, 13));
    CHECK(out.find("role=\"img\"") != out.npos);
    CHECK(out.find("<title id=\"title\">int 80h, micro-step 13</title>") != out.npos);
    CHECK(out.find("<desc id=\"desc\">The processor pushes ss &amp; goes on.</desc>") != out.npos);
    CHECK(out.find("<title>writes &quot;4&quot; bytes &lt;&amp; no more&gt;</title>") != out.npos);
    CHECK(out.find("prefers-color-scheme") != out.npos);
    CHECK(svg(test::scene(80, 24, 13), &default_theme()).find("prefers-color-scheme") == out.npos);
}

TEST_CASE("a box is four strokes, whatever its size", "[paint]") {
    Grid grid(30, 10);
    Area(grid).box();
    const auto strokes = strokes_of(grid);
    REQUIRE(strokes.size() == 4);
    CHECK(strokes[0] == Stroke{{1, 1}, {59, 1}, Style::Frame, Weight::Light});
    CHECK(strokes[3] == Stroke{{59, 1}, {59, 19}, Style::Frame, Weight::Light});
}

TEST_CASE("runs cover each row without gaps", "[paint]") {
    const Grid grid = test::scene(80, 24, 15);
    for (int y = 0; y < grid.rows(); ++y) {
        int x = 0;
        for (const Run& run : runs_of_row(grid, y)) {
            CHECK(run.x == x);
            CHECK(static_cast<int>(run.text.size()) == run.length);
            x += run.length;
        }
        CHECK(x == 80);
    }
}

TEST_CASE("JSON strings cannot end a script element", "[paint]") {
    CHECK(json_string("a\"b\\c\n</script>\x01") == "\"a\\\"b\\\\c\\n\\u003c/script>\\u0001\"");
}
