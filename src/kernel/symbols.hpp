// SPDX-License-Identifier: MIT
// The symbol table of an ELF file, looked up both ways. Source: the file's .symtab, read by libelf.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
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
};

class Symbols {
  public:
    /// An empty table; lookups find nothing.
    Symbols() = default;
    /// Of `path`. A file without a symbol table gives an empty table; one that is no ELF is an error (126; 127 if absent).
    static Result<Symbols> from_file(const std::string& path);
    /// Of symbols in any order.
    explicit Symbols(std::vector<Symbol> symbols);

    /// The symbol whose bytes hold `address`; one without a size reaches to the next symbol.
    const Symbol* containing(u64 address) const;
    const Symbol* find(std::string_view name) const;
    std::optional<u64> address_of(std::string_view name) const;
    /// "system_call", "system_call+4", or nothing when no symbol holds the address.
    std::string name_at(u64 address) const;

    /// In order of address; of several at one address the most telling one comes first.
    const std::vector<Symbol>& all() const { return symbols_; }

  private:
    std::vector<Symbol> symbols_;
};

} // namespace trapgate::kernel
