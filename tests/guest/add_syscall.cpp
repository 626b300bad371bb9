// SPDX-License-Identifier: MIT
// Adding a system call, as docs/adding-a-syscall.md tells it: the patches of guest/patches are applied to a copy of the tree, that
// kernel is built, and the program that was there before runs on it. Then silly_foo, the forgotten check, /dev/foo, check-syscall.
// Source: tests/rows.tsv, groups "Add-a-system-call walk-through" and "User pointer checks" (U15).
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sys/wait.h>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;
namespace fs = std::filesystem;

namespace {
struct Done {
    int status;
    std::string text;
};

Done shell(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe);
    std::string text;
    std::array<char, 4096> block;
    for (std::size_t n; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) text.append(block.data(), n);
    return {::pclose(pipe), text};
}

/// The tree that the guest under test was built from: when a mutation is tried, that is its copy.
fs::path tree() {
    return guest_folder() / ".." / "..";
}

/// The kernel with one of guest/patches in it, built once.
const Image& patched(const std::string& name) {
    static std::set<std::string> built;
    if (built.insert(name).second) {
        const Done done = shell((source_folder() / "tests/guest/build-patched").string() + " " + tree().string() +
                                " " + guest_folder().string() + " " + name);
        INFO(done.text);
        REQUIRE(done.status == 0);
    }
    return Image::variant(name);
}

fs::path patched_tree(const std::string& name) {
    patched(name);
    return guest_folder() / "patched" / name;
}

/// What a program prints, and that it ends with this status.
std::string output_of(std::vector<std::string> command, const std::string& kernel, const std::string& append,
                      int status = 0) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.append = append;
    setup.kernel = kernel;
    Guest guest(setup);
    guest.run_to_exit(status);
    return guest.output() + guest.errors();
}

u32 slot(const Image& image, u32 number) {
    return image.word(image.address("sys_call_table") + 4 * number);
}

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    REQUIRE(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

void replace_once(const fs::path& path, const std::string& wanted, const std::string& replacement) {
    std::string text = text_of(path);
    const std::size_t at = text.find(wanted);
    INFO(path << ": " << wanted);
    REQUIRE(at != std::string::npos);
    std::ofstream(path) << text.replace(at, wanted.size(), replacement);
}
} // namespace

TEST_CASE("a line at the end of the table: it grows by 4 bytes, and the position is the number", "[N01][N02]") {
    const Image& before = Image::vmlinux();
    const Image& after = patched("foo289");
    REQUIRE(before.symbols().find("sys_call_table"));
    CHECK(after.symbols().find("sys_call_table")->size == before.symbols().find("sys_call_table")->size + 4);
    CHECK(slot(after, 289) == after.address("sys_foo"));
    CHECK(slot(after, 290) == after.address("sys_unimplemented")); // nothing behind it has moved
    CHECK(slot(after, 295) == after.address("sys_openat"));
    for (const auto& [name, number] : {std::pair{"foo283", 283u}, {"foo338", 338u}})
        CHECK(slot(patched(name), number) == patched(name).address("sys_foo"));
}

TEST_CASE("the same program: ENOSYS before the patch, the value after it", "[N10][N08]") {
    const std::string none = "foo: Function not implemented\n", size = "The kernel stack size is 8192\n";
    for (const auto& [name, number] : {std::pair{"foo289", "289"}, {"foo283", "283"}, {"foo338", "338"}}) {
        INFO(name);
        patched(name);
        CHECK(output_of({"demos/09-foo", number}, "", "syscalls=2.6.11", 1) == none);
        CHECK(output_of({"demos/09-foo", number}, name, "syscalls=2.6.11") == size);
    }
}

TEST_CASE("kernel and library see the same number of foo", "[N05]") {
    for (const auto& [name, number] : {std::pair{"foo289", "289"}, {"foo283", "283"}, {"foo338", "338"}}) {
        INFO(name);
        const std::regex line(std::string("\n#define __NR_foo +") + number + "\n");
        CHECK(std::regex_search(text_of(patched_tree(name) / "guest/kernel/include/asm/unistd.h"), line));
        CHECK(std::regex_search(text_of(patched_tree(name) / "guest/libc/include/asm/unistd.h"), line));
    }
}

TEST_CASE("the new routine is in the kernel's text, from kernel/sys.c", "[N07]") {
    const Image& image = patched("foo289");
    const auto line = image.debug_info().line_of(image.address("sys_foo"));
    REQUIRE(line.has_value());
    CHECK(line->file.ends_with("kernel/sys.c"));
    CHECK(image.address("sys_foo") > 0xc0100000);
}

TEST_CASE("profile foo283: slot 283, behind mq_getsetattr, is sys_foo and the textbook's program runs",
          "[N03][N09]") {
    Guest guest({.command = {"demos/09-foo"}, .append = "syscalls=foo283 nosysenter"});
    int arrived = 0;
    guest.at_kernel("sys_foo", [&](Guest& g) {
        ++arrived;
        CHECK(g.word(g.kernel("sys_call_table") + 4 * 283) == g.kernel("sys_foo"));
        CHECK(g.user_frame().orig_eax == 283);
    });
    guest.run_to_exit();
    CHECK(arrived == 1);
    CHECK(guest.output() == "The kernel stack size is 8192\n");
    CHECK(Image::vmlinux().word(Image::vmlinux().address("sys_call_table") + 4 * 282) ==
          Image::vmlinux().address("sys_mq_getsetattr"));
}

TEST_CASE("the textbook's program, word for word, prints the size, and -1 where there is no such call",
          "[N09][N10]") {
    CHECK(output_of({"programs/foo"}, "", "syscalls=foo283") == "The kernel stack size is 8192\n");
    CHECK(output_of({"programs/foo"}, "", "syscalls=2.6.11") == "The kernel stack size is -1\n");
}

TEST_CASE("profile foo338: the table reaches to 338, what lies between is filled, and the program runs",
          "[N04][N16]") {
    Guest guest({.command = {"probes/probe-foo", "foo"}, .append = "syscalls=foo338 nosysenter"});
    int arrived = 0;
    guest.at_kernel("sys_foo", [&](Guest& g) {
        ++arrived;
        CHECK(g.user_frame().orig_eax == 338);
        for (u32 number = 289; number < 338; ++number)
            CHECK(g.where(g.word(g.kernel("sys_call_table") + 4 * number)).starts_with("sys_"));
        CHECK(g.word(g.kernel("nr_reachable_syscalls")) >= 339);
    });
    guest.run_to_exit();
    CHECK(arrived == 1);
    CHECK(guest.output().starts_with("The kernel stack size is 8192\n"));
}

TEST_CASE("foo returns THREAD_SIZE: 4096 in the kernel with 4 KB stacks", "[N08]") {
    CHECK(output_of({"demos/09-foo"}, "", "syscalls=foo283") == "The kernel stack size is 8192\n");
    CHECK(output_of({"demos/09-foo"}, "4k", "syscalls=foo283") == "The kernel stack size is 4096\n");
}

TEST_CASE("silly_foo copies a word in and out, and a bad pointer is EFAULT", "[N11][N12][N13][U15]") {
    const std::string text = output_of({"probes/probe-foo", "silly"}, "", "syscalls=silly338");
    for (const char* line : {"ok   4 bytes arrive: dst is 0x11223344", "ok   bad src: EFAULT, dst unchanged",
                             "ok   good src, bad dst: EFAULT", "ok   64 bytes into one word: EINVAL"})
        CHECK(text.find(line) != std::string::npos);
}

TEST_CASE("silly_foo with a length that is checked: EINVAL, and nothing above its word is written", "[U15]") {
    CHECK(output_of({"demos/18-overrun"}, "", "syscalls=silly338") ==
          "silly_foo of 4 bytes: 42 came back\nsilly_foo of 16 bytes: Invalid argument\n");
}

TEST_CASE("silly_foo as printed: the return address on the kernel stack is the user's, and the user's code runs in "
          "ring 0",
          "[U15]") {
    Guest guest(
        {.command = {"demos/18-overrun"}, .append = "syscalls=silly338 nosysenter", .kernel = "as-printed"});
    u32 entry_esp = 0, smashed = 0;
    std::set<u32> rings;
    guest.at_kernel("sys_silly_foo", [&](Guest& g) {
        if (g.user_frame().edx != 16) return;
        entry_esp = g.esp();
        CHECK(g.where(g.word(entry_esp)).starts_with("syscall_call"));
    });
    guest.at_kernel("copy_to_user", [&](Guest& g) {
        if (entry_esp && !smashed) smashed = g.word(entry_esp);
    });
    guest.at_program("in_ring_0", [&](Guest& g) {
        rings.insert(g.selector(cpu::SegmentRegister::cs) & 3);
        CHECK(g.esp() == g.esp0() - sizeof(PtRegs));
    });
    guest.run_to_exit(3);
    CHECK(smashed == guest.program("in_ring_0"));
    CHECK(rings == std::set<u32>{0});
    CHECK(guest.output().find("my function ran with CS = 0x60, CPL 0") != std::string::npos);
}

TEST_CASE("/dev/foo: a device node instead of a call gives the same text", "[N18]") {
    const std::string same = output_of({"probes/probe-cat", "/dev/foo"}, "", "syscalls=2.6.11");
    CHECK(same == output_of({"demos/09-foo"}, "", "syscalls=foo283"));
    CHECK(output_of({"probes/probe-cat", "/dev/foo"}, "4k", "") == "The kernel stack size is 4096\n");
    output_of({"probes/probe-foo", "device"}, "", "");
}

TEST_CASE("SYSCALL_DEFINE0(getpid) stands for asmlinkage long sys_getpid(void)", "[N14][N15]") {
    const std::string include = (tree() / "guest/kernel/include").string();
    const auto expanded = [&](const std::string& line) {
        const Done done =
            shell("printf '#include <linux/syscalls.h>\\n#undef asmlinkage\\n" + line +
                  "\\n' | gcc -m32 -E -P -nostdinc -D__KERNEL__ -I" + include + " -x c - | tail -n 1");
        REQUIRE(done.status == 0);
        return done.text;
    };
    CHECK(expanded("SYSCALL_DEFINE0(getpid)") == "asmlinkage long sys_getpid(void)\n");
    CHECK(expanded("SYSCALL_DEFINE3(foo, unsigned long *, src, unsigned long *, dst, unsigned long, len)") ==
          "asmlinkage long sys_foo(unsigned long * src, unsigned long * dst, unsigned long len)\n");
    CHECK(expanded("SYSCALL_DEFINE6(six, int, a, int, b, int, c, int, d, int, e, int, f)") ==
          "asmlinkage long sys_six(int a, int b, int c, int d, int e, int f)\n");
    const Done real = shell("gcc -m32 -E -P -nostdinc -D__KERNEL__ -I" + include + " " +
                            (tree() / "guest/kernel/kernel/limits.c").string() + " | grep sys_getpid");
    CHECK(real.text == "__attribute__((regparm(0))) long sys_getpid(void)\n");
}

TEST_CASE("the checklist for interfaces is in the documentation, and ioctl is its counter-example", "[N17]") {
    const std::string text = text_of(source_folder() / "docs/adding-a-syscall.md");
    for (const char* words : {"One purpose. `ioctl`", "Few arguments", "No limit that only today's use needs",
                              "Portable", "Every argument is checked"})
        CHECK(text.find(words) != std::string::npos);
}

TEST_CASE("check-syscall is content with a call that has every step, new or Linux's own") {
    for (const char* name : {"foo289", "foo283", "foo338"}) {
        const Done done = shell((patched_tree(name) / "tools/check-syscall").string() + " foo");
        INFO(done.text);
        CHECK(done.status == 0);
        CHECK(done.text.find("foo: every step is there") != std::string::npos);
    }
    for (const char* name : {"read", "getpid", "clone", "personality"})
        CHECK(shell((source_folder() / "tools/check-syscall").string() + " " + name).status == 0);
}

TEST_CASE("check-syscall says what it wants when it is used wrongly") {
    const std::string command = (source_folder() / "tools/check-syscall").string();
    CHECK(shell(command + " sys_foo").text.find("give the name as programs use it, without sys_") !=
          std::string::npos);
    CHECK(WEXITSTATUS(shell(command + " sys_foo").status) == 2);
    CHECK(shell(command + " chown").text.find("number and routine of this call have different names") !=
          std::string::npos);
    CHECK(WEXITSTATUS(shell(command).status) == 2);
    CHECK(WEXITSTATUS(shell(command + " there_is_no_such_call").status) == 1);
}

TEST_CASE("check-syscall names the one step that is missing, with the file and what to write there") {
    struct Missing {
        const char *step, *file, *wanted, *replacement, *advice;
    };
    const std::array<Missing, 10> all{{
        {"slot in the table", "guest/kernel/arch/i386/kernel/syscall_table.S", ".long\tsys_foo",
         ".long\tsys_ni_syscall", ".long sys_foo, as entry 289"},
        {"number", "guest/kernel/include/asm/unistd.h", "#define __NR_foo 289\n", "", "#define __NR_foo 289"},
        {"limit", "guest/kernel/include/asm/unistd.h", "#define NR_syscalls 290", "#define NR_syscalls 289",
         "#define NR_syscalls 290"},
        {"prototype", "guest/kernel/include/linux/syscalls.h", "asmlinkage long sys_foo(void);\n", "",
         "asmlinkage long sys_foo(...);"},
        {"routine", "guest/kernel/kernel/sys.c", "asmlinkage long sys_foo(void)", "asmlinkage long sys_other(void)",
         "asmlinkage long sys_foo(...) { ... }"},
        {"routine", "guest/kernel/kernel/sys.c", "asmlinkage long sys_foo(void)", "long sys_foo(void)",
         "asmlinkage before sys_foo"},
        {"number for programs", "guest/libc/include/asm/unistd.h", "#define __NR_foo ", "#define __NR_fox ",
         "#define __NR_foo 289"},
        {"wrapper", "guest/libc/syscall/syscalls.list", "CALL(foo, __NR_foo, 0)\n", "", "CALL(foo, __NR_foo, "},
        {"line for strace", "src/kernel/syscalls.def", "SYSCALL(289, base, \"foo\"", "SYSCALL(1289, base, \"foo\"",
         "SYSCALL(289, base, \"foo\", \"sys_foo\""},
        {"documentation", "docs/adding-a-syscall.md", "| `foo` | 289 |", "| foo", "| `foo` | 289 |"},
    }};
    const fs::path copy = patched_tree("foo289");
    for (const Missing& missing : all) {
        INFO(missing.step << ", " << missing.file);
        const std::string original = text_of(copy / missing.file);
        replace_once(copy / missing.file, missing.wanted, missing.replacement);
        const Done done = shell((copy / "tools/check-syscall").string() + " foo");
        std::ofstream(copy / missing.file) << original;
        INFO(done.text);
        CHECK(done.status != 0);
        CHECK(std::regex_search(
            done.text, std::regex(std::string("(^|\n)missing +") + missing.step + " +" + missing.file + ": ")));
        CHECK(done.text.find(missing.advice) != std::string::npos);
        CHECK(done.text.find("foo: 1 of 9 steps missing") != std::string::npos);
    }
}
