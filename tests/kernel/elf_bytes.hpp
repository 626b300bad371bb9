// SPDX-License-Identifier: MIT
// A small ELF32 file, to be spoilt by tests.
#pragma once

#include "base/types.hpp"

#include <cstring>
#include <elf.h>
#include <vector>

namespace trapgate::kernel::test {

struct ElfBytes {
    Elf32_Ehdr header{};
    std::vector<Elf32_Phdr> segments;
    std::vector<u8> contents = std::vector<u8>(64, 0x90); ///< behind the headers, at file offset 0x1000

    static constexpr u32 contents_offset = 0x1000;

    explicit ElfBytes(u32 address = 0x08048000) {
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS32;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_386;
        header.e_version = EV_CURRENT;
        header.e_entry = address;
        header.e_phoff = sizeof header;
        header.e_ehsize = sizeof header;
        header.e_phentsize = sizeof(Elf32_Phdr);
        segments.push_back({PT_LOAD, contents_offset, address, address, 64, 128, PF_R | PF_X, 0x1000});
    }
    std::vector<u8> bytes() const {
        Elf32_Ehdr head = header;
        if (!head.e_phnum) head.e_phnum = static_cast<u16>(segments.size());
        std::vector<u8> file(contents_offset);
        std::memcpy(file.data(), &head, sizeof head);
        std::memcpy(file.data() + sizeof head, segments.data(), segments.size() * sizeof(Elf32_Phdr));
        file.insert(file.end(), contents.begin(), contents.end());
        return file;
    }
};

} // namespace trapgate::kernel::test
