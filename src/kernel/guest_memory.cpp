// SPDX-License-Identifier: MIT
#include "kernel/guest_memory.hpp"

#include "cpu/memory.hpp"

#include <algorithm>

namespace trapgate::kernel {

std::optional<std::string> GuestMemory::text(u32 address, std::size_t limit) const {
    std::string text;
    while (text.size() < limit) {
        const auto byte = get<char>(address++);
        if (!byte) return std::nullopt;
        if (*byte == '\0') break;
        text += *byte;
    }
    return text;
}

bool CpuMemory::read(u32 address, std::span<u8> out) const {
    const std::span<const u8> ram = cpu_.bus.memory().bytes();
    while (!out.empty()) {
        const std::size_t piece = std::min<std::size_t>(out.size(), page_size - (address & page_offset_mask));
        PhysicalAddress physical;
        if (!cpu::peek_translation(cpu_, address, physical)) return false;
        if (!cpu_.bus.memory().contains(physical, piece)) return false;
        std::copy_n(ram.begin() + static_cast<std::ptrdiff_t>(physical.value), piece, out.begin());
        out = out.subspan(piece);
        address += static_cast<u32>(piece);
    }
    return true;
}

} // namespace trapgate::kernel
