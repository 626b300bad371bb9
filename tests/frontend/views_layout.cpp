// SPDX-License-Identifier: MIT
// Layouts are pure: a model by hand, and what stands in the cells.
#include "../catch.hpp"
#include "frontend/paint/text.hpp"
#include "frontend/paint/unicode.hpp"
#include "frontend/views/json.hpp"
#include "frontend/views/views.hpp"
#include "views_scene.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace trapgate;
using namespace trapgate::frontend::views;

namespace {

std::string picture(const ViewModel& model, int columns, int rows, const Options& options = {}) {
    return paint::text(layout(model, columns, rows, options));
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char c : text)
        if (c == '\n')
            lines.emplace_back();
        else
            lines.back() += c;
    lines.pop_back();
    return lines;
}

bool has(const std::string& text, std::string_view what) {
    return text.find(what) != std::string::npos;
}

} // namespace

TEST_CASE("the whole page has every panel, every micro-step and every word of the frame", "[views]") {
    const std::string text = picture(tests::scene_of_a_push(), 126, 40);
    INFO(text);
    for (const char* what :
         {"RING 3 .. 0", "micro 13/19", "> 13 push old SS 007b", ". 19 TF NT RF VM", "+ 12 SS:ESP", "IDTR c1000000",
          "▼", "esp>c12fdffc ss       0000007b CPU", "ebx      ........ SAVE_ALL", "ring 3", "write(1,", "argv[0]",
          "INT writes nothing", "007b goes to", "c12fc000"})
        CHECK(has(text, what));
}

TEST_CASE("a small terminal has steps, kernel stack and registers, and the rest behind digits", "[views]") {
    const std::string text = picture(tests::scene_of_a_push(), 80, 24);
    INFO(text);
    for (const char* what :
         {"> 13 push old SS", "esp>c12fdffc ss", "ESP", "4 chain", "so the processor first saves"})
        CHECK(has(text, what));
    Options options;
    options.panel = "chain";
    const std::string with_chain = picture(tests::scene_of_a_push(), 80, 24, options);
    INFO(with_chain);
    CHECK(has(with_chain, "GDT[0c] 0060 code32"));
    CHECK(has(with_chain, "> 13 push old SS"));
}

TEST_CASE("no row of a picture is longer than the page, whatever its size", "[views]") {
    const ViewModel model = tests::scene_of_a_push();
    for (int columns = 1; columns < 210; columns += columns < 20 ? 1 : 17)
        for (int rows = 1; rows < 70; rows += rows < 12 ? 1 : 9)
            for (const char* panel : {"", "steps", "kernel-stack", "chain", "caption", "nonsense"}) {
                Options options;
                options.panel = panel;
                options.scroll = 3;
                const auto lines = lines_of(picture(model, columns, rows, options));
                REQUIRE(lines.size() == static_cast<std::size_t>(rows));
                for (const std::string& line : lines) REQUIRE(paint::width_of(line) <= columns);
            }
}

TEST_CASE("an empty model and a model of empty panels are drawn too", "[views]") {
    ViewModel model;
    model.view = "switch";
    CHECK_FALSE(picture(model, 80, 24).empty());
    model.panels = {
        {"steps", "", Meaning::Dim, StepsPanel{}},         {"kernel-stack", "", Meaning::Dim, StackPanel{}},
        {"registers", "", Meaning::Dim, RegistersPanel{}}, {"chain", "", Meaning::Dim, ChainPanel{}},
        {"timeline", "", Meaning::Dim, TimelinePanel{}},   {"caption", "", Meaning::Dim, CaptionPanel{}},
        {"table", "", Meaning::Dim, TablePanel{}},         {"text", "", Meaning::Dim, TextPanel{}}};
    for (const char* view : {"switch", "unknown"})
        for (const int size : {1, 2, 3, 5, 9, 24, 60}) {
            model.view = view;
            CHECK_FALSE(picture(model, size * 3, size).empty());
        }
}

TEST_CASE("the words of the stack keep their rows while a frame is pushed", "[views]") {
    for (const auto& [columns, rows] : {std::pair{126, 40}, std::pair{80, 24}, std::pair{200, 60}}) {
        ViewModel model = tests::scene_of_a_push();
        auto& stack = std::get<StackPanel>(model.panels[1].content);
        std::vector<std::size_t> seen;
        for (std::size_t pushed = 0; pushed < 5; ++pushed) {
            for (std::size_t i = 0; i < stack.slots.size(); ++i) {
                stack.slots[i].value = i <= pushed ? std::optional<u32>(1) : std::nullopt;
                stack.slots[i].mark = i == pushed ? Mark::Now : Mark::None;
            }
            stack.esp = stack.slots[pushed].address;
            const auto lines = lines_of(picture(model, columns, rows));
            const auto row =
                std::ranges::find_if(lines, [](const auto& line) { return has(line, "c12fdff4 eflags"); });
            REQUIRE(row != lines.end());
            seen.push_back(static_cast<std::size_t>(row - lines.begin()));
        }
        CHECK(std::ranges::count(seen, seen[0]) == 5);
    }
}

TEST_CASE("a deep stack is folded: its top frame and where the stack pointer is stay in view", "[views]") {
    ViewModel model = tests::scene_of_a_push();
    auto& stack = std::get<StackPanel>(model.panels[1].content);
    u32 address = stack.slots.back().address;
    for (int i = 0; i < 100; ++i) stack.slots.push_back({.address = address -= 4, .value = 7, .who = "C"});
    stack.esp = address;
    stack.slots[0].mark = Mark::None;
    const std::string text = picture(model, 126, 40);
    INFO(text);
    CHECK(has(text, "c12fdffc ss"));
    CHECK(has(text, fmt::format("esp {:08x}", address)));
    CHECK(has(text, " words"));
}

TEST_CASE("high addresses are on top unless the reader turns it", "[views]") {
    const auto row_of = [](const std::string& text, std::string_view what) {
        const auto lines = lines_of(text);
        return std::ranges::find_if(lines, [&](const auto& line) { return has(line, what); }) - lines.begin();
    };
    const ViewModel model = tests::scene_of_a_push();
    Options turned;
    turned.low_on_top = true;
    CHECK(row_of(picture(model, 126, 40), "c12fdffc ss") < row_of(picture(model, 126, 40), "c12fdfec eip"));
    CHECK(row_of(picture(model, 126, 40, turned), "c12fdffc ss") >
          row_of(picture(model, 126, 40, turned), "c12fdfec eip"));
}

TEST_CASE("ASCII pictures hold nothing but ASCII", "[views]") {
    Options options;
    options.ascii = true;
    for (const char c : picture(tests::scene_of_a_push(), 126, 40, options))
        REQUIRE(static_cast<unsigned char>(c) < 128);
}

TEST_CASE("what is in cells knows what a click does", "[views]") {
    const paint::Grid grid = layout(tests::scene_of_a_push(), 126, 40, {});
    int steps = 0;
    for (const paint::Node& node : grid.nodes()) steps += node.command.starts_with("goto 1207.");
    CHECK(steps == 20);
    CHECK(grid.title == "int 80 at 1207.13: push old SS");
    CHECK(grid.caption.starts_with("The privilege level changes"));
}

TEST_CASE("JSON of a model names its schema and has every panel", "[views]") {
    const auto json = to_json(tests::scene_of_a_push());
    CHECK(json["schema"] == "trapgate.view/1");
    CHECK(json["header"]["at"] == "1207.13");
    CHECK(json["header"]["badge"]["text"] == "RING 3 .. 0");
    REQUIRE(json["panels"].size() == 7);
    CHECK(json["panels"][0]["kind"] == "steps");
    CHECK(json["panels"][0]["steps"][13]["mark"] == "now");
    CHECK(json["panels"][1]["slots"][0]["value"] == "0000007b");
    CHECK_FALSE(json["panels"][1]["slots"][1].contains("value"));
    CHECK(json["panels"][1]["slots"][1]["writer"] == "cpu");
    CHECK(json["panels"][2]["registers"][2]["now"] == "c12fdffc");
    CHECK(json["panels"][3]["chain"][1]["id"] == "chain.gate");
    CHECK(json["panels"][5]["timeline"][1]["began_by"] == "int 80");
    CHECK(nlohmann::json::parse(json.dump()) == nlohmann::json(json));
}

TEST_CASE("views are found by name and by an unambiguous beginning", "[views]") {
    REQUIRE(find_view("switch"));
    CHECK(find_view("sw") == find_view("switch"));
    CHECK_FALSE(find_view(""));
    CHECK_FALSE(find_view("nonsense"));
}
