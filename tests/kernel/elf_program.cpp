// SPDX-License-Identifier: MIT
// What `trapgate run` says about files that it cannot run.
#include "kernel/elf_program.hpp"

#include "catch.hpp"
#include "elf_bytes.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <string>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::kernel;
using trapgate::kernel::test::ElfBytes;

namespace {

/// The complaint about a file, "" if there is none.
std::string complaint(const std::vector<u8>& file) {
    const Status status = check_program(file, "prog");
    if (status) return {};
    CHECK(status.error().exit_code == 126);
    CHECK(status.error().message.starts_with("prog: "));
    CHECK(status.error().message.find('\n') == std::string::npos);
    return status.error().message;
}

bool says(const std::vector<u8>& file, std::string_view text) {
    const std::string message = complaint(file);
    INFO(message);
    CHECK(message.find(text) != std::string::npos);
    return true;
}

std::vector<u8> text_file(std::string_view text) {
    return {text.begin(), text.end()};
}

} // namespace

TEST_CASE("a static i386 program is accepted") {
    CHECK(complaint(ElfBytes().bytes()).empty());
}

TEST_CASE("what is no ELF program is named as what it is") {
    says({}, "empty");
    says(text_file("hello\n"), "no ELF");
    says(text_file("#!/bin/sh\n"), "script");
    ElfBytes elf;
    elf.header.e_type = ET_REL;
    says(elf.bytes(), "object file");
    elf.header.e_type = ET_DYN;
    CHECK(complaint(elf.bytes()).empty()); // -static-pie
    elf.header.e_entry = 0;
    says(elf.bytes(), "shared library");
    elf.header.e_type = ET_CORE;
    says(elf.bytes(), "core dump");
}

TEST_CASE("programs for other processors are refused by name") {
    ElfBytes elf;
    elf.header.e_machine = EM_ARM;
    says(elf.bytes(), "ARM");
    elf.header.e_machine = EM_X86_64;
    elf.header.e_ident[EI_CLASS] = ELFCLASS64;
    says(elf.bytes(), "x86-64 program: this processor runs i386");
    elf.header.e_machine = EM_386;
    says(elf.bytes(), "no 32-bit");
}

TEST_CASE("a dynamically linked program is refused with its interpreter unless the --root tree holds it") {
    ElfBytes elf;
    const std::string_view path = "/lib/ld-linux.so.2";
    elf.contents.assign(path.begin(), path.end());
    elf.contents.resize(64);
    elf.segments.push_back({PT_INTERP, ElfBytes::contents_offset, 0, 0, 19, 19, PF_R, 1});
    says(elf.bytes(), "dynamically linked: it wants /lib/ld-linux.so.2; give a folder that holds it");
    const auto root = std::filesystem::temp_directory_path() / fmt::format("trapgate-elf-program-{}", ::getpid());
    std::filesystem::create_directories(root / "lib");
    const Status empty = check_program(elf.bytes(), "prog", root.string());
    REQUIRE(!empty);
    CHECK(empty.error().message.find("/lib/ld-linux.so.2, which is not in --root") != std::string::npos);
    std::ofstream(root / "lib/ld-linux.so.2") << "x";
    CHECK(check_program(elf.bytes(), "prog", root.string()));
    std::filesystem::remove_all(root);
    elf.contents[0] = 0x1b; // no escape sequences for the user's terminal
    CHECK(complaint(elf.bytes()).find('\x1b') == std::string::npos);
}

TEST_CASE("a program cut off anywhere is refused") {
    const std::vector<u8> file = ElfBytes().bytes();
    for (std::size_t size = 0; size < file.size(); size += size < 128 ? 1 : 97)
        CHECK_FALSE(complaint({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size)}).empty());
}

TEST_CASE("hostile program headers are refused") {
    const auto spoilt = [](auto spoil) {
        ElfBytes elf;
        spoil(elf);
        return elf.bytes();
    };
    says(spoilt([](ElfBytes& e) { e.header.e_phnum = 0xffff; }), "program headers beyond");
    says(spoilt([](ElfBytes& e) { e.header.e_phoff = 0xfffffff0; }), "program headers beyond");
    says(spoilt([](ElfBytes& e) { e.header.e_phentsize = 8; }), "program headers of 8 bytes");
    says(spoilt([](ElfBytes& e) { e.segments.clear(); }), "nothing to load");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_type = PT_NOTE; }), "no segment to load");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_offset = 0xfffff000; }), "end of the file");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_filesz = 0xffffffff; }), "end of the file");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_memsz = 1; }), "more bytes in the file than in memory");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_vaddr = 0xc0100000; }), "wants 128 bytes at 0xc0100000");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_memsz = 0xf0000000; }), "wants");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_memsz = 0xffffffff; }), "4 GB");
    says(spoilt([](ElfBytes& e) { e.segments[0].p_vaddr += 1; }), "within the page");
}

TEST_CASE("a missing program is 127, a folder 126") {
    const auto missing = read_program("no/such/program");
    REQUIRE_FALSE(missing);
    CHECK(missing.error().exit_code == 127);
    CHECK(missing.error().message.starts_with("no/such/program: "));
    const auto folder = read_program("/");
    REQUIRE_FALSE(folder);
    CHECK(folder.error().exit_code == 126);
    CHECK(folder.error().message.find("directory") != std::string::npos);
}
