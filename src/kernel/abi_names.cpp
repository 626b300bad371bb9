// SPDX-License-Identifier: MIT
// The tables, and the few rules for showing sets of flags.
#include "kernel/abi_names.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr Named open_flag_names[] = {
    {01, "O_WRONLY"},         {02, "O_RDWR"},          {0100, "O_CREAT"},       {0200, "O_EXCL"},
    {0400, "O_NOCTTY"},       {01000, "O_TRUNC"},      {02000, "O_APPEND"},     {04000, "O_NONBLOCK"},
    {010000, "O_DSYNC"},      {020000, "O_ASYNC"},     {040000, "O_DIRECT"},    {0100000, "O_LARGEFILE"},
    {0200000, "O_DIRECTORY"}, {0400000, "O_NOFOLLOW"}, {01000000, "O_NOATIME"}, {02000000, "O_CLOEXEC"},
    {010000000, "O_PATH"},
};
constexpr Named protection_names[] = {
    {0, "PROT_NONE"}, {1, "PROT_READ"}, {2, "PROT_WRITE"}, {4, "PROT_EXEC"}, {0x1000000, "PROT_GROWSDOWN"}};
constexpr Named map_flag_names[] = {
    {1, "MAP_SHARED"},         {2, "MAP_PRIVATE"},       {0x10, "MAP_FIXED"},        {0x20, "MAP_ANONYMOUS"},
    {0x100, "MAP_GROWSDOWN"},  {0x800, "MAP_DENYWRITE"}, {0x1000, "MAP_EXECUTABLE"}, {0x2000, "MAP_LOCKED"},
    {0x4000, "MAP_NORESERVE"}, {0x8000, "MAP_POPULATE"}, {0x10000, "MAP_NONBLOCK"},  {0x20000, "MAP_STACK"},
};
constexpr Named clone_flag_names[] = {
    {0x100, "CLONE_VM"},
    {0x200, "CLONE_FS"},
    {0x400, "CLONE_FILES"},
    {0x800, "CLONE_SIGHAND"},
    {0x2000, "CLONE_PTRACE"},
    {0x4000, "CLONE_VFORK"},
    {0x8000, "CLONE_PARENT"},
    {0x10000, "CLONE_THREAD"},
    {0x20000, "CLONE_NEWNS"},
    {0x40000, "CLONE_SYSVSEM"},
    {0x80000, "CLONE_SETTLS"},
    {0x100000, "CLONE_PARENT_SETTID"},
    {0x200000, "CLONE_CHILD_CLEARTID"},
    {0x400000, "CLONE_DETACHED"},
    {0x800000, "CLONE_UNTRACED"},
    {0x1000000, "CLONE_CHILD_SETTID"},
    {0x2000000, "CLONE_STOPPED"},
};
constexpr Named at_flag_names[] = {{0x100, "AT_SYMLINK_NOFOLLOW"}, {0x200, "AT_REMOVEDIR"},
                                   {0x400, "AT_SYMLINK_FOLLOW"},   {0x800, "AT_NO_AUTOMOUNT"},
                                   {0x1000, "AT_EMPTY_PATH"},      {0x2000, "AT_STATX_FORCE_SYNC"},
                                   {0x4000, "AT_STATX_DONT_SYNC"}};
constexpr Named wait_option_names[] = {{1, "WNOHANG"},         {2, "WSTOPPED"},         {4, "WEXITED"},
                                       {8, "WCONTINUED"},      {0x1000000, "WNOWAIT"},  {0x20000000, "__WNOTHREAD"},
                                       {0x40000000, "__WALL"}, {0x80000000, "__WCLONE"}};
constexpr Named access_mode_names[] = {{0, "F_OK"}, {4, "R_OK"}, {2, "W_OK"}, {1, "X_OK"}};
constexpr Named whence_names[] = {{0, "SEEK_SET"}, {1, "SEEK_CUR"}, {2, "SEEK_END"}};
constexpr Named sigprocmask_how_names[] = {{0, "SIG_BLOCK"}, {1, "SIG_UNBLOCK"}, {2, "SIG_SETMASK"}};
constexpr Named sigaction_flag_names[] = {
    {1, "SA_NOCLDSTOP"},         {2, "SA_NOCLDWAIT"},          {4, "SA_SIGINFO"},
    {0x04000000, "SA_RESTORER"}, {0x08000000, "SA_ONSTACK"},   {0x10000000, "SA_RESTART"},
    {0x40000000, "SA_NODEFER"},  {0x80000000, "SA_RESETHAND"},
};
constexpr Named ioctl_names[] = {
    {0x5401, "TCGETS"},     {0x5402, "TCSETS"},     {0x5403, "TCSETSW"},   {0x5404, "TCSETSF"},
    {0x5405, "TCGETA"},     {0x5409, "TCSBRK"},     {0x540a, "TCXONC"},    {0x540b, "TCFLSH"},
    {0x540c, "TIOCEXCL"},   {0x540e, "TIOCSCTTY"},  {0x540f, "TIOCGPGRP"}, {0x5410, "TIOCSPGRP"},
    {0x5413, "TIOCGWINSZ"}, {0x5414, "TIOCSWINSZ"}, {0x541b, "FIONREAD"},  {0x5421, "FIONBIO"},
    {0x5422, "TIOCNOTTY"},  {0x5429, "TIOCGSID"},   {0x5450, "FIONCLEX"},  {0x5451, "FIOCLEX"},
};
constexpr Named fcntl_names[] = {
    {0, "F_DUPFD"},         {1, "F_GETFD"},
    {2, "F_SETFD"},         {3, "F_GETFL"},
    {4, "F_SETFL"},         {5, "F_GETLK"},
    {6, "F_SETLK"},         {7, "F_SETLKW"},
    {8, "F_SETOWN"},        {9, "F_GETOWN"},
    {12, "F_GETLK64"},      {13, "F_SETLK64"},
    {14, "F_SETLKW64"},     {1030, "F_DUPFD_CLOEXEC"},
    {1031, "F_SETPIPE_SZ"}, {1032, "F_GETPIPE_SZ"},
};
constexpr Named clock_names[] = {{0, "CLOCK_REALTIME"},           {1, "CLOCK_MONOTONIC"},
                                 {2, "CLOCK_PROCESS_CPUTIME_ID"}, {3, "CLOCK_THREAD_CPUTIME_ID"},
                                 {4, "CLOCK_MONOTONIC_RAW"},      {5, "CLOCK_REALTIME_COARSE"},
                                 {6, "CLOCK_MONOTONIC_COARSE"},   {7, "CLOCK_BOOTTIME"}};
constexpr Named resource_names[] = {
    {0, "RLIMIT_CPU"},       {1, "RLIMIT_FSIZE"}, {2, "RLIMIT_DATA"},   {3, "RLIMIT_STACK"},
    {4, "RLIMIT_CORE"},      {5, "RLIMIT_RSS"},   {6, "RLIMIT_NPROC"},  {7, "RLIMIT_NOFILE"},
    {8, "RLIMIT_MEMLOCK"},   {9, "RLIMIT_AS"},    {10, "RLIMIT_LOCKS"}, {11, "RLIMIT_SIGPENDING"},
    {12, "RLIMIT_MSGQUEUE"}, {13, "RLIMIT_NICE"},
};
constexpr Named futex_names[] = {
    {0, "FUTEX_WAIT"},
    {1, "FUTEX_WAKE"},
    {3, "FUTEX_REQUEUE"},
    {4, "FUTEX_CMP_REQUEUE"},
    {5, "FUTEX_WAKE_OP"},
    {9, "FUTEX_WAIT_BITSET"},
    {128, "FUTEX_WAIT_PRIVATE"},
    {129, "FUTEX_WAKE_PRIVATE"},
    {131, "FUTEX_REQUEUE_PRIVATE"},
    {132, "FUTEX_CMP_REQUEUE_PRIVATE"},
    {137, "FUTEX_WAIT_BITSET_PRIVATE"},
    {265, "FUTEX_WAIT_BITSET|FUTEX_CLOCK_REALTIME"},
    {393, "FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME"},
};
constexpr Named ptrace_names[] = {
    {0, "PTRACE_TRACEME"},
    {1, "PTRACE_PEEKTEXT"},
    {2, "PTRACE_PEEKDATA"},
    {3, "PTRACE_PEEKUSER"},
    {4, "PTRACE_POKETEXT"},
    {5, "PTRACE_POKEDATA"},
    {6, "PTRACE_POKEUSER"},
    {7, "PTRACE_CONT"},
    {8, "PTRACE_KILL"},
    {9, "PTRACE_SINGLESTEP"},
    {12, "PTRACE_GETREGS"},
    {13, "PTRACE_SETREGS"},
    {16, "PTRACE_ATTACH"},
    {17, "PTRACE_DETACH"},
    {24, "PTRACE_SYSCALL"},
    {0x4200, "PTRACE_SETOPTIONS"},
    {0x4201, "PTRACE_GETEVENTMSG"},
};
constexpr Named file_type_names[] = {{0010000, "S_IFIFO"}, {0020000, "S_IFCHR"}, {0040000, "S_IFDIR"},
                                     {0060000, "S_IFBLK"}, {0100000, "S_IFREG"}, {0120000, "S_IFLNK"},
                                     {0140000, "S_IFSOCK"}};

/// The kernel's own codes, which only tracers see.
constexpr Named restart_names[] = {
    {512, "ERESTARTSYS (To be restarted if SA_RESTART is set)"},
    {513, "ERESTARTNOINTR (To be restarted)"},
    {514, "ERESTARTNOHAND (To be restarted if no handler)"},
    {516, "ERESTART_RESTARTBLOCK (Interrupted by signal)"},
};

} // namespace

namespace names {
constinit const std::span<const Named> open_flags = open_flag_names, protection = protection_names,
                                       map_flags = map_flag_names, clone_flags = clone_flag_names,
                                       at_flags = at_flag_names, wait_options = wait_option_names,
                                       access_modes = access_mode_names, whence = whence_names,
                                       sigprocmask_how = sigprocmask_how_names,
                                       sigaction_flags = sigaction_flag_names, ioctl_commands = ioctl_names,
                                       fcntl_commands = fcntl_names, clocks = clock_names,
                                       resources = resource_names, futex_operations = futex_names,
                                       ptrace_requests = ptrace_names, file_types = file_type_names;
} // namespace names

std::string_view find_name(std::span<const Named> table, u32 value) {
    for (const Named& entry : table)
        if (entry.value == value) return entry.name;
    return {};
}

std::string name_or_number(std::span<const Named> table, u32 value, std::string_view unknown) {
    const auto name = find_name(table, value);
    return name.empty() ? fmt::format("{:#x} /* {} */", value, unknown) : std::string(name);
}

std::string flags_text(std::span<const Named> table, u32 value) {
    if (value == 0) {
        const auto zero = find_name(table, 0);
        return zero.empty() ? "0" : std::string(zero);
    }
    std::string text;
    const auto add = [&text](std::string_view word) { (text += text.empty() ? "" : "|") += word; };
    for (const Named& entry : table)
        if (entry.value && (value & entry.value) == entry.value) {
            add(entry.name);
            value &= ~entry.value;
        }
    if (value) add(fmt::format("{:#x}", value));
    return text;
}

std::string signal_name(u32 number) {
    if (number >= 32 && number <= 64) return number == 32 ? "SIGRTMIN" : fmt::format("SIGRT_{}", number - 32);
    const char* name = number < 32 ? sigabbrev_np(static_cast<int>(number)) : nullptr;
    return name ? std::string("SIG") + name : fmt::format("{}", number);
}

std::string sigset_text(u64 mask, u32 signals) {
    const u64 all = signals == 64 ? ~u64{0} : (u64{1} << signals) - 1;
    const bool inverse = std::popcount(mask & all) * 2 > static_cast<int>(signals);
    if (inverse) mask = ~mask;
    mask &= all;
    std::string text = inverse ? "~[" : "[";
    for (u32 bit = 0; bit < signals; ++bit)
        if (mask >> bit & 1) {
            const std::string name = signal_name(bit + 1);
            if (text.back() != '[') text += ' ';
            text += name.starts_with("SIG") ? name.substr(3) : name;
        }
    return text + "]";
}

std::string error_text(u32 number) {
    const auto restart = find_name(restart_names, number);
    if (!restart.empty()) return std::string(restart);
    const char* name = strerrorname_np(static_cast<int>(number));
    const char* description = strerrordesc_np(static_cast<int>(number));
    return name && description ? fmt::format("{} ({})", name, description) : fmt::format("E{}", number);
}

std::string wait_status_text(u32 status) {
    const u32 signal = status & 0x7f;
    if (signal == 0) return fmt::format("[{{WIFEXITED(s) && WEXITSTATUS(s) == {}}}]", status >> 8 & 0xff);
    if ((status & 0xff) == 0x7f)
        return fmt::format("[{{WIFSTOPPED(s) && WSTOPSIG(s) == {}}}]", signal_name(status >> 8 & 0xff));
    return fmt::format("[{{WIFSIGNALED(s) && WTERMSIG(s) == {}{}}}]", signal_name(signal),
                       status & 0x80 ? " && WCOREDUMP(s)" : "");
}

} // namespace trapgate::kernel
