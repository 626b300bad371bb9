// SPDX-License-Identifier: MIT
// Whole files or none. Source: POSIX rename(): "If the link named by the new argument exists, it shall be removed and old renamed to new".
#include "frontend/output_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace trapgate::frontend {

namespace {

Error trouble(const std::string& path, int number) {
    return Error{fmt::format("{}: {}", path, std::strerror(number)), 125};
}

/// The file itself, not a link to it: a link stays a link.
std::string behind_links(const std::string& path) {
    std::error_code error;
    const auto target = std::filesystem::canonical(path, error);
    return error ? path : target.string();
}

/// An unused name in the same folder, so that renaming stays within one file system.
std::string name_beside(const std::string& path) {
    const std::filesystem::path place(path);
    return (place.parent_path() / fmt::format(".{}.{}", place.filename().string(), ::getpid())).string();
}

Status write_bytes(const std::string& path, std::string_view bytes) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (!file) return trouble(path, errno);
    bool good = std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    good = std::fflush(file) == 0 && good;
    const int number = errno;
    if (std::fclose(file) != 0 && good) return trouble(path, errno);
    if (!good) return trouble(path, number);
    return Nothing{};
}

/// The message is about the file that the user named.
Status in_the_name_of(const std::string& path, const std::string& temporary, Status status) {
    if (status) return status;
    Error error = status.error();
    for (auto at = error.message.find(temporary); at != std::string::npos; at = error.message.find(temporary))
        error.message.replace(at, temporary.size(), path);
    return error;
}

} // namespace

Status save_by(const std::string& path, const std::function<Status(const std::string& path)>& write) {
    struct stat found {};
    const bool exists = ::stat(path.c_str(), &found) == 0;
    if (exists && S_ISDIR(found.st_mode)) return trouble(path, EISDIR);
    if (exists && !S_ISREG(found.st_mode)) return write(path);
    if (exists && ::access(path.c_str(), W_OK) != 0) return trouble(path, errno);
    const std::string place = behind_links(path), temporary = name_beside(place);
    const Status written = in_the_name_of(path, temporary, write(temporary));
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    if (exists) ::chmod(temporary.c_str(), found.st_mode & 07777);
    if (::rename(temporary.c_str(), place.c_str()) == 0) return Nothing{};
    const int number = errno;
    ::unlink(temporary.c_str());
    return trouble(path, number);
}

Status save_file(const std::string& path, std::string_view bytes) {
    return save_by(path, [bytes](const std::string& to) { return write_bytes(to, bytes); });
}

} // namespace trapgate::frontend
