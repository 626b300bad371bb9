// SPDX-License-Identifier: MIT
// One argument of a system call as text. The kinds stand in syscalls.hpp.
#pragma once

#include "kernel/syscall_text.hpp"

namespace trapgate::kernel {

struct ArgumentContext {
    const Syscall& call;
    const SyscallEntry& entry;
    const GuestMemory& memory;
    std::optional<u32> result; ///< once the call is back
    bool failed() const { return result && is_error(*result); }
};

/// The argument whose first word is words[word]. Empty text: it is not shown, nor is any behind it.
std::string argument_text(const ArgumentContext& context, Argument kind, u32 word);
/// Argument words that `kind` takes.
u32 words_of(Argument kind);
/// The call fills it: shown when it is back.
bool is_filled_by_call(Argument kind);

/// Structures behind pointers (struct_text.cpp). Nothing if it is not mapped.
std::optional<std::string> struct_text(const GuestMemory& memory, Argument kind, u32 address);
std::string pointer_text(u32 address);
constexpr std::size_t string_limit = 32; ///< as strace -s
constexpr std::size_t path_limit = 4096;

} // namespace trapgate::kernel
