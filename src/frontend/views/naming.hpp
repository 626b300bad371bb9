// SPDX-License-Identifier: MIT
// Addresses, bits and descriptors by their names, and the other way round: what the views' builders share.
// Source of the bits: [SDM1] "EFLAGS Register"; [SDM3] "Control Registers", "32-Bit Paging", "Segment Descriptors".
#pragma once

#include "base/result.hpp"
#include "cpu/segment.hpp"
#include "frontend/debuggee.hpp"
#include "frontend/views/model.hpp"

#include <span>
#include <string>
#include <string_view>

namespace trapgate::frontend::views {

/// One bit (or a field of several) of a register or a table entry.
struct BitName {
    u8 low;                ///< number of its lowest bit
    u8 width;              ///< bits
    std::string_view name; ///< the manual's: "R/W", "IOPL"
    std::string_view zero; ///< what 0 means, in a few words; for a field empty
    std::string_view one;  ///< what 1 means
};
std::span<const BitName> eflags_bits();
std::span<const BitName> cr0_bits();
std::span<const BitName> cr4_bits();
/// Of a directory entry that leads to a table, of one that maps 4 MB, of a table entry.
std::span<const BitName> directory_bits();
std::span<const BitName> large_page_bits();
std::span<const BitName> table_bits();
std::span<const BitName> page_fault_bits();

/// The names of the bits that are 1: "IF ZF IOPL=3"; "-" if there are none.
std::string bits_set(std::span<const BitName> bits, u32 value);

/// What lies at a linear address, as far as anybody knows: "IDT[80]", "TSS.esp0", "pt_regs.eip of init", "kernel stack of init",
/// "system_call+4", "heap of init". Empty if nobody does.
std::string address_name(const Debuggee& debuggee, u32 linear);
/// "c0100a40 system_call+4", or the number alone.
std::string address_with_name(const Debuggee& debuggee, u32 linear);
/// The name of code: symbol and offset. Empty if no symbol holds it.
std::string code_name(const Debuggee& debuggee, u32 linear);

/// A linear address as a person writes it: hexadecimal with or without 0x, a symbol with or without +offset, a register ($esp, esp).
Result<u32> parse_address(const Debuggee& debuggee, std::string_view text);

/// The command that opens a view on something: "view pages c0100000".
std::string view_command(std::string_view view, std::string_view subject);

/// "64 MB", "8 KB", "412 bytes".
std::string size_text(u64 bytes);

/// A panel of one kind with its id and title.
template <class Content>
Panel panel(std::string id, std::string title, Content content, Meaning frame = Meaning::Dim) {
    Panel made;
    made.id = std::move(id);
    made.title = std::move(title);
    made.frame = frame;
    made.content = std::move(content);
    return made;
}
/// A row of plain cells.
TableRow row(std::vector<Span> cells, std::string id = {}, std::string command = {}, std::string tip = {},
             Mark mark = Mark::None);

} // namespace trapgate::frontend::views
