// SPDX-License-Identifier: MIT
// What DebugInfo keeps of libdw, for the files that implement it. Nobody else includes this.
#pragma once

#include "kernel/debug_info.hpp"
#include "kernel/elf_handle.hpp"

#include <cstdlib>
#include <elfutils/libdw.h>
#include <map>

namespace trapgate::kernel {

struct DebugInfo::Impl {
    explicit Impl(ElfHandle handle)
        : elf(std::move(handle)), dwarf(dwarf_begin_elf(elf.get(), DWARF_C_READ, nullptr)) {}
    ~Impl() {
        if (eh_frames) dwarf_cfi_end(eh_frames);
        dwarf_end(dwarf);
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ElfHandle elf;
    Dwarf* dwarf;                   ///< null: the file has no DWARF
    Dwarf_CFI* eh_frames = nullptr; ///< of .eh_frame, once asked for
    bool eh_frames_known = false;
    std::map<std::string, std::optional<Layout>, std::less<>> structures; ///< those asked for before
};

} // namespace trapgate::kernel
