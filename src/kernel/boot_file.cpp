// SPDX-License-Identifier: MIT
// Reading whole files of the host: see the header.
#include "kernel/boot_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapgate::kernel {

namespace {

constexpr int unusable = 126, not_found = 127;
constexpr s64 largest_file = s64{4} << 30; // more than a 32-bit machine can hold

/// Closes on every way out.
struct Descriptor {
    int number;
    ~Descriptor() {
        if (number >= 0) close(number);
    }
};

Error trouble(const std::string& path, int error) {
    return {path + ": " + std::strerror(error), error == ENOENT || error == ENOTDIR ? not_found : unusable};
}

} // namespace

Result<std::vector<u8>> read_host_file(const std::string& path) {
    const Descriptor file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.number < 0) return trouble(path, errno);
    struct stat status {};
    if (fstat(file.number, &status) != 0) return trouble(path, errno);
    if (S_ISDIR(status.st_mode)) return Error{path + ": is a directory", unusable};
    if (!S_ISREG(status.st_mode)) return Error{path + ": is no regular file", unusable};
    if (status.st_size > largest_file) return Error{path + ": is larger than any memory of the guest", unusable};
    std::vector<u8> bytes(static_cast<std::size_t>(status.st_size));
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t count = read(file.number, bytes.data() + have, bytes.size() - have);
        if (count < 0 && errno != EINTR) return trouble(path, errno);
        if (count == 0) bytes.resize(have); // it has shrunk meanwhile
        if (count > 0) have += static_cast<std::size_t>(count);
    }
    return bytes;
}

} // namespace trapgate::kernel
