// SPDX-License-Identifier: MIT
// One structure in the guest's memory, read member by member. Its layout is DWARF's: no offset is written down here.
#pragma once

#include "kernel/debug_info.hpp"
#include "kernel/guest_memory.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trapgate::kernel {

class GuestStruct {
  public:
    /// `layout` may be null (a structure that this kernel does not have): then every question is answered with nothing.
    /// Both must outlive this.
    GuestStruct(const GuestMemory& memory, const Layout* layout, u32 address)
        : memory_(memory), layout_(layout), address_(address) {}

    u32 address() const { return address_; }
    /// The guest's address of a member.
    std::optional<u32> address_of(std::string_view member) const;
    /// A member of up to four bytes, zero-extended. Nothing if there is no such member or it is not mapped.
    std::optional<u32> word(std::string_view member) const;
    /// The same with 0 for what cannot be read.
    u32 word_or_zero(std::string_view member) const { return word(member).value_or(0); }
    /// A character array, up to its NUL.
    std::string text(std::string_view member) const;

  private:
    const GuestMemory& memory_;
    const Layout* layout_;
    u32 address_;
};

/// The structure that holds, at its member `member`, the thing at `address` (list_entry). 0 if there is no such member.
u32 container_of(u32 address, const Layout* layout, std::string_view member);

} // namespace trapgate::kernel
