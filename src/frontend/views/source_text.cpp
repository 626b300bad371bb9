// SPDX-License-Identifier: MIT
#include "frontend/views/source_text.hpp"

#include "base/guest_paths.hpp"

#include <filesystem>
#include <fstream>
#include <map>
#include <vector>

namespace trapgate::frontend::views {

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

constexpr std::uintmax_t largest_source = 4u << 20;

/// Paths of the guest's own sources begin at the top of the project; the built guest lies two folders below it.
std::vector<fs::path> candidates(const std::string& path) {
    std::vector<fs::path> found{path};
    if (fs::path(path).is_absolute()) return found;
    for (const fs::path& guest : guest_folders()) found.push_back(guest / ".." / ".." / path);
    return found;
}

Lines read(const std::string& path) {
    for (const fs::path& candidate : candidates(path)) {
        std::error_code problem;
        if (!fs::is_regular_file(candidate, problem) || fs::file_size(candidate, problem) > largest_source ||
            problem)
            continue;
        std::ifstream file(candidate);
        Lines lines;
        for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
        return lines;
    }
    return {};
}

/// Without blanks at the ends; a tab within is one blank, other control characters are question marks.
std::string plain(const std::string& line) {
    std::string text;
    for (const char c : line) text += c == '\t' ? ' ' : static_cast<unsigned char>(c) < ' ' ? '?' : c;
    const auto first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

} // namespace

std::optional<std::string> source_text(const kernel::SourceLine& line) {
    static std::map<std::string, Lines> files;
    const std::string& path = line.path.empty() ? line.file : line.path;
    auto found = files.find(path);
    if (found == files.end()) found = files.emplace(path, read(path)).first;
    const auto number = static_cast<std::size_t>(line.line);
    if (line.line < 1 || number > found->second.size()) return std::nullopt;
    return plain(found->second[number - 1]);
}

} // namespace trapgate::frontend::views
