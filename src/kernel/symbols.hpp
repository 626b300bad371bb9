// SPDX-License-Identifier: MIT
// The symbol table of an ELF file, looked up both ways. Source: the file's .symtab, read by libelf.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::kernel {

struct Symbol {
    enum class Kind : u8 { Function, Object, Label };
    u64 address;
    u64 size; ///< 0 where the assembler gave none
    std::string name;
    Kind kind;
    bool global;
    u64 limit = ~u64{0}; ///< end of its section: a symbol without size reaches no further
};

class Symbols {
  public:
    /// An empty table; lookups find nothing.
    Symbols() = default;
    /// Of `path`. A file without a symbol table gives an empty table; one that is no ELF is an error (126; 127 if absent).
    static Result<Symbols> from_file(const std::string& path);
    /// Of an ELF image in memory that has only dynamic symbols: the vsyscall page. Empty if it is none.
    static Symbols from_image(std::span<const u8> image);
    /// Of the vsyscall page that a kernel carries between vsyscall_start and vsyscall_end. Empty if there is none.
    static Symbols of_vsyscall_page(const std::string& vmlinux);
    /// Of symbols in any order.
    explicit Symbols(std::vector<Symbol> symbols);

    /// The symbol whose bytes hold `address`; one without a size reaches to the next symbol.
    const Symbol* containing(u64 address) const;
    const Symbol* find(std::string_view name) const;
    std::optional<u64> address_of(std::string_view name) const;
    /// "system_call", "system_call+4", or nothing when no symbol holds the address.
    std::string name_at(u64 address) const;

    /// These symbols and those of `other`.
    Symbols joined_with(const Symbols& other) const;

    /// In order of address; of several at one address the most telling one comes first.
    const std::vector<Symbol>& all() const { return symbols_; }

  private:
    std::vector<Symbol> symbols_;
};

} // namespace trapgate::kernel
