// SPDX-License-Identifier: MIT
// The built kernel as a file: see the header. Source: [ELF] "Program Header".
#include "guest/image.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace trapgate::tests {

namespace {
std::vector<char> read_whole(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

kernel::DebugInfo open_debug_info(const std::string& path) {
    auto info = kernel::DebugInfo::from_file(path);
    REQUIRE(info);
    return std::move(info.value());
}
} // namespace

std::string Image::variant_path(const std::string& name) {
    return (name.empty() ? guest_folder() / "vmlinux" : guest_folder() / "variants" / name / "vmlinux").string();
}

const Image& Image::variant(const std::string& name) {
    static std::map<std::string, Image> images;
    const auto known = images.find(name);
    return known != images.end() ? known->second : images.try_emplace(name, variant_path(name)).first->second;
}

Image::Image(const std::string& path) : debug_info_(open_debug_info(path)) {
    const std::vector<char> file = read_whole(path);
    Elf32_Ehdr header;
    REQUIRE(file.size() > sizeof header);
    std::memcpy(&header, file.data(), sizeof header);
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf32_Phdr program;
        REQUIRE(file.size() >= header.e_phoff + (i + 1) * sizeof program);
        std::memcpy(&program, file.data() + header.e_phoff + i * sizeof program, sizeof program);
        if (program.p_type != PT_LOAD) continue;
        const auto begin = file.begin() + program.p_offset;
        segments_.push_back({program.p_vaddr, std::vector<u8>(begin, begin + program.p_filesz)});
    }
    auto symbols = kernel::Symbols::from_file(path);
    REQUIRE(symbols);
    symbols_ = std::move(symbols.value());
}

u32 Image::address(std::string_view symbol) const {
    const auto found = symbols_.address_of(symbol);
    INFO("symbol " << symbol);
    REQUIRE(found.has_value());
    return static_cast<u32>(*found);
}

u8 Image::byte(u32 address) const {
    for (const Segment& segment : segments_)
        if (address >= segment.address && address - segment.address < segment.bytes.size())
            return segment.bytes[address - segment.address];
    FAIL("the image has no byte at " << std::hex << address);
    return 0;
}

u32 Image::word(u32 address) const {
    u32 value = 0;
    for (u32 i = 0; i < 4; ++i) value |= u32{byte(address + i)} << (8 * i);
    return value;
}

const std::vector<std::string>& table_2_6_11() {
    static const std::vector<std::string> table = [] {
        std::vector<std::string> names;
        std::ifstream file(source_folder() / "tests/guest/table-2.6.11.txt");
        for (std::string line; std::getline(file, line);) {
            if (line.starts_with('#')) continue;
            std::istringstream fields(line);
            std::size_t number = 0;
            std::string name;
            fields >> number >> name;
            REQUIRE(number == names.size());
            names.push_back(name);
        }
        return names;
    }();
    return table;
}

std::string routine_name(std::size_t number) {
    const std::string& name = table_2_6_11().at(number);
    if (name == "-") return "sys_ni_syscall";
    return name.starts_with("old_") && name != "old_getrlimit" ? name : "sys_" + name;
}

} // namespace trapgate::tests
