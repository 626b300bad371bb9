// SPDX-License-Identifier: MIT
// The tree of an initramfs: see the header.
#include "kernel/initramfs_tree.hpp"

#include "kernel/boot_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapgate::kernel {

namespace {

constexpr u32 folder_mode = S_IFDIR | 0755;
constexpr int deepest_folder = 100;
constexpr u64 room_of_entry = 200; ///< header and name, about

FileBody body_of(std::string_view text) {
    return std::make_shared<const std::vector<u8>>(text.begin(), text.end());
}

/// The names in a folder, sorted by bytes so that the host's order does not matter.
Result<std::vector<std::string>> list_folder(const std::string& path) {
    DIR* folder = opendir(path.c_str());
    if (!folder) return Error{path + ": " + std::strerror(errno), 126};
    std::vector<std::string> names;
    while (const dirent* found = readdir(folder)) {
        const std::string_view name = found->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    closedir(folder);
    std::sort(names.begin(), names.end());
    return names;
}

std::string read_link(const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t bytes = readlink(path.c_str(), target.data(), target.size());
    target.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    return target;
}

} // namespace

std::string InitramfsTree::relative(const std::string& guest_path) {
    return guest_path.starts_with('/') ? guest_path.substr(1) : guest_path;
}

void InitramfsTree::note(const std::string& host_path, std::string_view what) {
    notes_.push_back(fmt::format("{}: {}", host_path, what));
}

Status InitramfsTree::account(u64 bytes, const std::string& host_path) {
    bytes_ += bytes;
    if (bytes_ > most_bytes_)
        return Error{fmt::format("-m is too small: the files for the guest, up to {}, are larger than its memory",
                                 host_path),
                     125};
    return Nothing{};
}

// --- From the host -------------------------------------------------------------------------------------

Status InitramfsTree::add_host_tree(const std::string& host_root) {
    struct stat status {};
    if (stat(host_root.c_str(), &status) != 0)
        return Error{fmt::format("--root {}: {}", host_root, std::strerror(errno)), 125};
    if (!S_ISDIR(status.st_mode)) return Error{fmt::format("--root {}: is no folder", host_root), 125};
    if (access(host_root.c_str(), R_OK | X_OK) != 0)
        return Error{fmt::format("--root {}: {}", host_root, std::strerror(errno)), 125};
    return add_host_folder(host_root, "", 0);
}

Status InitramfsTree::add_host_folder(const std::string& host_path, const std::string& guest_path, int depth) {
    const auto names = list_folder(host_path);
    if (!names) {
        notes_.push_back(names.error().message);
        return Nothing{};
    }
    for (const std::string& name : names.value()) {
        TRY(added,
            add_host_entry(host_path + "/" + name, guest_path.empty() ? name : guest_path + "/" + name, depth + 1));
        (void)added;
    }
    return Nothing{};
}

Status InitramfsTree::add_host_entry(const std::string& host_path, const std::string& guest_path, int depth) {
    struct stat status {};
    if (lstat(host_path.c_str(), &status) != 0) {
        note(host_path, std::strerror(errno));
        return Nothing{};
    }
    TreeEntry entry{static_cast<u32>(status.st_mode), static_cast<u32>(status.st_mtime), nullptr};
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR:
        entries_[guest_path] = entry;
        if (depth >= deepest_folder) {
            note(host_path, "folders are too deep: what is inside is left out");
            return Nothing{};
        }
        return add_host_folder(host_path, guest_path, depth);
    case S_IFREG: {
        const std::pair<u64, u64> identity{status.st_dev, status.st_ino};
        if (const auto known = shared_.find(identity); status.st_nlink > 1 && known != shared_.end()) {
            entry.body = known->second;
            break;
        }
        TRY(fits, account(static_cast<u64>(status.st_size), host_path));
        (void)fits;
        auto bytes = read_host_file(host_path);
        if (!bytes) {
            notes_.push_back(bytes.error().message);
            return Nothing{};
        }
        entry.body = std::make_shared<const std::vector<u8>>(std::move(bytes.value()));
        if (status.st_nlink > 1) shared_[identity] = entry.body;
        break;
    }
    case S_IFLNK: {
        std::string target = read_link(host_path);
        if (target.empty()) { // /proc has such links
            note(host_path, "is a link that cannot be read: the guest does not get it");
            return Nothing{};
        }
        entry.body = body_of(std::move(target));
        break;
    }
    case S_IFIFO: break;
    default: note(host_path, "is a device or a socket: the guest does not get it"); return Nothing{};
    }
    entries_[guest_path] = entry;
    return Nothing{};
}

// --- Ours ----------------------------------------------------------------------------------------------

Status InitramfsTree::put(const std::string& guest_path, TreeEntry entry) {
    const std::string path = relative(guest_path);
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        const auto [found, made] = entries_.try_emplace(folder, TreeEntry{folder_mode, 0, nullptr});
        if (!made && !S_ISDIR(found->second.mode))
            return Error{fmt::format("--root has /{}, which is no folder, but /{} has to go there", folder, path),
                         125};
    }
    if (const auto there = entries_.find(path); there != entries_.end() && S_ISDIR(there->second.mode))
        return Error{fmt::format("--root has a folder /{}, but a file of ours has to go there", path), 125};
    entries_[path] = std::move(entry);
    return Nothing{};
}

Status InitramfsTree::put_file(const std::string& guest_path, std::vector<u8> bytes, u32 permissions, u32 mtime) {
    TRY(fits, account(bytes.size(), guest_path));
    (void)fits;
    return put(guest_path,
               {S_IFREG | permissions, mtime, std::make_shared<const std::vector<u8>>(std::move(bytes))});
}

Status InitramfsTree::put_text(const std::string& guest_path, std::string_view text) {
    return put(guest_path, {S_IFREG | 0644, 0, body_of(text)});
}

// --- Out -----------------------------------------------------------------------------------------------

std::vector<u8> InitramfsTree::write() const {
    // Names that share one body are hard links.
    std::map<const std::vector<u8>*, u32> names, inodes;
    for (const auto& [path, entry] : entries_)
        if (S_ISREG(entry.mode)) ++names[entry.body.get()];
    CpioWriter writer;
    writer.reserve(bytes_ + entries_.size() * room_of_entry);
    writer.add(".", {folder_mode, 0, 2}, std::string_view{});
    for (const auto& [path, entry] : entries_) {
        CpioMeta meta{entry.mode, entry.mtime, S_ISDIR(entry.mode) ? 2u : 1u};
        const auto* body = entry.body.get();
        if (S_ISREG(entry.mode)) meta.links = names[body];
        if (const auto known = inodes.find(body); body && meta.links > 1 && known != inodes.end()) {
            writer.add_link(path, meta, known->second);
            continue;
        }
        const u32 inode = writer.add(path, meta, body ? std::span<const u8>(*body) : std::span<const u8>{});
        if (body && S_ISREG(entry.mode)) inodes[body] = inode;
    }
    return writer.finish();
}

} // namespace trapgate::kernel
