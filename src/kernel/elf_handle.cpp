// SPDX-License-Identifier: MIT
#include "kernel/elf_handle.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <libelf.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace trapgate::kernel {

Result<ElfHandle> ElfHandle::open(const std::string& path) {
    elf_version(EV_CURRENT);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return Error{path + ": " + std::strerror(errno), errno == ENOENT || errno == ENOTDIR ? 127 : 126};
    struct stat status {};
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        return Error{path + ": not a regular file", 126};
    }
    Elf* elf = elf_begin(descriptor, ELF_C_READ, nullptr);
    if (!elf || elf_kind(elf) != ELF_K_ELF) {
        elf_end(elf);
        ::close(descriptor);
        return Error{path + ": not an ELF file", 126};
    }
    return ElfHandle(descriptor, elf);
}

ElfHandle::~ElfHandle() {
    elf_end(elf_);
    if (descriptor_ >= 0) ::close(descriptor_);
}

ElfHandle::ElfHandle(ElfHandle&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), elf_(std::exchange(other.elf_, nullptr)) {}

ElfHandle& ElfHandle::operator=(ElfHandle&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(elf_, other.elf_);
    return *this;
}

} // namespace trapgate::kernel
