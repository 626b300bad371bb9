// SPDX-License-Identifier: MIT
// Checking PROG: see the header.
#include "kernel/elf_program.hpp"

#include "kernel/boot_file.hpp"
#include "kernel/elf_image.hpp"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace trapgate::kernel {

namespace {

constexpr u32 kernel_addresses = 0xc0000000; // PAGE_OFFSET

Error unusable(std::string_view name, std::string_view what) {
    return {fmt::format("{}: {}", name, what), 126};
}

/// The path in PT_INTERP, printable.
std::string interpreter_text(std::span<const u8> file, const ElfSegment& segment) {
    const auto bytes = file.subspan(segment.offset, std::min<u32>(segment.file_bytes, 256));
    const auto end = std::find(bytes.begin(), bytes.end(), u8{0});
    std::string text(bytes.begin(), end);
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

/// Is the dynamic linker in the tree? Links there may point to absolute names of the guest: that they exist is enough.
bool tree_holds(const std::string& root, const std::string& path) {
    std::error_code error;
    return std::filesystem::is_regular_file(std::filesystem::symlink_status(root + "/" + path, error)) ||
           std::filesystem::is_symlink(std::filesystem::symlink_status(root + "/" + path, error));
}

Status check_interpreter(const ElfImage& image, std::span<const u8> file, std::string_view name,
                         const std::optional<std::string>& root) {
    for (const ElfSegment& segment : image.segments) {
        if (segment.type != elf::interpreter) continue;
        const std::string wanted = interpreter_text(file, segment);
        if (!root)
            return unusable(name, fmt::format("is dynamically linked: it wants {}; give a folder that holds it and "
                                              "the libraries by --root DIR, or link with -static",
                                              wanted));
        if (!tree_holds(*root, wanted))
            return unusable(
                name, fmt::format("is dynamically linked: it wants {}, which is not in --root {}", wanted, *root));
    }
    return Nothing{};
}

Status check_type(const ElfImage& image, std::string_view name) {
    switch (image.type) {
    case elf::executable: return Nothing{};
    case elf::shared:
        return image.entry ? Status{Nothing{}} : unusable(name, "is a shared library, no program: it has no entry");
    case elf::relocatable: return unusable(name, "is an object file: it has to be linked first");
    case elf::core: return unusable(name, "is a core dump, no program");
    default: return unusable(name, fmt::format("is an ELF file of type {}, no program", image.type));
    }
}

Status check_addresses(const ElfImage& image, std::string_view name) {
    bool loads = false;
    for (const ElfSegment& segment : image.segments) {
        if (segment.type != elf::load) continue;
        loads = true;
        if (u64{segment.virtual_address} + segment.memory_bytes > kernel_addresses)
            return unusable(name,
                            fmt::format("wants {} bytes at {:#010x}; programs have the addresses below {:#010x}",
                                        segment.memory_bytes, segment.virtual_address, kernel_addresses));
        if ((segment.virtual_address ^ segment.offset) & page_offset_mask)
            return unusable(name,
                            "has a segment whose place in the file and address in memory differ within the page");
    }
    if (!loads) return unusable(name, "has no segment to load");
    return Nothing{};
}

} // namespace

Status check_program(std::span<const u8> file, std::string_view name, const std::optional<std::string>& root) {
    if (file.empty()) return unusable(name, "is empty: no ELF program");
    if (file.size() > 2 && file[0] == '#' && file[1] == '!')
        return unusable(name, "is a script, no ELF program: run its interpreter and give it the script");
    TRY(image, read_elf_image(file, name));
    TRY(type, check_type(image, name));
    TRY(interpreter, check_interpreter(image, file, name, root));
    TRY(addresses, check_addresses(image, name));
    (void)type, (void)interpreter, (void)addresses;
    return Nothing{};
}

Result<std::vector<u8>> read_program(const std::string& path, const std::optional<std::string>& root) {
    TRY(file, read_host_file(path));
    TRY(checked, check_program(file, path, root));
    (void)checked;
    return std::move(file);
}

} // namespace trapgate::kernel
