// SPDX-License-Identifier: MIT
#include "frontend/debug/source_files.hpp"

#include "base/guest_paths.hpp"

#include <filesystem>
#include <fstream>

namespace trapgate::frontend::debug {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders(Context& context) {
    std::vector<fs::path> all(context.source_folders.begin(), context.source_folders.end());
    all.emplace_back(".");
    all.push_back(fs::path(context.debuggee.program_name()).parent_path());
    for (const fs::path& guest : guest_folders()) {
        const fs::path tree = guest / "../../guest"; // build/guest stands in the tree
        all.insert(all.end(), {tree / "kernel", tree});
    }
    all.insert(all.end(), {"guest/kernel", "guest"});
    return all;
}

std::optional<std::vector<std::string>> read_lines(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) return std::nullopt;
    std::ifstream file(path);
    if (!file) return std::nullopt;
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

} // namespace

std::optional<std::vector<std::string>> source_lines(Context& context, const std::string& file) {
    const fs::path path(file);
    if (path.is_absolute())
        if (auto lines = read_lines(path)) return lines;
    for (const fs::path& folder : folders(context)) {
        if (auto lines = read_lines(folder / path.relative_path())) return lines;
        if (auto lines = read_lines(folder / path.filename())) return lines;
    }
    return std::nullopt;
}

} // namespace trapgate::frontend::debug
