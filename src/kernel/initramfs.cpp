// SPDX-License-Identifier: MIT
// Building the initramfs: see the header.
#include "kernel/initramfs.hpp"

#include "kernel/boot_file.hpp"
#include "kernel/initramfs_tree.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>

namespace trapgate::kernel {

namespace {

namespace fs = std::filesystem;

/// Strings, each ended by a zero byte.
std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += word;
        text.push_back('\0');
    }
    return text;
}

/// PROG's path under `root` if it lies there.
std::optional<std::string> path_below(const std::string& program, const std::optional<std::string>& root) {
    if (!root) return std::nullopt;
    std::error_code error;
    const fs::path real = fs::canonical(program, error);
    const fs::path folder = fs::canonical(*root, error);
    if (error) return std::nullopt;
    const fs::path relative = real.lexically_relative(folder);
    if (relative.empty() || *relative.begin() == "..") return std::nullopt;
    return "/" + relative.string();
}

u32 mtime_of(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? static_cast<u32>(status.st_mtime) : 0;
}

Status add_built_ins(InitramfsTree& tree, const InitramfsPlan& plan) {
    for (const BuiltInFile& file : plan.files) {
        auto bytes = read_host_file(file.host_path);
        if (!bytes) return Error{bytes.error().message, 125}; // our own file: our failure
        TRY(put, tree.put_file(file.guest_path, std::move(bytes.value()), 0755, 0));
        (void)put;
    }
    for (const BuiltInLink& link : plan.links) {
        if (tree.has(link.guest_path)) continue;
        const std::string& target = link.target;
        TRY(put,
            tree.put(link.guest_path,
                     {S_IFLNK | 0777, 0, std::make_shared<const std::vector<u8>>(target.begin(), target.end())}));
        (void)put;
    }
    return Nothing{};
}

/// What our init runs, and how.
Status add_job(InitramfsTree& tree, const InitramfsPlan& plan, const std::string& program_path) {
    TRY(arguments, tree.put_text("/.trapgate/argv", joined(plan.arguments)));
    TRY(environment, tree.put_text("/.trapgate/env", joined(plan.environment)));
    TRY(folder, tree.put_text("/.trapgate/cwd", plan.working_directory));
    TRY(program, tree.put_text("/.trapgate/exe", program_path));
    (void)arguments, (void)environment, (void)folder, (void)program;
    return Nothing{};
}

} // namespace

Result<Initramfs> build_initramfs(const InitramfsPlan& plan) {
    InitramfsTree tree(plan.most_bytes);
    if (plan.root) {
        TRY(added, tree.add_host_tree(*plan.root));
        (void)added;
    }
    Initramfs result;
    if (const auto inside = path_below(plan.program, plan.root)) {
        result.program_path = *inside;
    } else {
        result.program_path = "/bin/" + fs::path(plan.program).filename().string();
        if (tree.has(result.program_path))
            result.notes.push_back(fmt::format("{}: hidden by {}", result.program_path, plan.program));
        TRY(put, tree.put_file(result.program_path, {plan.program_bytes.begin(), plan.program_bytes.end()}, 0755,
                               mtime_of(plan.program)));
        (void)put;
    }
    TRY(built_ins, add_built_ins(tree, plan));
    TRY(job, add_job(tree, plan, result.program_path));
    (void)built_ins, (void)job;
    result.notes.insert(result.notes.end(), tree.notes().begin(), tree.notes().end());
    result.archive = tree.write();
    return result;
}

} // namespace trapgate::kernel
