// SPDX-License-Identifier: MIT
// What can be said of the kernel without running it: the table of system calls, the entry code, the service routines.
#include "catch.hpp"
#include "guest/image.hpp"
#include "paths.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
namespace fs = std::filesystem;

namespace {
constexpr u32 entries = 289;

/// All C sources of the kernel as one text.
const std::string& kernel_sources() {
    static const std::string text = [] {
        std::string all;
        for (const auto& entry : fs::recursive_directory_iterator(source_folder() / "guest/kernel")) {
            if (entry.path().extension() != ".c" && entry.path().extension() != ".h") continue;
            std::ifstream file(entry.path());
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }();
    return text;
}

std::string output_of(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe);
    std::string text;
    std::array<char, 4096> block;
    for (std::size_t n; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) text.append(block.data(), n);
    CHECK(::pclose(pipe) == 0);
    return text;
}

u32 slot(std::size_t number) {
    const Image& image = Image::vmlinux();
    return image.word(image.address("sys_call_table") + 4 * static_cast<u32>(number));
}
} // namespace

TEST_CASE("the table of system calls holds 289 addresses, 1156 bytes", "[D05]") {
    const Image& image = Image::vmlinux();
    const kernel::Symbol* table = image.symbols().find("sys_call_table");
    REQUIRE(table);
    CHECK(table->size == 4 * entries);
    CHECK(table_2_6_11().size() == entries);
}

TEST_CASE("every entry of the table is the routine of its name", "[D05][D10][D17]") {
    const Image& image = Image::vmlinux();
    for (std::size_t number = 0; number < entries; ++number) {
        INFO("entry " << number << ", " << routine_name(number));
        CHECK(slot(number) == image.address(routine_name(number)));
    }
}

TEST_CASE("slot 0 is sys_restart_syscall, as in the newer list", "[D12]") {
    CHECK(slot(0) == Image::vmlinux().address("sys_restart_syscall"));
    CHECK(slot(0) != Image::vmlinux().address("sys_ni_syscall"));
}

TEST_CASE("the fourteen listed entries hold exactly these symbols", "[D11]") {
    const std::map<u32, const char*> listed{
        {1, "sys_exit"},         {2, "sys_fork"},          {3, "sys_read"},       {4, "sys_write"},
        {5, "sys_open"},         {6, "sys_close"},         {7, "sys_waitpid"},    {184, "sys_capget"},
        {185, "sys_capset"},     {186, "sys_sigaltstack"}, {187, "sys_sendfile"}, {188, "sys_ni_syscall"},
        {189, "sys_ni_syscall"}, {190, "sys_vfork"},
    };
    for (const auto& [number, name] : listed) CHECK(slot(number) == Image::vmlinux().address(name));
}

TEST_CASE("read is number 3, at sys_call_table + 12", "[D14]") {
    const Image& image = Image::vmlinux();
    CHECK(image.word(image.address("sys_call_table") + 12) == image.address("sys_read"));
}

TEST_CASE("every routine but three is called sys_ and something", "[D13]") {
    const std::set<std::string> exceptions{"old_select", "old_readdir", "old_mmap"};
    std::set<std::string> found;
    for (std::size_t number = 0; number < entries; ++number) {
        const std::string name = routine_name(number);
        if (!name.starts_with("sys_")) found.insert(name);
    }
    CHECK(found == exceptions);
    for (const auto& [number, name] :
         std::map<u32, const char*>{{82, "old_select"}, {89, "old_readdir"}, {90, "old_mmap"}})
        CHECK(slot(number) == Image::vmlinux().address(name));
}

TEST_CASE("sys_ni_syscall fills every slot that nobody has", "[D08]") {
    const u32 none = Image::vmlinux().address("sys_ni_syscall");
    for (u32 number :
         {17, 31, 32, 35, 44, 53, 56, 58, 98, 112, 127, 130, 137, 167, 188, 189, 222, 223, 251, 273, 283, 285})
        CHECK(slot(number) == none);
}

TEST_CASE("NR_syscalls is a limit, not a count: fewer routines than entries", "[D07]") {
    std::set<u32> distinct;
    for (std::size_t number = 0; number < entries; ++number) distinct.insert(slot(number));
    CHECK(distinct.size() < entries);
    CHECK(distinct.size() > 100); // and it is a kernel
}

TEST_CASE("make syscalls-report prints NR_syscalls and the number of routines that are there", "[D07]") {
    const fs::path guest = guest_folder(), kernel = guest / "../../guest/kernel";
    const std::string report =
        output_of("make -s --no-print-directory -C '" + kernel.lexically_normal().string() + "' O='" +
                  fs::absolute(guest / "obj/kernel").lexically_normal().string() + "' syscalls-report");
    INFO(report);
    std::smatch match;
    REQUIRE(std::regex_search(report, match, std::regex("NR_syscalls: 289\ndistinct routines: (\\d+)\n")));
    std::set<u32> distinct;
    for (std::size_t number = 0; number < entries; ++number) distinct.insert(slot(number));
    distinct.erase(Image::vmlinux().address("sys_ni_syscall"));
    CHECK(std::stoul(match[1]) == distinct.size());
}

TEST_CASE("the system call handler is one assembly function in arch/i386/kernel/entry.S", "[E02][E12]") {
    const Image& image = Image::vmlinux();
    for (const char* label :
         {"system_call", "sysenter_entry", "ret_from_fork", "resume_userspace", "restore_all"}) {
        INFO(label);
        const auto line = image.debug_info().line_of(image.address(label));
        REQUIRE(line.has_value());
        CHECK(line->file.ends_with("arch/i386/kernel/entry.S"));
    }
}

TEST_CASE("Linux's labels of the entry code are symbols", "[E02]") {
    for (const char* label : {"system_call", "syscall_call", "syscall_exit", "restore_all", "work_pending",
                              "work_resched", "work_notifysig", "syscall_trace_entry", "syscall_exit_work",
                              "syscall_badsys", "resume_userspace", "resume_kernel", "ret_from_exception",
                              "ret_from_intr", "ret_from_fork", "sysenter_entry", "sysenter_past_esp"})
        CHECK(Image::vmlinux().symbols().address_of(label).has_value());
}

TEST_CASE("thread_info has its flags at 8, and pt_regs names its fifteen words in the order of the frame",
          "[E13]") {
    const auto& info = Image::vmlinux().debug_info();
    const auto thread_info = info.layout("thread_info");
    REQUIRE(thread_info.has_value());
    REQUIRE(thread_info->find("flags"));
    CHECK(thread_info->find("flags")->offset == 8);
    const auto regs = info.layout("pt_regs");
    REQUIRE(regs.has_value());
    CHECK(regs->size == 60);
    u32 offset = 0;
    for (const char* name : {"ebx", "ecx", "edx", "esi", "edi", "ebp", "eax", "xds", "xes", "orig_eax", "eip",
                             "xcs", "eflags", "esp", "xss"}) {
        INFO(name);
        REQUIRE(regs->find(name));
        CHECK(regs->find(name)->offset == offset);
        offset += 4;
    }
}

TEST_CASE("every service routine is asmlinkage, in a kernel that passes arguments in registers", "[A04]") {
    const std::string& sources = kernel_sources();
    CHECK(std::regex_search(sources, std::regex(R"(#define\s+asmlinkage\b[^\n]*regparm\s*\(\s*0\s*\))")));
    std::ifstream makefile(source_folder() / "guest/kernel/Makefile");
    const std::string rules{std::istreambuf_iterator<char>(makefile), {}};
    CHECK(rules.find("-mregparm=3") != std::string::npos);

    // All definitions of sys_* and old_*: a line that begins the function, not a prototype (no semicolon before the brace).
    const std::regex definition(R"((?:^|\n)([a-z_][^;{}()\n#]*)\b((?:sys|old)_\w+)\s*\([^;{}]*\)\s*\{)");
    std::set<std::string> routines;
    for (std::size_t number = 0; number < entries; ++number) routines.insert(routine_name(number));
    int seen = 0;
    for (std::sregex_iterator match(sources.begin(), sources.end(), definition), end; match != end; ++match) {
        if (!routines.contains((*match)[2].str())) continue;
        ++seen;
        INFO((*match)[1].str() << (*match)[2].str());
        CHECK((*match)[1].str().find("asmlinkage") != std::string::npos);
    }
    CHECK(seen > 100);
}
