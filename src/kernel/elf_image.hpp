// SPDX-License-Identifier: MIT
// The headers of a 32-bit little-endian ELF file, read from bytes that nobody has checked before.
// Source: [ELF] "ELF Header", "Program Header".
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

namespace elf {
constexpr u16 relocatable = 1, executable = 2, shared = 3, core = 4; ///< e_type
constexpr u16 machine_386 = 3, machine_x86_64 = 62;                  ///< e_machine
constexpr u32 load = 1, interpreter = 3;                             ///< p_type
} // namespace elf

struct ElfSegment {
    u32 type = 0;
    u32 offset = 0; ///< in the file
    u32 virtual_address = 0;
    u32 physical_address = 0;
    u32 file_bytes = 0;
    u32 memory_bytes = 0; ///< what the file does not give is zero
    u32 flags = 0;
    u32 alignment = 0;
};

struct ElfImage {
    u16 type = 0;
    u32 entry = 0;
    std::vector<ElfSegment> segments;
};

/// True if the bytes begin like an ELF file of whatever kind.
bool looks_like_elf(std::span<const u8> file);

/// The headers. Every segment of type `load` or `interpreter` lies inside the file, has room in memory for what the file gives,
/// and does not run past 4 GB. Errors (126) begin with `name`.
Result<ElfImage> read_elf_image(std::span<const u8> file, std::string_view name);

} // namespace trapgate::kernel
