// SPDX-License-Identifier: MIT
// Reading the Multiboot header: see the header.
#include "kernel/multiboot_header.hpp"

#include "kernel/elf_image.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <optional>

namespace trapgate::kernel {

namespace {

constexpr u32 header_magic = 0x1badb002;
constexpr std::size_t search_bytes = 8192;
constexpr u32 flag_video = 1u << 2, flag_addresses = 1u << 16;
constexpr u32 known_requirements = 0x3; // bit 0: modules on pages, bit 1: memory sizes; we do both always

struct Header {
    u32 magic, flags, checksum;
    u32 header_address, load_address, load_end, bss_end, entry; // with flag_addresses
};

Error unusable(std::string_view name, std::string_view what) {
    return {fmt::format("{}: {}", name, what), 126};
}

u32 word_at(std::span<const u8> file, std::size_t offset) {
    u32 value = 0;
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
}

std::optional<std::size_t> find_header(std::span<const u8> file) {
    const std::size_t end = std::min(file.size(), search_bytes);
    for (std::size_t offset = 0; offset + 12 <= end; offset += 4)
        if (word_at(file, offset) == header_magic &&
            word_at(file, offset) + word_at(file, offset + 4) + word_at(file, offset + 8) == 0)
            return offset;
    return std::nullopt;
}

/// A kernel may ask for a video mode: the text screen is there, and nothing else.
Status check_video(std::span<const u8> file, std::size_t at, std::string_view name) {
    constexpr std::size_t mode_type = 32, width = 36, height = 40;
    if (at + height + 4 > file.size()) return unusable(name, "is cut off in its Multiboot header");
    if (word_at(file, at + mode_type) == 1) return Nothing{};
    return unusable(name,
                    fmt::format("asks the boot loader for a graphics mode ({}x{}): only the text screen is there",
                                word_at(file, at + width), word_at(file, at + height)));
}

Status check_flags(std::span<const u8> file, std::size_t at, std::string_view name) {
    const u32 flags = word_at(file, at + 4);
    if (flags & flag_video) {
        TRY(checked, check_video(file, at, name));
        (void)checked;
    }
    if (const u32 unknown = flags & 0xffff & ~(known_requirements | flag_video))
        return unusable(
            name, fmt::format("asks the boot loader for what Multiboot 1 does not know (flags {:#x})", unknown));
    return Nothing{};
}

/// The image with address fields: one piece, its bss behind it.
Result<MultibootImage> read_address_fields(std::span<const u8> file, std::size_t at, std::string_view name) {
    if (at + sizeof(Header) > file.size()) return unusable(name, "is cut off in its Multiboot header");
    Header header;
    std::memcpy(&header, file.data() + at, sizeof header);
    if (header.load_address > header.header_address || header.header_address - header.load_address > at)
        return unusable(name, "has Multiboot address fields that begin before the file does");
    const auto from_start = file.subspan(at - (header.header_address - header.load_address));
    u64 bytes = from_start.size();
    if (header.load_end) {
        if (header.load_end < header.load_address || header.load_end - header.load_address > bytes)
            return unusable(name, "has Multiboot address fields that end beyond the file (is it cut off?)");
        bytes = header.load_end - header.load_address;
    }
    const u64 data_end = header.load_address + bytes;
    const u64 end = header.bss_end ? header.bss_end : data_end;
    if (end < data_end) return unusable(name, "has Multiboot address fields whose bss ends before the data");
    if (end > 0xffffffff) return unusable(name, "has Multiboot address fields beyond 4 GB");
    const BootPiece piece{header.load_address, static_cast<u32>(end - header.load_address),
                          from_start.first(static_cast<std::size_t>(bytes))};
    return MultibootImage{header.entry, {piece}, {}};
}

/// ELF entries are virtual addresses by the book, but a kernel starts with paging off: an entry that lies in a segment is moved
/// to where the segment is loaded, as other loaders do.
u32 physical_entry(const ElfImage& elf) {
    for (const ElfSegment& segment : elf.segments)
        if (segment.type == elf::load && elf.entry >= segment.virtual_address &&
            elf.entry - segment.virtual_address < segment.memory_bytes)
            return elf.entry - segment.virtual_address + segment.physical_address;
    return elf.entry;
}

/// Sections are no condition for running: whoever has damaged ones gets none.
BootSections read_sections(std::span<const u8> file) {
    constexpr std::size_t e_shoff = 32, e_shentsize = 46, e_shnum = 48, e_shstrndx = 50;
    constexpr std::size_t sh_type = 4, sh_offset = 16, sh_size = 20;
    constexpr u32 symbol_table = 2, string_table = 3;
    const auto half_at = [&](std::size_t at) { return static_cast<u16>(file[at] | file[at + 1] << 8); };
    BootSections sections;
    const u32 count = half_at(e_shnum);
    const u64 first = word_at(file, e_shoff), bytes = u64{count} * BootSections::header_bytes;
    if (!count || half_at(e_shentsize) != BootSections::header_bytes || first + bytes > file.size()) return {};
    sections.headers = file.subspan(first, bytes);
    sections.names = half_at(e_shstrndx);
    if (sections.names >= count) return {};
    for (u32 index = 0; index < count; ++index) {
        const std::size_t header = first + u64{index} * BootSections::header_bytes;
        const u32 type = word_at(file, header + sh_type);
        const u64 offset = word_at(file, header + sh_offset), size = word_at(file, header + sh_size);
        if ((type != symbol_table && type != string_table) || !size) continue;
        if (offset + size > file.size()) return {};
        sections.tables.push_back({index, file.subspan(offset, size)});
    }
    sections.count = count;
    return sections;
}

Result<MultibootImage> read_elf(std::span<const u8> file, std::string_view name) {
    TRY(image, read_elf_image(file, name));
    if (image.type != elf::executable) return unusable(name, "is an ELF file, but not a linked kernel");
    MultibootImage result{physical_entry(image), {}, {}};
    for (const ElfSegment& segment : image.segments)
        if (segment.type == elf::load && segment.memory_bytes)
            result.pieces.push_back(
                {segment.physical_address, segment.memory_bytes, file.subspan(segment.offset, segment.file_bytes)});
    if (result.pieces.empty()) return unusable(name, "has no segment to load");
    result.sections = read_sections(file);
    return result;
}

} // namespace

Result<MultibootImage> read_multiboot_image(std::span<const u8> file, std::string_view name) {
    const std::optional<std::size_t> at = find_header(file);
    if (!at)
        return unusable(name, "is no Multiboot kernel (no header with a right checksum in its first 8192 bytes)");
    const u32 flags = word_at(file, *at + 4);
    TRY(checked, check_flags(file, *at, name));
    (void)checked;
    if (flags & flag_addresses) return read_address_fields(file, *at, name);
    if (!looks_like_elf(file))
        return unusable(name, "has a Multiboot header without address fields, but is no ELF file");
    return read_elf(file, name);
}

} // namespace trapgate::kernel
