// SPDX-License-Identifier: MIT
// An ELF file opened for libelf and libdw, closed when the handle goes.
#pragma once

#include "base/result.hpp"

#include <string>

struct Elf;

namespace trapgate::kernel {

class ElfHandle {
  public:
    /// Errors: 127 if there is no such file, 126 if it cannot be read or is no ELF.
    static Result<ElfHandle> open(const std::string& path);
    ~ElfHandle();
    ElfHandle(ElfHandle&& other) noexcept;
    ElfHandle& operator=(ElfHandle&& other) noexcept;
    ElfHandle(const ElfHandle&) = delete;
    ElfHandle& operator=(const ElfHandle&) = delete;

    Elf* get() const { return elf_; }

  private:
    ElfHandle(int descriptor, Elf* elf) : descriptor_(descriptor), elf_(elf) {}
    int descriptor_ = -1;
    Elf* elf_ = nullptr;
};

} // namespace trapgate::kernel
