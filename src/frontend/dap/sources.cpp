// SPDX-License-Identifier: MIT
// Our kernel and programs are compiled with paths relative to the project; other files may be anywhere.
#include "frontend/dap/sources.hpp"

#include "base/guest_paths.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trapgate::frontend::dap {

namespace fs = std::filesystem;

namespace {

constexpr u32 kernel_space = 0xc0000000;
constexpr std::size_t longest_comm = 15;

kernel::LineAddresses table_of(const std::string& path) {
    auto table = kernel::LineAddresses::from_file(path);
    return table ? std::move(table.value()) : kernel::LineAddresses{};
}

void add_with_parents(std::vector<std::string>& folders, fs::path folder) {
    std::error_code error;
    folder = fs::absolute(folder, error);
    for (int levels = 0; levels < 4 && !folder.empty(); ++levels) {
        folders.push_back(folder.string());
        folders.push_back((folder / "guest" / "kernel").string());
        if (folder == folder.parent_path()) break;
        folder = folder.parent_path();
    }
}

} // namespace

Sources::Sources(const Debuggee& debuggee, std::vector<std::string> folders)
    : debuggee_(debuggee), folders_(std::move(folders)) {
    const RunOptions& options = debuggee.options();
    if (!options.command.empty()) {
        program_ = table_of(options.command[0]);
        add_with_parents(folders_, fs::path(options.command[0]).parent_path());
    }
    std::string kernel_file = options.kernel.value_or("");
    if (kernel_file.empty())
        if (const auto own = find_guest_file("vmlinux")) kernel_file = own->string();
    if (!kernel_file.empty()) {
        kernel_ = table_of(kernel_file);
        add_with_parents(folders_, fs::path(kernel_file).parent_path());
    }
    std::error_code error;
    add_with_parents(folders_, fs::current_path(error));
}

/// A program that another one has started has code of its own at the same addresses.
bool Sources::program_runs() const {
    if (!debuggee_.guest() || debuggee_.options().command.empty()) return true;
    const auto task = debuggee_.task();
    const std::string name = fs::path(debuggee_.options().command[0]).filename().string();
    return task && task->comm == name.substr(0, longest_comm);
}

const kernel::LineRange* Sources::line_of(u32 linear) const {
    if (const auto* range = kernel_.at(linear)) return range;
    return linear < kernel_space && program_runs() ? program_.at(linear) : nullptr;
}

const std::string& Sources::file_of(const kernel::LineRange& range) const {
    return kernel_.at(range.begin) == &range ? kernel_.file_name(range) : program_.file_name(range);
}

std::optional<kernel::LinePlace> Sources::find(const std::string& file, int line) const {
    auto place = program_.find(file, line, debuggee_.program_symbols());
    return place ? place : kernel_.find(file, line, debuggee_.kernel_symbols());
}

std::vector<int> Sources::lines(const std::string& file, int first, int last) const {
    auto found = program_.lines(file, first, last);
    return found.empty() ? kernel_.lines(file, first, last) : found;
}

std::string Sources::find_on_host(const std::string& file) const {
    std::error_code error;
    if (file.starts_with('/')) return fs::is_regular_file(file, error) ? file : "";
    for (const std::string& folder : folders_) {
        const fs::path path = fs::path(folder) / file;
        if (fs::is_regular_file(path, error)) return fs::weakly_canonical(path, error).string();
    }
    return {};
}

Json Sources::source(const std::string& file) {
    auto known = paths_.find(file);
    if (known == paths_.end()) known = paths_.emplace(file, find_on_host(file)).first;
    Json source{{"name", fs::path(file).filename().string()}};
    if (!known->second.empty())
        source["path"] = known->second;
    else
        source["origin"] = file + ", which is not on this machine (see sourceFolders)";
    return source;
}

Result<std::string> Sources::content(const std::string& path) {
    const Json found = source(path);
    if (!found.contains("path")) return Error{path + ": not on this machine"};
    std::ifstream in(found["path"].get<std::string>(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{path + ": cannot be read"};
    return text.str();
}

} // namespace trapgate::frontend::dap
