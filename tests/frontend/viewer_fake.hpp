// SPDX-License-Identifier: MIT
// A debugger made by hand, for tests of what is in front of it: it notes every line, and shows always the same moment.
#pragma once

#include "frontend/viewer/debugged.hpp"

#include "views_scene.hpp"

namespace trapgate::tests {

class FakeDebugged final : public frontend::viewer::Debugged {
  public:
    using Outcome = frontend::debug::Outcome;

    Outcome execute(std::string_view line) override {
        lines.emplace_back(line);
        if (line == "quit") return {.text = "", .quit = true};
        if (line == "wrong") return {.text = "no such command: wrong\n", .error = true};
        if (line == "long") return {.text = long_answer()};
        if (line.starts_with("view ")) return {.text = "", .show_view = std::string(line.substr(5))};
        return {.text = "", .moved = true};
    }
    Outcome repeat() override { return execute("(repeated)"); }
    std::vector<std::string> complete(std::string_view) override { return completions; }
    void interrupt() override { ++interrupts; }
    Result<frontend::views::ViewModel> look(std::string_view view,
                                            const frontend::views::Options& options) override {
        ++looks;
        seen = options;
        if (view == "tasks") return Error{"no tasks here", 1};
        auto model = scene_of_a_push();
        model.view = view;
        return model;
    }
    std::string console() override { return "hello, world\r\nsecond line"; }
    void type(std::string_view bytes) override { typed += bytes; }

    static std::string long_answer() {
        std::string text;
        for (int i = 0; i < 100; ++i) text += "answer " + std::to_string(i) + "\n";
        return text;
    }

    std::vector<std::string> lines, completions;
    frontend::views::Options seen;
    std::string typed;
    int interrupts = 0, looks = 0;
};

} // namespace trapgate::tests
