// SPDX-License-Identifier: MIT
// Writing cpio archives of the "newc" kind, the format of an initramfs.
// Source: [cpio].
#pragma once

#include "base/types.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

/// One entry's properties. Owner is always root.
struct CpioMeta {
    u32 mode = 0;  ///< type and permissions, as in st_mode
    u32 mtime = 0; ///< seconds since 1970
    u32 links = 1;
};

class CpioWriter {
  public:
    /// About how long the archive will be: saves copies.
    void reserve(u64 bytes) { bytes_.reserve(bytes); }
    /// Adds an entry and gives its inode number. `path` without a leading slash; `body`: contents, or a link's target.
    u32 add(std::string_view path, const CpioMeta& meta, std::span<const u8> body);
    u32 add(std::string_view path, const CpioMeta& meta, std::string_view body);
    /// Another name of an entry that was added with `links` > 1.
    void add_link(std::string_view path, const CpioMeta& meta, u32 inode);
    /// Ends the archive. Nothing may be added after it.
    std::vector<u8> finish();

    std::size_t size() const { return bytes_.size(); }

  private:
    void write(std::string_view path, const CpioMeta& meta, u32 inode, std::span<const u8> body);
    void pad();

    std::vector<u8> bytes_;
    u32 next_inode_ = 1;
};

} // namespace trapgate::kernel
