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

struct MultibootImage {
    u32 entry = 0; ///< physical
    std::vector<BootPiece> pieces;
};

/// Finds the header, checks it, and says what goes where. Errors (126) begin with `name`.
Result<MultibootImage> read_multiboot_image(std::span<const u8> file, std::string_view name);

} // namespace trapgate::kernel
