// SPDX-License-Identifier: MIT
// The names of types, as users and DWARF write them.
#pragma once

#include "frontend/debug/expression.hpp"
#include "frontend/debug/lexer.hpp"

namespace trapgate::frontend::debug {

/// Reads the type that begins at tokens[at]; `at` then stands behind it. Nothing: `complaint` says why.
std::optional<Type> read_type(std::span<const Token> tokens, std::size_t& at, const Scope& scope,
                              std::string& complaint);

/// Of a member: what DWARF calls it, or at least a number of its size.
Type type_of(const kernel::Member& member, const Scope& scope);

} // namespace trapgate::frontend::debug
