// SPDX-License-Identifier: MIT
// The numbers that gdb has for Linux' signals: the same names, other numbers. Source: [gdb] include/gdb/signals.def.
#pragma once

#include "base/types.hpp"

#include <array>

namespace trapgate::frontend::gdb {

constexpr u8 gdb_sigint = 2, gdb_sigtrap = 5, gdb_sigsegv = 11, gdb_sigunknown = 143;

/// For a signal of Linux on the i386, 1 to 31.
constexpr u8 gdb_signal(u32 linux_signal) {
    constexpr std::array<u8, 32> numbers{
        0,  1,  2,  3,  4,  5,  6,  10, 8,  9,  30, 11, 31, 13, 14, 15, gdb_sigunknown,
        20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12};
    return linux_signal < numbers.size() ? numbers[linux_signal] : gdb_sigunknown;
}

} // namespace trapgate::frontend::gdb
