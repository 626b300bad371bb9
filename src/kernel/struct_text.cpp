// SPDX-License-Identifier: MIT
// Structures of the i386 user interface as text. Layouts: Linux' published headers (docs/references.md, "user ABI").
#include "kernel/abi_names.hpp"
#include "kernel/argument_text.hpp"

#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

using Text = std::optional<std::string>;

template <class Struct, class Show> Text with(const GuestMemory& memory, u32 address, Show show) {
    const auto value = memory.get<Struct>(address);
    return value ? Text(show(*value)) : std::nullopt;
}

struct Time32 {
    s32 seconds, rest;
};
struct Time64 {
    s64 seconds;
    s32 nanoseconds, padding;
};

std::string time_text(const Time32& t, std::string_view unit) {
    return fmt::format("{{tv_sec={}, tv_{}={}}}", t.seconds, unit, t.rest);
}

std::string special_nanoseconds(s32 value) {
    if (value == 0x3fffffff) return "UTIME_NOW";
    if (value == 0x3ffffffe) return "UTIME_OMIT";
    return fmt::format("{}", value);
}

Text two_times(const GuestMemory& memory, u32 address) {
    return with<std::array<Time32, 2>>(memory, address, [](const auto& t) {
        return fmt::format("[{{tv_sec={}, tv_nsec={}}}, {{tv_sec={}, tv_nsec={}}}]", t[0].seconds,
                           special_nanoseconds(t[0].rest), t[1].seconds, special_nanoseconds(t[1].rest));
    });
}

std::string limit_text(u64 limit, u64 infinity) {
    if (limit == infinity) return "RLIM_INFINITY";
    return limit > 1024 && limit % 1024 == 0 ? fmt::format("{}*1024", limit / 1024) : fmt::format("{}", limit);
}

template <class Word> Text rlimit(const GuestMemory& memory, u32 address) {
    return with<std::array<Word, 2>>(memory, address, [](const auto& limit) {
        constexpr Word infinity = ~Word{0};
        return fmt::format("{{rlim_cur={}, rlim_max={}}}", limit_text(limit[0], infinity),
                           limit_text(limit[1], infinity));
    });
}

std::string handler_text(u32 handler) {
    if (handler == 0) return "SIG_DFL";
    return handler == 1 ? "SIG_IGN" : fmt::format("{:#x}", handler);
}

std::string sigaction_text(u32 handler, u32 flags, u32 restorer, const std::string& mask) {
    std::string text = fmt::format("{{sa_handler={}, sa_mask={}, sa_flags={}", handler_text(handler), mask,
                                   flags_text(names::sigaction_flags, flags));
    constexpr u32 has_restorer = 0x04000000;
    if (flags & has_restorer) text += fmt::format(", sa_restorer={:#x}", restorer);
    return text + "}";
}

Text sigaction(const GuestMemory& memory, u32 address) {
    struct Raw {
        u32 handler, flags, restorer, mask[2];
    };
    return with<Raw>(memory, address, [](const Raw& raw) {
        return sigaction_text(raw.handler, raw.flags, raw.restorer,
                              sigset_text(u64{raw.mask[1]} << 32 | raw.mask[0], 64));
    });
}

Text old_sigaction(const GuestMemory& memory, u32 address) {
    struct Raw {
        u32 handler, mask, flags, restorer;
    };
    return with<Raw>(memory, address, [](const Raw& raw) {
        return sigaction_text(raw.handler, raw.flags, raw.restorer, sigset_text(raw.mask, 32));
    });
}

Text stat64(const GuestMemory& memory, u32 address) {
    const auto mode = memory.get<u32>(address + 16);
    const auto device = memory.get<u32>(address + 32);
    const auto size = memory.get<s64>(address + 44);
    if (!mode || !device || !size) return std::nullopt;
    constexpr u32 type_mask = 0170000, characters = 0020000, blocks = 0060000;
    const u32 type = *mode & type_mask;
    const std::string start =
        fmt::format("{{st_mode={}|{:#05o}", name_or_number(names::file_types, type, "S_IF???"), *mode & 07777);
    if (type == characters || type == blocks)
        return start + fmt::format(", st_rdev=makedev({:#x}, {:#x}), ...}}", *device >> 8 & 0xfff, *device & 0xff);
    return start + fmt::format(", st_size={}, ...}}", *size);
}

Text user_desc(const GuestMemory& memory, u32 address) {
    return with<std::array<u32, 4>>(memory, address, [](const auto& d) {
        const auto bit = [&d](u32 n) { return d[3] >> n & 1; };
        return fmt::format(
            "{{entry_number={}, base_addr={:#x}, limit={:#x}, seg_32bit={}, contents={}, read_exec_only={}, "
            "limit_in_pages={}, seg_not_present={}, useable={}}}",
            static_cast<s32>(d[0]), d[1], d[2], bit(0), d[3] >> 1 & 3, bit(3), bit(4), bit(5), bit(6));
    });
}

Text utsname(const GuestMemory& memory, u32 address) {
    constexpr u32 field = 65;
    const auto system = memory.text(address, field), node = memory.text(address + field, field);
    const auto release = memory.text(address + 2 * field, field);
    if (!system || !node || !release) return std::nullopt;
    return fmt::format("{{sysname={}, nodename={}, release={}, ...}}", quoted(*system, field), quoted(*node, field),
                       quoted(*release, field));
}

} // namespace

std::optional<std::string> struct_text(const GuestMemory& memory, Argument kind, u32 address) {
    switch (kind) {
    case Argument::TimespecIn:
    case Argument::TimespecOut:
        return with<Time32>(memory, address, [](const Time32& t) { return time_text(t, "nsec"); });
    case Argument::TimevalIn:
    case Argument::TimevalOut:
        return with<Time32>(memory, address, [](const Time32& t) { return time_text(t, "usec"); });
    case Argument::Timespec64In:
    case Argument::Timespec64Out:
        return with<Time64>(memory, address, [](const Time64& t) {
            return fmt::format("{{tv_sec={}, tv_nsec={}}}", t.seconds, t.nanoseconds);
        });
    case Argument::Timespec2In: return two_times(memory, address);
    case Argument::RlimitIn:
    case Argument::RlimitOut: return rlimit<u32>(memory, address);
    case Argument::Rlimit64In:
    case Argument::Rlimit64Out: return rlimit<u64>(memory, address);
    case Argument::SigactionIn:
    case Argument::SigactionOut: return sigaction(memory, address);
    case Argument::OldSigactionIn:
    case Argument::OldSigactionOut: return old_sigaction(memory, address);
    case Argument::SigsetIn:
    case Argument::SigsetOut: return with<u64>(memory, address, [](u64 mask) { return sigset_text(mask, 64); });
    case Argument::OldSigsetIn:
    case Argument::OldSigsetOut: return with<u32>(memory, address, [](u32 mask) { return sigset_text(mask, 32); });
    case Argument::Stat64Out: return stat64(memory, address);
    case Argument::UserDesc: return user_desc(memory, address);
    case Argument::UtsnameOut: return utsname(memory, address);
    case Argument::PipeOut:
        return with<std::array<s32, 2>>(memory, address,
                                        [](const auto& p) { return fmt::format("[{}, {}]", p[0], p[1]); });
    case Argument::LoffIn:
    case Argument::LoffOut:
        return with<s64>(memory, address, [](s64 offset) { return fmt::format("[{}]", offset); });
    case Argument::TimeOut: return with<s32>(memory, address, [](s32 time) { return fmt::format("[{}]", time); });
    case Argument::StatusOut:
        return with<u32>(memory, address, [](u32 status) { return wait_status_text(status); });
    default: return std::nullopt;
    }
}

} // namespace trapgate::kernel
