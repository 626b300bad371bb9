// SPDX-License-Identifier: MIT
// The HTML document and its data. How it behaves in a browser: tests/html/check.
#include "catch.hpp"
#include "frontend/paint/area.hpp"
#include "frontend/paint/html_parts.hpp"
#include "frontend/paint/text.hpp"
#include "paint_scene.hpp"

#include <nlohmann/json.hpp>

using namespace trapgate;
using namespace trapgate::paint;

namespace {

std::vector<Frame> pushes(int columns, int rows) {
    std::vector<Frame> frames;
    for (int now = 13; now <= 17; ++now)
        frames.push_back({"1207." + std::to_string(now), test::scene(columns, rows, now)});
    return frames;
}

/// The text of a frame as the script puts it together.
std::string text_of_frame(const nlohmann::json& data, std::size_t frame) {
    std::string out;
    for (const auto& line : data["frames"][frame]["rows"]) {
        std::string row;
        for (const auto& run : data["lines"][line.get<std::size_t>()]) row += run[1].get<std::string>();
        row.resize(row.find_last_not_of(' ') + 1);
        out += row + "\n";
    }
    return out;
}

} // namespace

TEST_CASE("the data of each frame is its text, at every size", "[paint]") {
    for (const auto& [columns, rows] : {std::pair{1, 1}, {80, 24}, {200, 60}}) {
        const auto frames = pushes(columns, rows);
        const auto data = nlohmann::json::parse(html_data(frames));
        REQUIRE(data["frames"].size() == frames.size());
        for (std::size_t i = 0; i < frames.size(); ++i) CHECK(text_of_frame(data, i) == text(frames[i].grid));
    }
}

TEST_CASE("rows that are equal in several frames are stored once", "[paint]") {
    const auto data = nlohmann::json::parse(html_data(pushes(80, 24)));
    CHECK(data["lines"].size() < 24 + 4 * 8);
    CHECK(data["frames"][2]["at"] == "1207.15");
    CHECK(data["frames"][2]["caption"] == "The processor pushes eflags & goes on.");
}

TEST_CASE("a click goes to moments that are in the document, and to no other", "[paint]") {
    auto frames = pushes(80, 24);
    frames.pop_back();
    const std::string data = html_data(frames);
    CHECK(data.find("\"1207.16\"]") != data.npos);
    CHECK(data.find("\"1207.17\"]") == data.npos);
}

TEST_CASE("panels can be read one after the other", "[paint]") {
    const auto parts = outline(test::scene(80, 24, 14));
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].label == "micro-steps of int 80h");
    REQUIRE(parts[0].lines.size() > 3);
    CHECK(parts[0].lines[1] == "+ 13 push old ss W4");
    CHECK(parts[0].lines[2] == "> 14 push old esp W4");
}

TEST_CASE("HTML loads nothing and cannot be broken out of", "[paint]") {
    Grid grid(40, 1);
    grid.title = "</title><script>alert(1)</script>";
    grid.caption = "</script><b>";
    Area(grid).text(0, 0, "</script><!-- & \xff", Style::Bad);
    const std::string page = html({{"1.1", grid}});
    CHECK(page.find("<script>alert") == page.npos);
    CHECK(page.find("</script><") == page.npos);
    CHECK(page.find("http://") == page.npos);
    CHECK(page.find("https://") == page.npos);
    CHECK(page.find("default-src 'none'") != page.npos);
}

TEST_CASE("HTML shows its first frame without the script too", "[paint]") {
    const std::string page = html(pushes(80, 24), find_theme("mono").value());
    CHECK(page.find("<span class=\"now\"> &gt; 13 push old ss") != page.npos);
    CHECK(page.find("data-theme=\"mono\"") != page.npos);
    CHECK(page.find("aria-live=\"polite\"") != page.npos);
}
