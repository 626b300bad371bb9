// SPDX-License-Identifier: MIT
// Loading Multiboot 1 images: what lies where afterwards, and what is refused.
#include "kernel/multiboot.hpp"

#include "catch.hpp"
#include "elf_bytes.hpp"

#include <string>

using namespace trapgate;
using namespace trapgate::kernel;
using trapgate::kernel::test::ElfBytes;

namespace {

struct Loader {
    mmu::PhysicalMemory memory{4 << 20};
    mmu::Bus bus{memory};
    cpu::Cpu cpu{bus, cpu::model_i686};

    Result<BootedImage> boot(const std::vector<u8>& file, std::string command_line = {},
                             std::vector<BootModule> modules = {}) {
        return boot_multiboot({"kernel", file, std::move(command_line), std::move(modules)}, memory, cpu);
    }
    std::string complaint(const std::vector<u8>& file) {
        const auto result = boot(file);
        return result ? "" : result.error().message;
    }
    u32 word(u32 address) const {
        u32 value = 0;
        std::memcpy(&value, memory.bytes().data() + address, 4);
        return value;
    }
    std::string text(u32 address) const { return reinterpret_cast<const char*>(memory.bytes().data() + address); }
};

void put_words(std::vector<u8>& bytes, std::size_t at, std::initializer_list<u32> words) {
    if (bytes.size() < at + 4 * words.size()) bytes.resize(at + 4 * words.size());
    for (const u32 word : words) {
        std::memcpy(bytes.data() + at, &word, 4);
        at += 4;
    }
}

constexpr u32 magic = 0x1badb002;

ElfBytes kernel_elf(u32 flags = 3) {
    ElfBytes elf(0x100000);
    put_words(elf.contents, 16, {magic, flags, 0 - magic - flags});
    return elf;
}

/// A flat image that begins with its header.
std::vector<u8> flat_image(u32 load, u32 load_end, u32 bss_end, u32 entry) {
    std::vector<u8> file;
    constexpr u32 flags = 1u << 16;
    put_words(file, 0, {magic, flags, 0 - magic - flags, 0x100000, load, load_end, bss_end, entry});
    file.resize(256, 0xaa);
    return file;
}

} // namespace

TEST_CASE("a multiboot kernel starts in the state that the specification describes") {
    Loader loader;
    const auto booted = loader.boot(kernel_elf().bytes(), "console=ttyS0");
    REQUIRE(booted);
    const cpu::Cpu& cpu = loader.cpu;
    CHECK(cpu.eip == 0x100000);
    CHECK(cpu.reg(cpu::Gpr::eax) == 0x2badb002);
    CHECK(cpu.reg(cpu::Gpr::ebx) == booted.value().information);
    CHECK((cpu.cr0 & 0x80000001) == 1);
    CHECK((cpu.flags.image() & (cpu::eflags::if_ | cpu::eflags::vm)) == 0);
    CHECK(cpu.segment(cpu::SegmentRegister::cs).is_code());
    for (const auto data : {cpu::SegmentRegister::ds, cpu::SegmentRegister::ss, cpu::SegmentRegister::gs})
        CHECK((cpu.segment(data).flat() && cpu.segment(data).can_write));
    CHECK(loader.memory.bytes()[0x100000] == 0x90);
    CHECK(loader.memory.foreign_writes() == 0);
}

TEST_CASE("the information block tells memory, command line, modules, map and loader") {
    Loader loader;
    const auto booted = loader.boot(kernel_elf().bytes(), "a b=c", {{{1, 2, 3}, "initramfs"}, {{4}, "second"}});
    REQUIRE(booted);
    const u32 info = booted.value().information;
    CHECK(loader.word(info) == 0x24d);
    CHECK(loader.word(info + 4) == 639);
    CHECK(loader.word(info + 8) == 3 * 1024);
    CHECK(loader.text(loader.word(info + 16)) == "kernel a b=c");
    CHECK(loader.word(info + 20) == 2);
    const u32 modules = loader.word(info + 24), first = loader.word(modules);
    CHECK(first % page_size == 0);
    CHECK(first == 0x101000);
    CHECK(loader.word(modules + 4) == first + 3);
    CHECK(loader.text(loader.word(modules + 8)) == "initramfs");
    CHECK(loader.memory.bytes()[first + 2] == 3);
    CHECK(loader.word(modules + 16) == first + page_size);
    const u32 map = loader.word(info + 48);
    CHECK(loader.word(info + 44) == 3 * 24);
    CHECK(loader.word(map + 48) == 20);
    CHECK(loader.word(map + 48 + 4) == 0x100000);
    CHECK(loader.word(map + 48 + 12) == 3 << 20);
    CHECK(loader.word(map + 48 + 20) == 1);
    CHECK(loader.text(loader.word(info + 64)) == "trapgate");
}

TEST_CASE("an entry that is a kernel's virtual address becomes physical") {
    ElfBytes elf = kernel_elf();
    elf.header.e_entry = 0xc0100010;
    elf.segments[0].p_vaddr = 0xc0100000;
    Loader loader;
    const auto booted = loader.boot(elf.bytes());
    REQUIRE(booted);
    CHECK(booted.value().entry == 0x100010);
}

TEST_CASE("an image with address fields is loaded where they say") {
    Loader loader;
    const auto booted = loader.boot(flat_image(0x100000, 0x100080, 0x100100, 0x100020));
    REQUIRE(booted);
    CHECK(loader.cpu.eip == 0x100020);
    CHECK(loader.memory.bytes()[0x10007f] == 0xaa);
    CHECK(loader.memory.bytes()[0x100080] == 0);
    Loader whole;
    REQUIRE(whole.boot(flat_image(0x100000, 0, 0, 0x100020)));
    CHECK(whole.memory.bytes()[0x1000ff] == 0xaa);
}

TEST_CASE("the information block makes way for a kernel in low memory") {
    ElfBytes elf = kernel_elf();
    elf.segments[0].p_paddr = elf.segments[0].p_vaddr = elf.header.e_entry = 0x8fc0;
    elf.segments[0].p_memsz = 0x1000;
    Loader loader;
    const auto booted = loader.boot(elf.bytes());
    REQUIRE(booted);
    CHECK(booted.value().information >= 0x100000);
}

TEST_CASE("images that are no kernel are refused with their name") {
    Loader loader;
    CHECK(loader.complaint({}).starts_with("kernel: is no Multiboot kernel"));
    CHECK(loader.complaint(ElfBytes(0x100000).bytes()).find("no Multiboot") != std::string::npos);
    CHECK(loader.complaint(kernel_elf(7).bytes()).find("graphics mode") != std::string::npos);
    CHECK(loader.complaint(kernel_elf(0x1003).bytes()).find("flags 0x1000") != std::string::npos);
    std::vector<u8> no_elf;
    put_words(no_elf, 0, {magic, 0, 0 - magic});
    CHECK(loader.complaint(no_elf).find("no ELF") != std::string::npos);
    ElfBytes late = kernel_elf();
    std::vector<u8> file = late.bytes();
    file.insert(file.begin() + 0x1000, 0x2000, 0); // the header lies behind the first 8 KB
    CHECK_FALSE(loader.complaint(file).empty());
}

TEST_CASE("hostile address fields are refused") {
    Loader loader;
    CHECK(loader.complaint(flat_image(0x100001, 0, 0, 0)).find("begin before") != std::string::npos);
    CHECK(loader.complaint(flat_image(0x0ff000, 0, 0, 0)).find("begin before") != std::string::npos);
    CHECK(loader.complaint(flat_image(0x100000, 0x200000, 0, 0)).find("cut off") != std::string::npos);
    CHECK(loader.complaint(flat_image(0x100000, 0x0fffff, 0, 0)).find("cut off") != std::string::npos);
    CHECK(loader.complaint(flat_image(0x100000, 0, 0x100001, 0)).find("bss") != std::string::npos);
    CHECK(loader.complaint(flat_image(0x100000, 0, 0xffffffff, 0)).find("-m") != std::string::npos);
    std::vector<u8> cut = flat_image(0x100000, 0, 0, 0);
    cut.resize(20);
    CHECK(loader.complaint(cut).find("cut off") != std::string::npos);
}

TEST_CASE("segments that overlap or lie outside RAM are refused") {
    Loader loader;
    ElfBytes overlapping = kernel_elf();
    overlapping.segments.push_back(overlapping.segments[0]);
    overlapping.segments[1].p_paddr += 64;
    CHECK(loader.complaint(overlapping.bytes()).find("overlap") != std::string::npos);
    ElfBytes outside = kernel_elf();
    outside.segments[0].p_memsz = 8 << 20;
    CHECK(loader.complaint(outside.bytes()).find("4 MB (-m)") != std::string::npos);
    ElfBytes wrapping = kernel_elf();
    wrapping.segments[0].p_paddr = 0xffffffc0;
    CHECK(loader.complaint(wrapping.bytes()).find("4 GB") != std::string::npos);
}

TEST_CASE("memory too small for kernel and modules is said with -m") {
    Loader loader;
    const auto result = loader.boot(kernel_elf().bytes(), "", {{std::vector<u8>(4 << 20), "initramfs"}});
    REQUIRE_FALSE(result);
    CHECK(result.error().exit_code == 125);
    CHECK(result.error().message.starts_with("-m 4 MB is too small"));
}

TEST_CASE("another kernel finds a boot table, the BIOS' words and a blank text screen") {
    Loader loader;
    const std::vector<u8> file = kernel_elf().bytes();
    BootRequest request{"kernel", file, {}, {}};
    request.bios_area = true;
    const auto booted = boot_multiboot(request, loader.memory, loader.cpu);
    REQUIRE(booted);
    const cpu::TableRegister gdt = loader.cpu.gdtr;
    CHECK(gdt.limit == 23);
    CHECK((gdt.base >= 639 * 1024 && gdt.base < 640 * 1024)); // reserved by the memory map
    CHECK(loader.word(gdt.base + 8) == 0x0000ffff);
    CHECK(loader.word(gdt.base + 12) == 0x00cf9b00);
    CHECK((loader.word(0x463) & 0xffff) == 0x3d4);
    CHECK((loader.word(0x44a) & 0xffff) == 80);
    CHECK(loader.word(0xb8000) == 0x07200720);
    const u32 information = booted.value().information;
    CHECK((loader.word(information) & 1u << 12) != 0);
    CHECK(loader.word(information + 88) == 0xb8000);
    CHECK(loader.word(information + 100) == 80);
}

TEST_CASE("another kernel is handed its ELF sections") {
    Loader loader;
    std::vector<u8> file = kernel_elf().bytes();
    // Three sections: none, a string table that also names sections, and one that lies outside the file.
    const u32 strings = static_cast<u32>(file.size());
    file.insert(file.end(), {0, 'a', 0, 0});
    const u32 headers = static_cast<u32>(file.size());
    put_words(file, headers, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    put_words(file, headers + 40, {1, 3, 0, 0, strings, 4, 0, 0, 1, 0});
    put_words(file, 32, {headers});
    file[46] = 40, file[47] = 0, file[48] = 2, file[49] = 0, file[50] = 1, file[51] = 0;
    BootRequest request{"kernel", file, {}, {}};
    request.bios_area = true;
    const auto booted = boot_multiboot(request, loader.memory, loader.cpu);
    REQUIRE(booted);
    const u32 information = booted.value().information;
    REQUIRE((loader.word(information) & 1u << 5) != 0);
    CHECK(loader.word(information + 28) == 2);
    CHECK(loader.word(information + 32) == 40);
    CHECK(loader.word(information + 40) == 1);
    const u32 placed = loader.word(information + 36);
    CHECK(loader.text(loader.word(placed + 40 + 12) + 1) == "a");

    put_words(file, headers + 40 + 20, {0x7fffffff}); // its end is nowhere
    const std::vector<u8> damaged = file;
    Loader other;
    BootRequest again{"kernel", damaged, {}, {}};
    again.bios_area = true;
    const auto without = boot_multiboot(again, other.memory, other.cpu);
    REQUIRE(without);
    CHECK((other.word(without.value().information) & 1u << 5) == 0);
}

TEST_CASE("a kernel may ask for the text mode, and for no other") {
    Loader loader;
    ElfBytes elf(0x100000);
    constexpr u32 flags = 7;
    put_words(elf.contents, 16, {magic, flags, 0 - magic - flags, 0, 0, 0, 0, 0, 1, 80, 25, 0});
    CHECK(loader.complaint(elf.bytes()).empty());
    put_words(elf.contents, 16 + 32, {0, 1024, 768, 32});
    CHECK(loader.complaint(elf.bytes()).find("graphics mode (1024x768)") != std::string::npos);
}
