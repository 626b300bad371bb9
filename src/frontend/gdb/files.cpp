// SPDX-License-Identifier: MIT
#include "frontend/gdb/files.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapgate::frontend::gdb {

namespace {

// [gdb] "Errno Values"
constexpr int no_such_file = 2, bad_descriptor = 9, no_right = 13, invalid = 22;
constexpr std::size_t most_open = 64;

std::string refuse(int error) {
    return fmt::format("F-1,{:x}", error);
}

void put_big(std::string& out, u64 value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;) out += static_cast<char>(value >> (8 * i));
}

/// [gdb] "struct stat": numbers with the highest byte first.
std::string packed(const struct stat& s) {
    std::string out;
    for (const u64 word : {u64{0}, u64{s.st_ino}, u64{s.st_mode}, u64{s.st_nlink}, u64{0}, u64{0}, u64{0}})
        put_big(out, word, 4); // no device and no owner: they mean nothing to gdb
    for (const u64 word : {static_cast<u64>(s.st_size), u64{512}, static_cast<u64>(s.st_blocks)})
        put_big(out, word, 8);
    for (const time_t time : {s.st_atime, s.st_mtime, s.st_ctime}) put_big(out, static_cast<u64>(time), 4);
    return out;
}

} // namespace

Files::~Files() {
    for (const auto& [name, descriptor] : open_) ::close(descriptor);
}

std::string Files::answer(std::string_view request) {
    Fields fields(request);
    if (fields.take("setfs:")) return "F0"; // there is one file system only, whatever process is meant
    if (fields.take("open:")) return open(fields);
    if (fields.take("pread:")) return read(fields);
    if (fields.take("fstat:")) return status(fields);
    if (fields.take("close:")) return close(fields);
    return {};
}

std::string Files::open(Fields fields) {
    const auto path = from_hex(fields.up_to(','));
    const auto flags = fields.number();
    if (!path || !flags) return refuse(invalid);
    if (std::find(paths_.begin(), paths_.end(), *path) == paths_.end()) return refuse(no_such_file);
    if (*flags & 3) return refuse(no_right); // for writing
    if (open_.size() >= most_open) return refuse(no_right);
    const int descriptor = ::open(path->c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return refuse(no_such_file);
    open_[next_] = descriptor;
    return fmt::format("F{:x}", next_++);
}

std::string Files::read(Fields fields) {
    const auto name = fields.number32();
    if (!name || !fields.take(",")) return refuse(invalid);
    const auto count = fields.number();
    if (!count || !fields.take(",")) return refuse(invalid);
    const auto offset = fields.number();
    const auto found = open_.find(*name);
    if (!offset || *offset > ~u64{0} >> 1) return refuse(invalid);
    if (found == open_.end()) return refuse(bad_descriptor);
    std::string bytes(std::min<u64>(*count, packet_limit / 2 - 32), '\0'); // each may be sent as two
    const ssize_t got = ::pread(found->second, bytes.data(), bytes.size(), static_cast<off_t>(*offset));
    if (got < 0) return refuse(invalid);
    bytes.resize(static_cast<std::size_t>(got));
    return fmt::format("F{:x};", got) + bytes;
}

std::string Files::status(Fields fields) {
    const auto name = fields.number32();
    const auto found = name ? open_.find(*name) : open_.end();
    struct stat status {};
    if (found == open_.end() || ::fstat(found->second, &status) != 0) return refuse(bad_descriptor);
    const std::string bytes = packed(status);
    return fmt::format("F{:x};", bytes.size()) + bytes;
}

std::string Files::close(Fields fields) {
    const auto name = fields.number32();
    const auto found = name ? open_.find(*name) : open_.end();
    if (found == open_.end()) return refuse(bad_descriptor);
    ::close(found->second);
    open_.erase(found);
    return "F0";
}

} // namespace trapgate::frontend::gdb
