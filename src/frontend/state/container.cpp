// SPDX-License-Identifier: MIT
#include "frontend/state/container.hpp"

#include "frontend/output_file.hpp"
#include "kernel/boot_file.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <fstream>

namespace trapgate::frontend::state {

namespace {

constexpr std::array<std::string_view, 2> names{"recording", "snapshot"};
constexpr std::array<std::string_view, 2> lines{"trapgate.recording/1\n", "trapgate.snapshot/2\n"};
constexpr u64 most_contents = u64{8} << 30;
constexpr int compression = 3;

struct Lengths {
    u64 packed = 0;
    u64 contents = 0;
    u64 hash = 0; ///< XXH3 of the packed bytes
};

Error damaged(FileKind kind, std::string_view how) {
    return Error{fmt::format("not a usable {}: {}", names[static_cast<u8>(kind)], how), 2};
}

} // namespace

std::string_view first_line(FileKind kind) {
    return lines[static_cast<u8>(kind)];
}

std::optional<FileKind> kind_of_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::array<char, 32> begin{};
    file.read(begin.data(), begin.size());
    const std::string_view there(begin.data(), static_cast<std::size_t>(file.gcount()));
    for (const FileKind kind : {FileKind::Recording, FileKind::Snapshot}) {
        const std::string_view line = first_line(kind);
        if (there.starts_with(line.substr(0, line.find('/')))) return kind;
    }
    return std::nullopt;
}

std::vector<u8> pack(FileKind kind, std::span<const u8> contents) {
    std::vector<u8> packed(ZSTD_compressBound(contents.size()));
    packed.resize(ZSTD_compress(packed.data(), packed.size(), contents.data(), contents.size(), compression));
    const Lengths lengths{packed.size(), contents.size(), XXH3_64bits(packed.data(), packed.size())};
    std::vector<u8> file(first_line(kind).begin(), first_line(kind).end());
    const auto* raw = reinterpret_cast<const u8*>(&lengths);
    file.insert(file.end(), raw, raw + sizeof lengths);
    file.insert(file.end(), packed.begin(), packed.end());
    return file;
}

Result<std::vector<u8>> unpack(FileKind kind, std::span<const u8> file) {
    const std::string_view line = first_line(kind);
    const std::string_view there(reinterpret_cast<const char*>(file.data()), std::min(file.size(), line.size()));
    if (there != line) {
        const std::string_view stem = line.substr(0, line.find('/') + 1);
        if (there.starts_with(stem)) return damaged(kind, "made by another version of Trapgate");
        return damaged(kind, "it does not begin as one");
    }
    file = file.subspan(line.size());
    Lengths lengths;
    if (file.size() < sizeof lengths) return damaged(kind, "it is truncated");
    std::memcpy(&lengths, file.data(), sizeof lengths);
    file = file.subspan(sizeof lengths);
    if (file.size() < lengths.packed)
        return damaged(kind, fmt::format("it is truncated: {} of {} bytes are there", file.size(), lengths.packed));
    if (file.size() > lengths.packed) return damaged(kind, "something follows its end");
    if (XXH3_64bits(file.data(), file.size()) != lengths.hash) return damaged(kind, "its checksum is wrong");
    if (lengths.contents > most_contents || lengths.contents != ZSTD_getFrameContentSize(file.data(), file.size()))
        return damaged(kind, "its length is wrong");
    std::vector<u8> contents(lengths.contents);
    const std::size_t got = ZSTD_decompress(contents.data(), contents.size(), file.data(), file.size());
    if (ZSTD_isError(got) || got != contents.size()) return damaged(kind, "it cannot be decompressed");
    return contents;
}

Status save(const std::string& path, FileKind kind, std::span<const u8> contents) {
    const std::vector<u8> file = pack(kind, contents);
    return save_file(path, {reinterpret_cast<const char*>(file.data()), file.size()});
}

Result<std::vector<u8>> load(const std::string& path, FileKind kind) {
    TRY(file, kernel::read_host_file(path));
    auto contents = unpack(kind, file);
    if (!contents) return Error{fmt::format("{}: {}", path, contents.error().message), contents.error().exit_code};
    return contents;
}

} // namespace trapgate::frontend::state
