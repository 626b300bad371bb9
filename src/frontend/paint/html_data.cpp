// SPDX-License-Identifier: MIT
// Frames as data: tables of kinds (class names), tooltips and rows, and per frame the numbers of its rows.
#include "frontend/paint/html_parts.hpp"

#include "frontend/paint/line_art.hpp"
#include "frontend/paint/runs.hpp"
#include "frontend/paint/unicode.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace trapgate::paint {

namespace {

/// Numbers for things in the order they first come.
class Table {
  public:
    std::size_t number(const std::string& thing) {
        const auto [at, added] = numbers_.emplace(thing, things_.size());
        if (added) things_.push_back(thing);
        return at->second;
    }
    const std::vector<std::string>& things() const { return things_; }

  private:
    std::map<std::string, std::size_t> numbers_;
    std::vector<std::string> things_;
};

std::string class_of(const Cell& look) {
    if (look.style == Style::Vga) {
        const int ink = look.vga & 15, paper = look.vga >> 4 & 7;
        return look.inverse ? fmt::format("f{} b{}", paper, ink) : fmt::format("f{} b{}", ink, paper);
    }
    return fmt::format("{}{}", token(look.style), look.inverse ? " i" : "");
}

/// Trailing blanks are cut where one would not see them.
std::vector<Run> visible_runs(const Grid& grid, int y) {
    std::vector<Run> runs = runs_of_row(grid, y);
    while (!runs.empty()) {
        const Cell& look = runs.back().look;
        const bool has_paper = look.inverse || look.style == Style::Vga || default_theme().look(look.style).paper;
        if (has_paper || runs.back().text.find_first_not_of(U' ') != std::u32string::npos) break;
        runs.pop_back();
    }
    return runs;
}

std::string join(const std::vector<std::string>& pieces) {
    return fmt::format("{}", fmt::join(pieces, ","));
}

std::string json_strings(const std::vector<std::string>& strings) {
    std::vector<std::string> quoted;
    for (const std::string& string : strings) quoted.push_back(json_string(string));
    return join(quoted);
}

class Data {
  public:
    explicit Data(const std::vector<Frame>& frames) : frames_(frames) {}

    std::string json() {
        std::vector<std::string> frames;
        for (const Frame& frame : frames_) frames.push_back(frame_json(frame));
        return fmt::format("{{\"kinds\":[{}],\n\"tips\":[{}],\n\"texts\":[{}],\n\"lines\":[{}],\n\"frames\":[{}]}}",
                           json_strings(kinds_.things()), json_strings(tips_.things()),
                           json_strings(texts_.things()), fmt::join(lines_.things(), ",\n"),
                           fmt::join(frames, ",\n"));
    }

  private:
    std::string frame_json(const Frame& frame) {
        const Grid& grid = frame.grid;
        std::vector<std::string> rows, parts;
        for (int y = 0; y < grid.rows(); ++y) rows.push_back(fmt::format("{}", lines_.number(row_json(grid, y))));
        for (const OutlinePart& part : outline(grid)) parts.push_back(part_json(part));
        return fmt::format("{{\"at\":{},\"title\":{},\"caption\":{},\"rows\":[{}],\"outline\":[{}]}}",
                           json_string(frame.time), json_string(grid.title), json_string(grid.caption), join(rows),
                           join(parts));
    }

    /// ["label", [number of a text, …]]
    std::string part_json(const OutlinePart& part) {
        std::vector<std::string> numbers;
        for (const std::string& line : part.lines) numbers.push_back(fmt::format("{}", texts_.number(line)));
        return fmt::format("[{},[{}]]", json_string(part.label), join(numbers));
    }

    /// [[kind, text], [kind, text, tooltip or -1, "time to go to"], …]
    std::string row_json(const Grid& grid, int y) {
        std::vector<std::string> runs;
        for (const Run& run : visible_runs(grid, y)) {
            const Node* node = grid.node(run.look.node);
            const std::string target = node ? target_of(*node) : "";
            std::string extra;
            if (node && (!node->tooltip.empty() || !target.empty()))
                extra = node->tooltip.empty() ? ",-1" : fmt::format(",{}", tips_.number(node->tooltip));
            if (!target.empty()) extra += "," + json_string(target);
            runs.push_back(
                fmt::format("[{},{}{}]", kinds_.number(class_of(run.look)), json_string(to_utf8(run.text)), extra));
        }
        return "[" + join(runs) + "]";
    }

    /// Here is no debugger to run commands; but those that go to a moment which is one of the frames can be done.
    std::string target_of(const Node& node) const {
        constexpr std::string_view go = "goto ";
        if (!node.command.starts_with(go)) return {};
        const std::string time = node.command.substr(go.size());
        return std::ranges::find(frames_, time, &Frame::time) == frames_.end() ? "" : time;
    }

    const std::vector<Frame>& frames_;
    Table kinds_, tips_, lines_, texts_;
};

/// The smallest rectangle round the cells of a node.
Rect bounds_of(const Grid& grid, NodeId id) {
    int left = grid.columns(), top = grid.rows(), right = 0, bottom = 0;
    for (int y = 0; y < grid.rows(); ++y)
        for (int x = 0; x < grid.columns(); ++x)
            if (grid.at(x, y).node == id) {
                left = std::min(left, x), right = std::max(right, x + 1);
                top = std::min(top, y), bottom = std::max(bottom, y + 1);
            }
    return {left, top, std::max(right - left, 0), std::max(bottom - top, 0)};
}

std::string words_in_row(const Grid& grid, Rect rect, int y) {
    std::string words;
    for (int x = rect.x; x < rect.right(); ++x) {
        const char32_t c = grid.at(x, y).character;
        const bool blank = c == U' ' || arms_of(c);
        if (blank && (words.empty() || words.back() == ' ')) continue;
        append_utf8(words, blank ? U' ' : c);
    }
    words.resize(words.find_last_not_of(' ') + 1);
    return words;
}

} // namespace

std::string html_data(const std::vector<Frame>& frames) {
    return Data(frames).json();
}

std::string html_screen(const Grid& grid) {
    std::string out;
    for (int y = 0; y < grid.rows(); ++y) {
        out += "<span>";
        for (const Run& run : visible_runs(grid, y))
            out +=
                fmt::format("<span class=\"{}\">{}</span>", class_of(run.look), escape_markup(to_utf8(run.text)));
        out += "\n</span>";
    }
    return out;
}

std::vector<OutlinePart> outline(const Grid& grid) {
    std::vector<OutlinePart> parts;
    for (std::size_t i = 0; i < grid.nodes().size(); ++i) {
        if (grid.nodes()[i].role != Role::Region) continue;
        const Rect rect = bounds_of(grid, static_cast<NodeId>(i + 1));
        OutlinePart part{grid.nodes()[i].label, {}};
        // The row of the frame repeats the label.
        const bool framed = rect.height > 0 && grid.at(rect.x, rect.y).character == U'┌';
        for (int y = rect.y + (framed ? 1 : 0); y < rect.bottom(); ++y)
            if (std::string words = words_in_row(grid, rect, y); !words.empty())
                part.lines.push_back(std::move(words));
        parts.push_back(std::move(part));
    }
    return parts;
}

} // namespace trapgate::paint
