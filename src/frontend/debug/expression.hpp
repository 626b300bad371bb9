// SPDX-License-Identifier: MIT
// The debugger's expressions: gdb's subset of C over registers, symbols and the guest's memory. Reads only.
// Source: the operators, precedences and conversions of C; {type}address, $register and $_ as gdb has them.
#pragma once

#include "base/result.hpp"
#include "frontend/debug/value.hpp"
#include "kernel/debug_info.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::debug {

/// What the names in an expression mean.
class Scope {
  public:
    virtual ~Scope() = default;
    /// $NAME: a register, a convenience variable, $task …
    virtual std::optional<Value> dollar(std::string_view name) const = 0;
    /// A symbol: a function is its address, an object what stands there (only its place; the evaluator reads it).
    virtual std::optional<Value> symbol(std::string_view name) const = 0;
    /// Layout of `struct name`.
    virtual const kernel::Layout* layout(std::string_view name) const = 0;
    /// Reads guest memory; false if not all of it is mapped.
    virtual bool read(u32 address, std::span<u8> out) const = 0;
    /// "system_call+4"; empty where nothing is known.
    virtual std::string name_at(u32 address) const = 0;
    /// A symbol or register that was meant by this name that is none; empty: no idea.
    virtual std::string nearest(std::string_view name, bool dollar) const = 0;
};

/// The whole of `text` as one value. An error names the column and shows it with a caret below the text.
Result<Value> evaluate(std::string_view text, const Scope& scope);
/// The longest expression at the beginning of `text`; `rest` becomes what follows it.
Result<Value> evaluate_prefix(std::string_view text, const Scope& scope, std::string_view& rest);

/// The number that `value` is: read from the guest if it is only a place. An array or structure gives its address, as in C.
Result<u64> number_of(const Value& value);

/// A type's name as DWARF or a user writes it: "struct page *", "long unsigned int", "char [16]". Nothing if it is none.
std::optional<Type> parse_type(std::string_view text, const Scope& scope);

/// The member of `layout` whose dotted name this is; null if there is none.
const kernel::Member* find_member(const kernel::Layout& layout, std::string_view name);

/// An error message with the text and a caret at `column`.
Error error_at(std::string_view text, std::size_t column, std::string_view message);

} // namespace trapgate::frontend::debug
