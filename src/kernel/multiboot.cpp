// SPDX-License-Identifier: MIT
// Putting a Multiboot kernel, its modules and the information block into RAM: see the header.
//
//      0 … 640 KB   the information block, if the kernel leaves the place free
//      640 KB–1 MB  reserved, as on a PC
//      1 MB …       the kernel where it wants to be, then the modules, each on a page of its own
#include "kernel/multiboot.hpp"

#include "kernel/bios_area.hpp"
#include "kernel/multiboot_header.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr u32 kb = 1024, mb = kb * kb;
constexpr u32 loader_magic = 0x2badb002;
constexpr u32 low_memory_end = 639 * kb; // the last KB is the BIOS data area's extension on a PC
constexpr u32 information_place = 0x9000;
constexpr std::string_view loader_name = "trapgate";

// Bits of the flags word: which fields are valid.
constexpr u32 has_memory = 1u << 0, has_command_line = 1u << 2, has_modules = 1u << 3, has_sections = 1u << 5,
              has_map = 1u << 6, has_loader_name = 1u << 9, has_screen = 1u << 12;

u32 page_align(u64 value) {
    return static_cast<u32>((value + page_offset_mask) & ~u64{page_offset_mask});
}

/// The block under construction: words, then whatever they point to.
class Block {
  public:
    explicit Block(u32 address, std::size_t fixed_bytes) : address_(address), bytes_(fixed_bytes) {}
    void put(std::size_t offset, u32 value) {
        for (std::size_t i = 0; i < 4; ++i) bytes_[offset + i] = static_cast<u8>(value >> (8 * i));
    }
    /// Room at the end: its offset.
    std::size_t append(std::size_t bytes) {
        const std::size_t offset = (bytes_.size() + 3) & ~std::size_t{3};
        bytes_.resize(offset + bytes);
        return offset;
    }
    u32 append_text(std::string_view text) {
        const std::size_t offset = append(text.size() + 1);
        std::copy(text.begin(), text.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return address_of(offset);
    }
    u32 address_of(std::size_t offset) const { return address_ + static_cast<u32>(offset); }
    const std::vector<u8>& bytes() const { return bytes_; }

  private:
    u32 address_;
    std::vector<u8> bytes_;
};

/// Section headers and tables of an ELF kernel where they lie in memory.
struct PlacedSections {
    u32 place = 0; ///< of the headers
    u32 count = 0;
    u32 names = 0;
    std::vector<u8> bytes; ///< headers, then tables
};

/// The headers say where each table has come to lie.
PlacedSections place_sections(const BootSections& sections, u32 place) {
    constexpr std::size_t sh_addr = 12;
    PlacedSections placed{
        place, sections.count, sections.names, {sections.headers.begin(), sections.headers.end()}};
    for (const BootSections::Table& table : sections.tables) {
        placed.bytes.resize((placed.bytes.size() + 15) & ~std::size_t{15});
        const u32 address = place + static_cast<u32>(placed.bytes.size());
        u8* field = placed.bytes.data() + table.index * BootSections::header_bytes + sh_addr;
        for (std::size_t i = 0; i < 4; ++i) field[i] = static_cast<u8>(address >> (8 * i));
        placed.bytes.insert(placed.bytes.end(), table.bytes.begin(), table.bytes.end());
    }
    return placed;
}

struct PlacedModule {
    u32 first;
    u32 end;
    std::string_view text;
};

void append_memory_map(Block& block, u64 ram_bytes) {
    struct Range {
        u64 first, bytes;
        u32 type;
    };
    constexpr u32 available = 1, reserved = 2;
    const u64 upper = ram_bytes > mb ? ram_bytes - mb : 0;
    const Range ranges[] = {
        {0, low_memory_end, available}, {low_memory_end, mb - low_memory_end, reserved}, {mb, upper, available}};
    constexpr u32 entry_bytes = 24;
    const std::size_t map = block.append(std::size(ranges) * entry_bytes);
    for (std::size_t i = 0; i < std::size(ranges); ++i) {
        const std::size_t at = map + i * entry_bytes;
        block.put(at, entry_bytes - 4); // "size" does not count itself
        block.put(at + 4, static_cast<u32>(ranges[i].first));
        block.put(at + 8, static_cast<u32>(ranges[i].first >> 32));
        block.put(at + 12, static_cast<u32>(ranges[i].bytes));
        block.put(at + 16, static_cast<u32>(ranges[i].bytes >> 32));
        block.put(at + 20, ranges[i].type);
    }
    block.put(44, std::size(ranges) * entry_bytes);
    block.put(48, block.address_of(map));
}

/// The "framebuffer" fields: EGA text at B8000h.
void append_screen(Block& block, std::size_t at) {
    constexpr u32 text_memory = 0xb8000, columns = 80, rows = 25, bits = 16, ega_text = 2;
    block.put(at, text_memory);
    block.put(at + 8, columns * 2);
    block.put(at + 12, columns);
    block.put(at + 16, rows);
    block.put(at + 20, bits | ega_text << 8);
}

std::vector<u8> make_information(u32 address, const BootRequest& request, const std::vector<PlacedModule>& modules,
                                 const PlacedSections& sections, u64 ram_bytes) {
    constexpr std::size_t screen_fields = 88, fixed_bytes = 116;
    Block block(address, request.bios_area ? fixed_bytes : screen_fields);
    block.put(0, has_memory | has_command_line | has_modules | has_map | has_loader_name |
                     (request.bios_area ? has_screen : 0) | (sections.count ? has_sections : 0));
    if (sections.count) {
        block.put(28, sections.count);
        block.put(32, BootSections::header_bytes);
        block.put(36, sections.place);
        block.put(40, sections.names);
    }
    if (request.bios_area) append_screen(block, screen_fields);
    block.put(4, low_memory_end / kb);
    block.put(8, ram_bytes > mb ? static_cast<u32>((ram_bytes - mb) / kb) : 0);
    const std::string command_line =
        request.command_line.empty() ? request.name : request.name + " " + request.command_line;
    block.put(16, block.append_text(command_line));
    block.put(20, static_cast<u32>(modules.size()));
    const std::size_t table = block.append(modules.size() * 16);
    block.put(24, block.address_of(table));
    for (std::size_t i = 0; i < modules.size(); ++i) {
        block.put(table + i * 16, modules[i].first);
        block.put(table + i * 16 + 4, modules[i].end);
        block.put(table + i * 16 + 8, block.append_text(modules[i].text));
    }
    append_memory_map(block, ram_bytes);
    block.put(64, block.append_text(loader_name));
    return block.bytes();
}

/// "Machine state": flat segments, paging off, interrupts off, EAX and EBX.
void set_machine_state(cpu::Cpu& cpu, u32 entry, u32 information) {
    using cpu::SegmentRegister;
    constexpr u16 code_selector = 0x08, data_selector = 0x10;
    constexpr cpu::Descriptor flat_code{boot_code_segment}, flat_data{boot_data_segment};
    cpu.reset();
    cpu.set_segment(SegmentRegister::cs, cpu::Segment::from(code_selector, flat_code));
    for (const auto data :
         {SegmentRegister::ds, SegmentRegister::es, SegmentRegister::fs, SegmentRegister::gs, SegmentRegister::ss})
        cpu.set_segment(data, cpu::Segment::from(data_selector, flat_data));
    cpu.gdtr = {0, 0}; // by the book there is no table behind the selectors: the kernel has to load its own
    cpu.idtr = {0, 0};
    cpu.set_eflags(cpu::eflags::one);
    cpu.reg(cpu::Gpr::eax) = loader_magic;
    cpu.reg(cpu::Gpr::ebx) = information;
    cpu.eip = entry;
}

std::string megabytes(u64 bytes) {
    return fmt::format("{} MB", (bytes + mb - 1) / mb);
}

bool overlaps(u64 first, u64 end, const std::vector<BootPiece>& pieces) {
    return std::any_of(pieces.begin(), pieces.end(),
                       [&](const BootPiece& piece) { return piece.address < end && first < piece.end(); });
}

/// The pieces must be RAM, and no two may claim the same bytes.
Status check_pieces(std::vector<BootPiece> pieces, const BootRequest& request, u64 ram_bytes) {
    std::sort(pieces.begin(), pieces.end(),
              [](const BootPiece& a, const BootPiece& b) { return a.address < b.address; });
    u64 end_before = 0;
    for (const BootPiece& piece : pieces) {
        if (piece.end() > ram_bytes)
            return Error{fmt::format("{}: wants memory up to {:#x}, but the guest has {} (-m)", request.name,
                                     piece.end(), megabytes(ram_bytes)),
                         125};
        if (piece.address < end_before)
            return Error{fmt::format("{}: two of its segments overlap at {:#x}", request.name, piece.address), 126};
        end_before = piece.end();
    }
    return Nothing{};
}

} // namespace

Result<BootedImage> boot_multiboot(const BootRequest& request, mmu::PhysicalMemory& memory, cpu::Cpu& cpu) {
    TRY(image, read_multiboot_image(request.file, request.name));
    TRY(checked, check_pieces(image.pieces, request, memory.size()));
    (void)checked;

    u64 end = mb;
    for (const BootPiece& piece : image.pieces) end = std::max(end, piece.end());
    std::vector<PlacedModule> modules;
    for (const BootModule& module : request.modules) {
        const u64 first = (end + page_offset_mask) & ~u64{page_offset_mask};
        end = first + module.bytes.size();
        modules.push_back({static_cast<u32>(first), static_cast<u32>(end), module.text});
    }
    PlacedSections sections;
    if (request.bios_area && image.sections.count) {
        sections = place_sections(image.sections, page_align(end));
        end = sections.place + sections.bytes.size();
    }
    // Sizes do not depend on where the block lies: build it once to measure.
    const u64 block_bytes = make_information(0, request, modules, sections, memory.size()).size();
    u32 information = information_place;
    if (information_place + block_bytes > low_memory_end ||
        overlaps(information_place, information_place + block_bytes, image.pieces)) {
        information = page_align(end);
        end = information + block_bytes;
    }
    if (end > memory.size())
        return Error{
            fmt::format("-m {} is too small: kernel, modules and boot information need {} before the kernel has "
                        "any memory to work with",
                        megabytes(memory.size()), megabytes(end)),
            125};

    const auto load = [&](u64 address, std::span<const u8> bytes) {
        memory.write({address}, bytes, mmu::Writer::Loader);
    };
    if (request.bios_area) leave_bios_area(memory);
    for (const BootPiece& piece : image.pieces) // RAM is zeroed: the rest of each piece is as it should be
        load(piece.address, piece.bytes);
    for (std::size_t i = 0; i < modules.size(); ++i) load(modules[i].first, request.modules[i].bytes);
    load(sections.place, sections.bytes);
    load(information, make_information(information, request, modules, sections, memory.size()));
    set_machine_state(cpu, image.entry, information);
    if (request.bios_area) cpu.gdtr = leave_boot_gdt(memory);
    return BootedImage{image.entry, information, page_align(end)};
}

} // namespace trapgate::kernel
