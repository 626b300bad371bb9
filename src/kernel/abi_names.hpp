// SPDX-License-Identifier: MIT
// Names for the numbers of Linux' i386 user interface: flags, signals, errors, commands.
// Source: Linux' published headers (numbers and names are the interface itself).
#pragma once

#include "base/types.hpp"

#include <span>
#include <string>
#include <string_view>

namespace trapgate::kernel {

struct Named {
    u32 value;
    std::string_view name;
};

namespace names {
extern const std::span<const Named> open_flags, protection, map_flags, clone_flags, at_flags, wait_options,
    access_modes, whence, sigprocmask_how, sigaction_flags, ioctl_commands, fcntl_commands, clocks, resources,
    futex_operations, ptrace_requests, file_types;
} // namespace names

/// The name of `value`, or empty.
std::string_view find_name(std::span<const Named> names, u32 value);
/// The name of `value`, or the number in hexadecimal with what it should have been: "0x7 /* SEEK_??? */".
std::string name_or_number(std::span<const Named> names, u32 value, std::string_view unknown);
/// "A|B|0x40": names of the bits set, what is left as a number; "0" if there is nothing and no name for 0.
std::string flags_text(std::span<const Named> names, u32 value);

/// "SIGINT", "SIGRT_3", or the number.
std::string signal_name(u32 number);
/// "[INT CHLD]"; a mask with more signals set than clear as "~[INT]".
std::string sigset_text(u64 mask, u32 signals);
/// "ENOENT (No such file or directory)" for 2; knows the kernel's inner ERESTART codes too.
std::string error_text(u32 number);
/// What `wait` tells: "[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]".
std::string wait_status_text(u32 status);

} // namespace trapgate::kernel
