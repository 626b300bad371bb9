// SPDX-License-Identifier: MIT
// PROG of `trapgate run`: is it a program that our kernel can execute? Asked before the machine starts, so that the user gets a
// sentence and not a guest's ENOEXEC. Source: docs/limits.md for the exit codes; [linux-2.6.11] fs/binfmt_elf.c for the rules.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <span>
#include <string>
#include <vector>

namespace trapgate::kernel {

/// A statically linked i386 program whose segments fit into user space, or an error (126) that begins with `name`.
Status check_program(std::span<const u8> file, std::string_view name);

/// Reads and checks `path`. Errors: 127 if it is not there, else 126.
Result<std::vector<u8>> read_program(const std::string& path);

} // namespace trapgate::kernel
