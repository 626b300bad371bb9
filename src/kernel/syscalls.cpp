// SPDX-License-Identifier: MIT
#include "kernel/syscalls.hpp"

#include <algorithm>

namespace trapgate::kernel {

namespace {

template <class... Kinds> constexpr std::array<Argument, 6> pack(Kinds... kinds) {
    static_assert(sizeof...(kinds) <= 6);
    return {kinds...};
}

constexpr Syscall table[] = {
#define SYSCALL(number, profile, name, routine, result, arguments)                                                 \
    {number, TableProfile::profile, name, routine, SyscallResult::result, [] {                                     \
         using enum Argument;                                                                                      \
         return pack arguments;                                                                                    \
     }()},
#include "kernel/syscalls.def"
#undef SYSCALL
};

constexpr bool in_order() {
    for (std::size_t i = 1; i < std::size(table); ++i)
        if (table[i - 1].number >= table[i].number) return false;
    return true;
}
static_assert(in_order(), "syscalls.def must be in order of number");

} // namespace

std::span<const Syscall> all_syscalls() {
    return table;
}

const Syscall* find_syscall(u32 number) {
    const auto found = std::lower_bound(std::begin(table), std::end(table), number,
                                        [](const Syscall& call, u32 wanted) { return call.number < wanted; });
    return found != std::end(table) && found->number == number ? found : nullptr;
}

const Syscall* find_syscall(std::string_view name) {
    const auto found =
        std::find_if(std::begin(table), std::end(table), [&](const Syscall& c) { return c.name == name; });
    return found == std::end(table) ? nullptr : found;
}

} // namespace trapgate::kernel
