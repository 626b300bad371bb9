// SPDX-License-Identifier: MIT
#include "frontend/explain/columns.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::frontend {

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
    std::vector<std::string> lines{""};
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
        if (!lines.back().empty()) lines.back() += ' ';
        lines.back() += word;
    }
    return lines;
}

std::vector<std::string> pack(const std::vector<Cell>& cells, const Style& style, std::size_t width) {
    std::vector<std::string> lines;
    std::size_t used = width;
    for (const Cell& cell : cells) {
        if (lines.empty() || used + 2 + cell.text.size() > width) {
            lines.emplace_back();
            used = 0;
        } else {
            lines.back() += "  ";
            used += 2;
        }
        lines.back() += style.paint(cell.tone, cell.text);
        used += cell.text.size();
    }
    return lines;
}

std::string columns_rows(std::string_view head, const std::vector<std::string>& left,
                         const std::vector<std::string>& right) {
    std::string rows;
    // A name that fills its column takes one more from the text's.
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
        const std::size_t room = i || head.size() < name_width + 5 ? name_width + 5 : head.size() + 1;
        std::string row = fmt::format("{:<{}}{:<{}} {}", i ? "" : head, room, i < left.size() ? left[i] : "",
                                      text_width + name_width + 5 - room, i < right.size() ? right[i] : "");
        row.erase(row.find_last_not_of(' ') + 1);
        rows += row + "\n";
    }
    return rows;
}

std::string trimmed(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out.erase(out.find_last_not_of(' ') + 1);
        out += c;
    }
    return out;
}

std::string rule(const Style& style, Tone tone, std::string_view text) {
    std::string line = fmt::format("---- {} ", text);
    line.append(line.size() < 118 ? 118 - line.size() : 0, '-');
    return style.paint(tone, line) + "\n";
}

} // namespace trapgate::frontend
