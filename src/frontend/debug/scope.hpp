// SPDX-License-Identifier: MIT
// The names of expressions over a debuggee: registers, symbols of the kernel and of PROG, the current task, what was printed before.
#pragma once

#include "frontend/debug/expression.hpp"
#include "frontend/debuggee.hpp"

#include <map>
#include <string>
#include <vector>

namespace trapgate::frontend::debug {

class DebuggeeScope final : public Scope {
  public:
    explicit DebuggeeScope(Debuggee& debuggee) : debuggee_(debuggee) {}

    std::optional<Value> dollar(std::string_view name) const override;
    std::optional<Value> symbol(std::string_view name) const override;
    const kernel::Layout* layout(std::string_view name) const override;
    bool read(u32 address, std::span<u8> out) const override { return debuggee_.memory().read(address, out); }
    std::string name_at(u32 address) const override { return debuggee_.symbols().name_at(address); }
    std::string nearest(std::string_view name, bool dollar) const override;

    /// All names that may follow a $.
    std::vector<std::string> dollar_names() const;

    std::vector<Value> history;             ///< $1, $2 …; $ is the last, $$ the one before
    std::map<std::string, Value> variables; ///< set $name = …; `_` and `__` are those of x

  private:
    std::optional<Value> from_history(std::string_view name) const;
    std::optional<Value> register_part(std::string_view name) const;
    std::optional<Value> whole_register(std::string_view name) const;
    std::optional<Value> of_time(std::string_view name) const;
    std::optional<Value> task() const;
    Type type_of_symbol(const kernel::Symbol& symbol) const;

    Debuggee& debuggee_;
    /// DWARF types of variables that were asked for, by name.
    mutable std::map<std::string, std::optional<Type>, std::less<>> types_;
};

/// A piece of a general register: al, ah, ax …
struct RegisterPart {
    std::string_view name, whole;
    u8 shift, bits;
};
/// Null if it is none.
const RegisterPart* find_register_part(std::string_view name);
/// The register that gdb calls pc, sp, fp or ps; any other name as it is.
std::string_view register_alias(std::string_view name);

} // namespace trapgate::frontend::debug
