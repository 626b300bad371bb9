// SPDX-License-Identifier: MIT
// PROG of `trapgate run`: is it a program that our kernel can execute? Asked before the machine starts, so that the user gets a
// sentence and not a guest's ENOEXEC. Source: docs/limits.md for the exit codes; [linux-2.6.11] fs/binfmt_elf.c for the rules.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace trapgate::kernel {

/// An i386 program whose segments fit into user space, or an error (126) that begins with `name`. A dynamically linked one
/// needs a --root tree that holds the dynamic linker it names.
Status check_program(std::span<const u8> file, std::string_view name,
                     const std::optional<std::string>& root = std::nullopt);

/// Reads and checks `path`. Errors: 127 if it is not there, else 126.
Result<std::vector<u8>> read_program(const std::string& path,
                                     const std::optional<std::string>& root = std::nullopt);

} // namespace trapgate::kernel
