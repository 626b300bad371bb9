// SPDX-License-Identifier: MIT
// The built kernel as a file: its bytes by virtual address, its symbols, its source lines. For the tests of rows marked [B].
#pragma once

#include "base/types.hpp"
#include "kernel/debug_info.hpp"
#include "kernel/symbols.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace trapgate::tests {

class Image {
  public:
    /// The guest's vmlinux. Fails the running test when there is none.
    static const Image& vmlinux() { return variant(""); }
    /// A kernel built with other choices (guest/Makefile, "variants"); "" is the kernel.
    static const Image& variant(const std::string& name);
    static std::string variant_path(const std::string& name);

    explicit Image(const std::string& path);

    /// The address of a symbol; fails the running test when the image has no such symbol.
    u32 address(std::string_view symbol) const;
    u32 word(u32 address) const;
    u8 byte(u32 address) const;
    const kernel::Symbols& symbols() const { return symbols_; }
    const kernel::DebugInfo& debug_info() const { return debug_info_; }

  private:
    struct Segment {
        u32 address;
        std::vector<u8> bytes;
    };
    std::vector<Segment> segments_;
    kernel::Symbols symbols_;
    kernel::DebugInfo debug_info_;
};

/// Entry n of tests/guest/table-2.6.11.txt: the name, or "-" for a slot that nobody has.
const std::vector<std::string>& table_2_6_11();
/// The symbol that entry n of that table must hold.
std::string routine_name(std::size_t number);

} // namespace trapgate::tests
