// SPDX-License-Identifier: MIT
// What is known of each system call of the guest. Source: syscalls.def, which has the truth.
#pragma once

#include "base/types.hpp"

#include <array>
#include <span>
#include <string_view>

namespace trapgate::kernel {

/// How an argument is shown. Names that end in Out: memory that the call fills, shown when it is back.
enum class Argument : u8 {
    None,
    AccessMode,      ///< R_OK|W_OK|X_OK
    AtFlags,         ///< AT_SYMLINK_NOFOLLOW and family
    ClockId,         ///< CLOCK_REALTIME …
    CloneArguments,  ///< all five of clone
    Dec,             ///< a signed number
    DescriptorFlags, ///< O_CLOEXEC, O_NONBLOCK
    DirFd,           ///< a descriptor or AT_FDCWD
    Environment,     ///< envp: address and count
    FcntlArgument,   ///< depends on the command before it
    FcntlCommand,    ///< F_DUPFD …
    Fd,              ///< a descriptor
    FutexOperation,  ///< FUTEX_WAIT …
    Hex,             ///< a number in hexadecimal
    HighLow,         ///< 64 bits in two argument words, the high one first
    InBytes,         ///< bytes; the next argument counts them
    InVector,        ///< iovec[]; the next argument counts them
    IoctlArgument,   ///< depends on the command before it
    IoctlCommand,    ///< TCGETS …
    LoffIn,          ///< 64-bit offset behind a pointer
    LoffOut,         ///< the same, written by the call
    Long,            ///< 64 bits in two argument words, the low one first
    MapFlags,        ///< MAP_ flags
    Mode,            ///< permission bits, octal
    OldSigactionIn,  ///< struct old_sigaction
    OldSigactionOut, ///< the same, written by the call
    OldSigsetIn,     ///< 32 signals
    OldSigsetOut,    ///< the same, written by the call
    OpenFlags,       ///< O_ flags
    OutBytes,        ///< bytes written by the call; the result counts them
    OutString,       ///< the same, as text
    PageOffset,      ///< counts pages of 4096 bytes
    Path,            ///< a string, shown whole
    PipeOut,         ///< two descriptors, written by the call
    Pointer,         ///< an address; NULL for 0
    PollIn,          ///< pollfd[]; the next argument counts them
    Protection,      ///< PROT_ flags
    PtraceRequest,   ///< PTRACE_TRACEME …
    Resource,        ///< RLIMIT_STACK …
    Rlimit64In,      ///< struct rlimit64
    Rlimit64Out,     ///< the same, written by the call
    RlimitIn,        ///< struct rlimit
    RlimitOut,       ///< the same, written by the call
    SigactionIn,     ///< struct sigaction
    SigactionOut,    ///< the same, written by the call
    Signal,          ///< SIGINT …
    SigprocmaskHow,  ///< SIG_BLOCK …
    SigsetIn,        ///< 64 signals
    SigsetOut,       ///< the same, written by the call
    Stat64Out,       ///< struct stat64: mode and size
    StatusOut,       ///< wait status, written by the call
    String,          ///< a string
    StringArray,     ///< argv
    TimeOut,         ///< seconds, written by the call
    Timespec2In,     ///< two times
    Timespec64In,    ///< seconds (64 bits) and nanoseconds
    Timespec64Out,   ///< the same, written by the call
    TimespecIn,      ///< seconds and nanoseconds
    TimespecOut,     ///< the same, written by the call
    TimevalIn,       ///< seconds and microseconds
    TimevalOut,      ///< the same, written by the call
    UserDesc,        ///< struct user_desc
    UtsnameOut,      ///< struct new_utsname
    WaitOptions,     ///< WNOHANG …
    Whence,          ///< SEEK_SET …
};

/// How a result is shown.
enum class SyscallResult : u8 { Dec, Address, Mode, Never };

enum class TableProfile : u8 { base, extended };

struct Syscall {
    u16 number;
    TableProfile profile;
    std::string_view name;
    std::string_view routine;
    SyscallResult result;
    std::array<Argument, 6> arguments;

    constexpr u32 argument_count() const {
        u32 count = 0;
        while (count < arguments.size() && arguments[count] != Argument::None) ++count;
        return count;
    }
};

/// All of them, in order of number; numbers that nobody has are left out.
std::span<const Syscall> all_syscalls();
/// Null if there is no call of that number.
const Syscall* find_syscall(u32 number);
const Syscall* find_syscall(std::string_view name);

} // namespace trapgate::kernel
