// SPDX-License-Identifier: MIT
// Arguments as strace(1) shows them. A pointer that leads nowhere is shown as the number it is.
#include "kernel/argument_text.hpp"

#include "kernel/abi_names.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr u32 open_create = 0100, open_access_mask = 3;
constexpr u32 most_elements = 16; ///< of an array that is shown

std::string quoted_memory(const GuestMemory& memory, u32 address, u32 size) {
    std::string bytes(std::min<u32>(size, string_limit + 1), '\0');
    if (!memory.read(address, {reinterpret_cast<u8*>(bytes.data()), bytes.size()})) return pointer_text(address);
    return quoted(bytes, string_limit);
}

std::string string_at(const GuestMemory& memory, u32 address, std::size_t limit) {
    if (!address) return "NULL";
    const auto text = memory.text(address, limit + 1);
    return text ? quoted(*text, limit) : pointer_text(address);
}

std::string strings_at(const GuestMemory& memory, u32 address) {
    if (!address) return "NULL";
    std::string text = "[";
    for (u32 i = 0;; ++i) {
        const auto element = memory.get<u32>(address + 4 * i);
        if (!element) return pointer_text(address);
        if (!*element) return text + "]";
        if (i) text += ", ";
        if (i == most_elements) return text + "...]";
        text += string_at(memory, *element, string_limit);
    }
}

std::string environment_at(const GuestMemory& memory, u32 address) {
    if (!address) return "NULL";
    u32 count = 0;
    for (;; ++count) {
        const auto element = memory.get<u32>(address + 4 * count);
        if (!element) return pointer_text(address);
        if (!*element) break;
    }
    return fmt::format("{:#x} /* {} var{} */", address, count, count == 1 ? "" : "s");
}

std::string vector_at(const GuestMemory& memory, u32 address, u32 count) {
    std::string text = "[";
    for (u32 i = 0; i < count; ++i) {
        const auto element = memory.get<std::array<u32, 2>>(address + 8 * i);
        if (!element) return pointer_text(address);
        if (i) text += ", ";
        if (i == most_elements) return text + "...]";
        text += fmt::format("{{iov_base={}, iov_len={}}}", quoted_memory(memory, (*element)[0], (*element)[1]),
                            (*element)[1]);
    }
    return text + "]";
}

std::string poll_at(const GuestMemory& memory, u32 address, u32 count) {
    static constexpr Named events[] = {{1, "POLLIN"},  {2, "POLLPRI"},  {4, "POLLOUT"},
                                       {8, "POLLERR"}, {16, "POLLHUP"}, {32, "POLLNVAL"}};
    std::string text = "[";
    for (u32 i = 0; i < count; ++i) {
        const auto element = memory.get<std::array<u32, 2>>(address + 8 * i);
        if (!element) return pointer_text(address);
        if (i) text += ", ";
        if (i == most_elements) return text + "...]";
        text += fmt::format("{{fd={}, events={}}}", static_cast<s32>((*element)[0]),
                            flags_text(events, (*element)[1] & 0xffff));
    }
    return text + "]";
}

std::string open_flags_text(u32 flags) {
    const std::string rest = flags_text(names::open_flags, flags & ~open_access_mask);
    const std::string access = (flags & open_access_mask) == 0   ? "O_RDONLY"
                               : (flags & open_access_mask) == 1 ? "O_WRONLY"
                               : (flags & open_access_mask) == 2 ? "O_RDWR"
                                                                 : "O_ACCMODE";
    return rest == "0" ? access : access + "|" + rest;
}

std::string clone_text(const std::array<u32, 6>& words) {
    const u32 flags = words[0], exit_signal = flags & 0xff;
    std::string text =
        fmt::format("child_stack={}, flags={}", pointer_text(words[1]),
                    exit_signal && !(flags & ~0xffu) ? "" : flags_text(names::clone_flags, flags & ~0xffu));
    if (exit_signal) text += (text.back() == '=' ? "" : "|") + signal_name(exit_signal);
    if (flags & 0x100000) text += ", parent_tid=" + pointer_text(words[2]);
    if (flags & 0x80000) text += ", tls=" + pointer_text(words[3]);
    if (flags & 0x1200000) text += ", child_tidptr=" + pointer_text(words[4]);
    return text;
}

/// Empty where the command has no argument.
std::string fcntl_text(u32 command, u32 value) {
    constexpr u32 get_fd = 1, set_fd = 2, get_fl = 3, set_fl = 4, get_own = 9, dup_fd = 0, dup_fd_cloexec = 1030;
    if (command == get_fd || command == get_fl || command == get_own) return {};
    if (command == set_fd) return value == 1 ? "FD_CLOEXEC" : fmt::format("{}", value);
    if (command == set_fl) return open_flags_text(value);
    if (command == dup_fd || command == dup_fd_cloexec) return fmt::format("{}", static_cast<s32>(value));
    return fmt::format("{:#x}", value);
}

std::string ioctl_text(const ArgumentContext& c, u32 command, u32 address) {
    constexpr u32 get_window_size = 0x5413, set_window_size = 0x5414, get_group = 0x540f, set_group = 0x5410,
                  readable = 0x541b;
    if (c.failed()) return pointer_text(address);
    if (command == get_window_size || command == set_window_size)
        if (const auto size = c.memory.get<std::array<u16, 4>>(address))
            return fmt::format("{{ws_row={}, ws_col={}, ws_xpixel={}, ws_ypixel={}}}", (*size)[0], (*size)[1],
                               (*size)[2], (*size)[3]);
    if (command == get_group || command == set_group || command == readable)
        if (const auto value = c.memory.get<s32>(address)) return fmt::format("[{}]", *value);
    return pointer_text(address);
}

/// What the call wrote: `result` bytes, without a NUL at the end for text.
std::string output_text(const ArgumentContext& c, u32 address, bool text) {
    if (!c.result || c.failed()) return pointer_text(address);
    u32 size = *c.result;
    if (text && size && c.memory.get<u8>(address + size - 1) == u8{0}) --size;
    return quoted_memory(c.memory, address, size);
}

std::string behind_pointer(const ArgumentContext& c, Argument kind, u32 address) {
    if (!address) return "NULL";
    if (is_filled_by_call(kind) && c.failed()) return pointer_text(address);
    if (kind == Argument::StatusOut && c.result == 0u)
        return pointer_text(address); // WNOHANG: nobody, nothing written
    return struct_text(c.memory, kind, address).value_or(pointer_text(address));
}

std::string access_text(u32 mode) {
    return mode == 0 ? "F_OK" : flags_text(names::access_modes, mode);
}

} // namespace

std::string pointer_text(u32 address) {
    return address ? fmt::format("{:#x}", address) : "NULL";
}

u32 words_of(Argument kind) {
    return kind == Argument::Long || kind == Argument::HighLow ? 2 : kind == Argument::CloneArguments ? 5 : 1;
}

bool is_filled_by_call(Argument kind) {
    using enum Argument;
    switch (kind) {
    case IoctlArgument:
    case LoffOut:
    case OldSigactionOut:
    case OldSigsetOut:
    case OutBytes:
    case OutString:
    case PipeOut:
    case Rlimit64Out:
    case RlimitOut:
    case SigactionOut:
    case SigsetOut:
    case Stat64Out:
    case StatusOut:
    case TimeOut:
    case Timespec64Out:
    case TimespecOut:
    case TimevalOut:
    case UtsnameOut: return true;
    default: return false;
    }
}

std::string argument_text(const ArgumentContext& c, Argument kind, u32 word) {
    using enum Argument;
    const auto& words = c.entry.words;
    const u32 value = words[word];
    const u32 next = word + 1 < words.size() ? words[word + 1] : 0;
    const u32 before = word ? words[word - 1] : 0;
    switch (kind) {
    case None: return {};
    case Dec:
    case Fd: return fmt::format("{}", static_cast<s32>(value));
    case Hex: return value ? fmt::format("{:#x}", value) : "0";
    case Pointer: return pointer_text(value);
    case Mode:
        return word && c.call.arguments[word - 1] == OpenFlags && !(before & open_create)
                   ? ""
                   : fmt::format("{:#03o}", value);
    case Long: return fmt::format("{}", static_cast<s64>(u64{next} << 32 | value));
    case HighLow: return fmt::format("{}", static_cast<s64>(u64{value} << 32 | next));
    case PageOffset: return value ? fmt::format("{:#x}", u64{value} * page_size) : "0";
    case DirFd: return static_cast<s32>(value) == -100 ? "AT_FDCWD" : fmt::format("{}", static_cast<s32>(value));
    case Path: return string_at(c.memory, value, path_limit);
    case String: return string_at(c.memory, value, string_limit);
    case StringArray: return strings_at(c.memory, value);
    case Environment: return environment_at(c.memory, value);
    case InBytes: return value ? quoted_memory(c.memory, value, next) : "NULL";
    case InVector: return vector_at(c.memory, value, next);
    case PollIn: return poll_at(c.memory, value, next);
    case OutBytes: return output_text(c, value, false);
    case OutString: return output_text(c, value, true);
    case OpenFlags: return open_flags_text(value);
    case DescriptorFlags: return flags_text(names::open_flags, value);
    case AccessMode: return access_text(value);
    case AtFlags: return flags_text(names::at_flags, value);
    case ClockId: return name_or_number(names::clocks, value, "CLOCK_???");
    case CloneArguments: return clone_text(words);
    case FcntlCommand: return name_or_number(names::fcntl_commands, value, "F_???");
    case FcntlArgument: return fcntl_text(before, value);
    case FutexOperation: return name_or_number(names::futex_operations, value, "FUTEX_???");
    case IoctlCommand: return name_or_number(names::ioctl_commands, value, "???");
    case IoctlArgument: return ioctl_text(c, before, value);
    case MapFlags: return flags_text(names::map_flags, value);
    case Protection: return flags_text(names::protection, value);
    case PtraceRequest: return name_or_number(names::ptrace_requests, value, "PTRACE_???");
    case Resource: return name_or_number(names::resources, value, "RLIMIT_???");
    case Signal: return signal_name(value);
    case SigprocmaskHow: return name_or_number(names::sigprocmask_how, value, "SIG_???");
    case WaitOptions: return flags_text(names::wait_options, value);
    case Whence: return name_or_number(names::whence, value, "SEEK_???");
    default: return behind_pointer(c, kind, value);
    }
}

} // namespace trapgate::kernel
