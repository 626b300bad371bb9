// SPDX-License-Identifier: MIT
#include "kernel/guest_struct.hpp"

#include "kernel/bit_field.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace trapgate::kernel {

std::optional<u32> GuestStruct::address_of(std::string_view member) const {
    const Member* found = layout_ ? layout_->find(member) : nullptr;
    if (!found || address_ == 0) return std::nullopt;
    return address_ + found->offset;
}

std::optional<u32> GuestStruct::word(std::string_view member) const {
    const auto at = address_of(member);
    if (!at) return std::nullopt;
    const Member& found = *layout_->find(member);
    const u32 size = std::min<u32>(found.size, 4);
    std::array<u8, 4> bytes{};
    if (!memory_.read(*at, std::span(bytes).first(size))) return std::nullopt;
    u32 value;
    std::memcpy(&value, bytes.data(), sizeof(value));
    return static_cast<u32>(bit_field(found).value_in(value));
}

std::string GuestStruct::text(std::string_view member) const {
    const auto at = address_of(member);
    return at ? memory_.text(*at, layout_->find(member)->size).value_or("") : "";
}

u32 container_of(u32 address, const Layout* layout, std::string_view member) {
    const Member* found = layout ? layout->find(member) : nullptr;
    return found ? address - found->offset : 0;
}

} // namespace trapgate::kernel
