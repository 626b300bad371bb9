// SPDX-License-Identifier: MIT
// Reading ELF headers: see the header. Every number in the file may be a lie.
#include "kernel/elf_image.hpp"

#include <array>
#include <cstring>
#include <elf.h>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

Error unusable(std::string_view name, std::string_view what) {
    return {fmt::format("{}: {}", name, what), 126};
}

template <class T> T read_at(std::span<const u8> file, std::size_t offset) {
    T value;
    std::memcpy(&value, file.data() + offset, sizeof(T));
    return value;
}

std::string machine_text(u16 machine) {
    switch (machine) {
    case EM_ARM: return "ARM";
    case EM_AARCH64: return "64-bit ARM";
    case EM_RISCV: return "RISC-V";
    case EM_PPC: return "PowerPC";
    case EM_PPC64: return "64-bit PowerPC";
    case EM_MIPS: return "MIPS";
    case EM_S390: return "S/390";
    case EM_SPARC: return "SPARC";
    default: return fmt::format("machine number {}", machine);
    }
}

/// The identification and what kind of file this is.
Status check_kind(std::span<const u8> file, std::string_view name) {
    if (!looks_like_elf(file)) return unusable(name, "is no ELF file");
    if (file.size() < EI_NIDENT + 4) return unusable(name, "is an ELF file cut off in its header");
    const auto machine = read_at<u16>(file, EI_NIDENT + 2);
    if (file[EI_DATA] == ELFDATA2MSB)
        return unusable(name, "is a big-endian ELF file; this processor is little-endian");
    if (machine == EM_X86_64)
        return unusable(name, "is an x86-64 program: this processor runs i386 (x86-64 isn't supported yet)");
    if (machine != EM_386)
        return unusable(name, fmt::format("is a program for {}; this processor runs i386", machine_text(machine)));
    if (file[EI_CLASS] != ELFCLASS32 || file[EI_DATA] != ELFDATA2LSB)
        return unusable(name, "calls itself i386, but is no 32-bit little-endian ELF file");
    if (file.size() < sizeof(Elf32_Ehdr)) return unusable(name, "is an ELF file cut off in its header");
    return Nothing{};
}

Status check_segment(const ElfSegment& segment, std::size_t number, std::size_t file_bytes, std::string_view name) {
    if (segment.type != elf::load && segment.type != elf::interpreter) return Nothing{};
    const auto complaint = [&](std::string_view what) {
        return unusable(name, fmt::format("bad program header {}: {}", number, what));
    };
    if (segment.offset > file_bytes || segment.file_bytes > file_bytes - segment.offset)
        return complaint("the segment ends beyond the end of the file (is the file cut off?)");
    if (segment.type != elf::load) return Nothing{};
    if (segment.file_bytes > segment.memory_bytes) return complaint("more bytes in the file than in memory");
    constexpr u64 four_gb = u64{1} << 32;
    if (u64{segment.virtual_address} + segment.memory_bytes > four_gb ||
        u64{segment.physical_address} + segment.memory_bytes > four_gb)
        return complaint("the segment runs past 4 GB");
    return Nothing{};
}

} // namespace

bool looks_like_elf(std::span<const u8> file) {
    return file.size() >= SELFMAG && std::memcmp(file.data(), ELFMAG, SELFMAG) == 0;
}

Result<ElfImage> read_elf_image(std::span<const u8> file, std::string_view name) {
    TRY(kind, check_kind(file, name));
    (void)kind;
    const auto header = read_at<Elf32_Ehdr>(file, 0);
    if (header.e_phnum == 0) return unusable(name, "has no program headers: there is nothing to load");
    if (header.e_phentsize != sizeof(Elf32_Phdr))
        return unusable(name, fmt::format("has program headers of {} bytes instead of {}", header.e_phentsize,
                                          sizeof(Elf32_Phdr)));
    if (header.e_phoff > file.size() || header.e_phnum > (file.size() - header.e_phoff) / sizeof(Elf32_Phdr))
        return unusable(name, "has program headers beyond the end of the file (is the file cut off?)");

    ElfImage image{header.e_type, header.e_entry, {}};
    for (std::size_t i = 0; i < header.e_phnum; ++i) {
        const auto raw = read_at<Elf32_Phdr>(file, header.e_phoff + i * sizeof(Elf32_Phdr));
        const ElfSegment segment{raw.p_type,   raw.p_offset, raw.p_vaddr, raw.p_paddr,
                                 raw.p_filesz, raw.p_memsz,  raw.p_flags, raw.p_align};
        TRY(checked, check_segment(segment, i, file.size(), name));
        (void)checked;
        image.segments.push_back(segment);
    }
    return image;
}

} // namespace trapgate::kernel
