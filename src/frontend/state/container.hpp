// SPDX-License-Identifier: MIT
// The file around a recording or a snapshot: a line that says what it is, then lengths and a checksum, then the contents,
// compressed. Source: docs/file-formats.md.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trapgate::frontend::state {

enum class FileKind : u8 { Recording, Snapshot };

/// "trapgate.recording/1": the first line of such a file.
std::string_view first_line(FileKind kind);

/// What the file at `path` says it is; nothing if it is none of ours or cannot be read.
std::optional<FileKind> kind_of_file(const std::string& path);

/// The file with these contents, as bytes.
std::vector<u8> pack(FileKind kind, std::span<const u8> contents);
/// The contents again. Errors say what is wrong: another kind, another version, truncated, damaged.
Result<std::vector<u8>> unpack(FileKind kind, std::span<const u8> file);

/// Writes under a temporary name first, so that a full disk leaves no half file behind. Errors carry exit code 125.
Status save(const std::string& path, FileKind kind, std::span<const u8> contents);
/// Errors name the file.
Result<std::vector<u8>> load(const std::string& path, FileKind kind);

} // namespace trapgate::frontend::state
