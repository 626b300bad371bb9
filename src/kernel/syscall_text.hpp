// SPDX-License-Identifier: MIT
// System calls as text, the way strace(1) prints them: `write(1, "hello\n", 6) = 6`.
#pragma once

#include "kernel/guest_memory.hpp"
#include "kernel/syscalls.hpp"

#include <optional>
#include <string>

namespace trapgate::kernel {

/// One call as it entered the kernel.
struct SyscallEntry {
    u32 number;
    std::array<u32, 6> words; ///< EBX ECX EDX ESI EDI EBP
};

constexpr u32 longest_error = 4095;
/// Results from -4095 to -1 are errors.
constexpr bool is_error(u32 result) {
    return result > ~longest_error;
}

/// What is known of a call when it begins: up to the first argument that the call fills, or that is not mapped yet (the kernel will
/// have read it when the call is back).
struct EntryText {
    std::string text;
    u32 arguments; ///< in it
};
/// `memory` is the caller's at that moment.
EntryText entry_text(const SyscallEntry& entry, const GuestMemory& memory);
/// The rest of the line, with ") = result". `printed`: the arguments that entry_text() had.
std::string exit_text(const SyscallEntry& entry, const GuestMemory& memory, u32 result, u32 printed);
/// ") = ?" for a call that does not come back.
std::string never_text(const SyscallEntry& entry);

/// `text` in double quotes with C's escapes; longer than `limit`: cut, with three dots behind.
std::string quoted(std::string_view text, std::size_t limit);

} // namespace trapgate::kernel
