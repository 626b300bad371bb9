// SPDX-License-Identifier: MIT
// The tree of an initramfs before it is written: paths in order, each a folder, a file, a symbolic link or a FIFO.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "kernel/initramfs_cpio.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace trapgate::kernel {

/// Contents that several names may share (hard links).
using FileBody = std::shared_ptr<const std::vector<u8>>;

struct TreeEntry {
    u32 mode = 0;
    u32 mtime = 0;
    FileBody body; ///< of files and links; null otherwise
};

class InitramfsTree {
  public:
    /// `most_bytes`: files stop being read when they make more than this.
    explicit InitramfsTree(u64 most_bytes) : most_bytes_(most_bytes) {}

    /// Everything under the folder `host_root`, as the guest's root. What cannot be taken along becomes a note.
    Status add_host_tree(const std::string& host_root);
    /// Puts an entry at a guest path, in place of whatever is there; missing folders are made.
    Status put(const std::string& guest_path, TreeEntry entry);
    Status put_file(const std::string& guest_path, std::vector<u8> bytes, u32 permissions, u32 mtime);
    Status put_text(const std::string& guest_path, std::string_view text);
    bool has(const std::string& guest_path) const { return entries_.contains(relative(guest_path)); }

    std::vector<u8> write() const;
    const std::vector<std::string>& notes() const { return notes_; }

  private:
    static std::string relative(const std::string& guest_path);
    Status add_host_folder(const std::string& host_path, const std::string& guest_path, int depth);
    Status add_host_entry(const std::string& host_path, const std::string& guest_path, int depth);
    Status account(u64 bytes, const std::string& host_path);
    void note(const std::string& host_path, std::string_view what);

    std::map<std::string, TreeEntry>
        entries_; ///< by path without the leading slash; a folder sorts before what is in it
    std::map<std::pair<u64, u64>, FileBody> shared_; ///< host (device, inode) of files with several names
    std::vector<std::string> notes_;
    u64 most_bytes_;
    u64 bytes_ = 0;
};

} // namespace trapgate::kernel
