// SPDX-License-Identifier: MIT
// The Multiboot header and the pieces of RAM that an image asks for. Nothing is loaded here: this is the part that reads
// untrusted bytes. Source: [multiboot] "The layout of Multiboot header", "The address fields of Multiboot header".
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

/// Bytes of the file that go to `address`; the rest of `memory_bytes` is zero.
struct BootPiece {
    u32 address = 0;
    u32 memory_bytes = 0;
    std::span<const u8> bytes;
    u64 end() const { return u64{address} + memory_bytes; }
};

/// The section headers of an ELF kernel with its symbol and string tables, which a loader hands over in memory.
struct BootSections {
    static constexpr u32 header_bytes = 40;
    struct Table {
        u32 index; ///< of its section header
        std::span<const u8> bytes;
    };
    u32 count = 0;
    u32 names = 0; ///< index of the section that holds the sections' names
    std::span<const u8> headers;
    std::vector<Table> tables;
};

struct MultibootImage {
    u32 entry = 0; ///< physical
    std::vector<BootPiece> pieces;
    BootSections sections{}; ///< count 0: there are none, or they are damaged
};

/// Finds the header, checks it, and says what goes where. Errors (126) begin with `name`.
Result<MultibootImage> read_multiboot_image(std::span<const u8> file, std::string_view name);

} // namespace trapgate::kernel
