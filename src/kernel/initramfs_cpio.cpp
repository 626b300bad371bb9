// SPDX-License-Identifier: MIT
// The cpio writer: see the header.
#include "kernel/initramfs_cpio.hpp"

#include <array>
#include <fmt/format.h>
#include <iterator>

namespace trapgate::kernel {

void CpioWriter::pad() {
    while (bytes_.size() % 4) bytes_.push_back(0);
}

void CpioWriter::write(std::string_view path, const CpioMeta& meta, u32 inode, std::span<const u8> body) {
    constexpr u32 root = 0, device = 0, checksum = 0;
    const auto name_bytes = static_cast<u32>(path.size() + 1);
    const auto body_bytes = static_cast<u32>(body.size());
    // inode mode uid gid nlink mtime filesize dev-major dev-minor rdev-major rdev-minor namesize check
    const std::array<u32, 13> fields{inode,  meta.mode, root,   root,   meta.links, meta.mtime, body_bytes,
                                     device, device,    device, device, name_bytes, checksum};
    std::string header = "070701";
    for (const u32 field : fields) fmt::format_to(std::back_inserter(header), "{:08x}", field);
    bytes_.insert(bytes_.end(), header.begin(), header.end());
    bytes_.insert(bytes_.end(), path.begin(), path.end());
    bytes_.push_back(0);
    pad();
    bytes_.insert(bytes_.end(), body.begin(), body.end());
    pad();
}

u32 CpioWriter::add(std::string_view path, const CpioMeta& meta, std::span<const u8> body) {
    const u32 inode = next_inode_++;
    write(path, meta, inode, body);
    return inode;
}

u32 CpioWriter::add(std::string_view path, const CpioMeta& meta, std::string_view body) {
    return add(path, meta, std::span(reinterpret_cast<const u8*>(body.data()), body.size()));
}

void CpioWriter::add_link(std::string_view path, const CpioMeta& meta, u32 inode) {
    write(path, meta, inode, {});
}

std::vector<u8> CpioWriter::finish() {
    write("TRAILER!!!", {}, 0, {});
    return std::move(bytes_);
}

} // namespace trapgate::kernel
