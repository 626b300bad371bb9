// SPDX-License-Identifier: MIT
// The library's side as text: its list of wrappers, its macros, its headers, its sentences. Rows marked [B] of group
// "Wrapper, errno, libc, _syscallN" in tests/rows.tsv.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <unistd.h>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
std::string shell(const std::string& command) {
    std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe);
    std::string text;
    std::array<char, 4096> block;
    for (std::size_t n; (n = std::fread(block.data(), 1, block.size(), pipe)) > 0;) text.append(block.data(), n);
    const int status = ::pclose(pipe);
    INFO(command << "\n" << text);
    REQUIRE(status == 0);
    return text;
}

const std::string libc_include = "-nostdinc -I" + (source_folder() / "guest/libc/include").string();
const std::string kernel_include =
    "-nostdinc -D__KERNEL__ -I" + (source_folder() / "guest/kernel/include").string();

/// Handed to gcc as a file; the answer without line markers and superfluous white space.
std::string gcc(const std::string& source, const std::string& options) {
    const auto file =
        std::filesystem::temp_directory_path() / ("trapgate-macros-" + std::to_string(::getpid()) + ".c");
    std::ofstream(file) << source;
    std::string text = shell("gcc -m32 " + options + " " + file.string());
    std::filesystem::remove(file);
    text = std::regex_replace(text, std::regex(R"(\s+)"), " ");
    return std::regex_replace(text, std::regex(R"( *([(){};:,"*]) *)"), "$1");
}

/// name of the wrapper -> name of the number, from syscalls.list.
std::map<std::string, std::string> listed() {
    std::ifstream file(source_folder() / "guest/libc/syscall/syscalls.list");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::regex call(R"(\nCALL\((\w+), (__NR_\w+), \d\))");
    std::map<std::string, std::string> all;
    for (std::sregex_iterator match(text.begin(), text.end(), call), end; match != end; ++match)
        all[(*match)[1]] = (*match)[2];
    return all;
}

/// The number that the built function puts into eax: the first `mov $number,%eax` in it.
std::optional<u32> number_of(const Image& program, const std::string& wrapper) {
    const u32 begin = program.address(wrapper);
    for (u32 at = begin; at < begin + 64; ++at)
        if (program.byte(at) == 0xb8) return program.word(at + 1);
    return {};
}
} // namespace

TEST_CASE("every call that the kernel has is behind a wrapper of the library", "[W02]") {
    const Image program((guest_folder() / "demos/02-getpid").string());
    std::map<u32, std::string> wrapper{
        {0, "(the kernel's own)"}, {119, "__restore"}, {120, "clone"}, {173, "__restore_rt"}, {190, "vfork"}};
    for (const auto& [name, macro] : listed()) {
        INFO(name);
        const auto number = number_of(program, name);
        REQUIRE(number.has_value());
        CHECK(wrapper.try_emplace(*number, name).second); // one wrapper for one number
    }
    const Image& image = Image::vmlinux();
    for (u32 number = 0; number < 289; ++number) {
        INFO("number " << number << ", " << routine_name(number));
        if (image.word(image.address("sys_call_table") + 4 * number) != image.address("sys_ni_syscall"))
            CHECK(wrapper.contains(number));
    }
    CHECK(wrapper.size() > 250);
    const u32 later = image.address("sys_call_table_extended");
    for (u32 number = 289; number < 451; ++number) {
        const u32 routine = image.word(later + 4 * (number - 289));
        INFO("number " << number << ", " << image.symbols().name_at(routine));
        if (routine != image.address("sys_unimplemented") && routine != image.address("sys_ni_syscall"))
            CHECK(wrapper.contains(number));
    }
}

TEST_CASE("a wrapper has the number that <asm/unistd.h> gives to the name in the list", "[W02][W04]") {
    std::string source = "#include <asm/unistd.h>\n";
    for (const auto& [name, macro] : listed()) source += name + " = " + macro + "\n";
    const std::string text = shell("printf '" + std::regex_replace(source, std::regex("\n"), "\\n") +
                                   "' | gcc -m32 -E -P -D__ASSEMBLER__ " + libc_include + " -x c -");
    const Image program((guest_folder() / "demos/02-getpid").string());
    std::istringstream lines(text);
    std::string name, equals;
    u32 number = 0;
    std::size_t count = 0;
    while (lines >> name >> equals >> number) {
        INFO(name);
        CHECK(number_of(program, name) == number);
        ++count;
    }
    CHECK(count == listed().size());
}

TEST_CASE("strerror gives the sentences of the host's Linux", "[W13]") {
    Guest guest(by_int80({"probes/probe-libc", "--strerror"}));
    guest.run_to_exit();
    std::istringstream lines(guest.output());
    std::string line;
    int number = 0;
    while (std::getline(lines, line)) {
        ++number;
        INFO(number);
        CHECK(line.ends_with(std::strerror(number)));
    }
    CHECK(number == 133);
}

TEST_CASE("each macro _syscallN takes the result's type, the name, and a type and a name for each argument",
          "[W21]") {
    const std::string source = "#include <asm/syscall_macros.h>\n"
                               "#define __NR_open 5\n"
                               "_syscall3(long, open, const char *, filename, int, flags, int, mode)\n";
    const std::string text = gcc(source, "-E -P " + libc_include);
    const std::string expected = "long open(const char*filename,int flags,int mode){long __result;"
                                 "__asm__ volatile(\"int $0x80\":\"=a\"(__result):\"0\"(5),\"b\"((long)(filename)),"
                                 "\"c\"((long)(flags)),\"d\"((long)(mode)):\"memory\");";
    INFO(text);
    CHECK(text.find(expected) != std::string::npos);

    std::ifstream file(source_folder() / "guest/libc/include/asm/syscall_macros.h");
    const std::string header{std::istreambuf_iterator<char>(file), {}};
    for (int n = 0; n <= 6; ++n) {
        std::smatch match;
        REQUIRE(std::regex_search(header, match,
                                  std::regex("#define _syscall" + std::to_string(n) + R"(\(([^)]*)\))")));
        const std::string parameters = match[1];
        INFO(parameters);
        CHECK(std::count(parameters.begin(), parameters.end(), ',') + 1 == 2 + 2 * n);
    }
}

TEST_CASE("all seven macros compile, each to a function with one trap", "[W20]") {
    std::string source = "#include <asm/syscall_macros.h>\n";
    const std::array<const char*, 7> arguments{"",          ", int, a",    ", int, b", ", int, c",
                                               ", long, d", ", char *, e", ", long, f"};
    std::string list;
    for (int n = 0; n <= 6; ++n) {
        list += arguments[static_cast<std::size_t>(n)];
        const std::string number = std::to_string(n);
        source += "#define __NR_call" + number + " " + std::to_string(1000 + n) + "\n_syscall" + number +
                  "(long, call" + number + list + ")\n";
    }
    for (const char* how : {"-O0", "-O2", "-O2 -fomit-frame-pointer"}) {
        const std::string text = gcc(source, std::string("-S -fno-pic -o - ") + how + " " + libc_include);
        INFO(how);
        std::size_t traps = 0;
        for (std::size_t at = 0; (at = text.find("int $0x80", at)) != std::string::npos; ++at) ++traps;
        CHECK(traps == 7);
    }
}

TEST_CASE("_syscall3 opens a file in a program without a libc", "[W22][W20]") {
    const Image program((guest_folder() / "bare/open").string());
    for (const char* name : {"main", "__libc_start", "malloc", "__vsyscall"})
        CHECK_FALSE(program.symbols().find(name));
    Guest guest(by_int80({"bare/open"}));
    std::set<u32> numbers;
    bool started = false;
    guest.at_program("_start", [&](Guest&) { started = true; });
    guest.at_kernel("system_call", [&](Guest& g) {
        if (started) numbers.insert(g.reg(cpu::Gpr::eax));
    });
    guest.run_to_exit(5);
    CHECK(guest.output() == "bare\n");
    CHECK(numbers.contains(5));
}

TEST_CASE("C and the assembler read the same <asm/unistd.h>, and kernel and library agree", "[W23][N05]") {
    const auto numbers = [](const std::string& include, const char* language = "-D__ASSEMBLER__ ") {
        std::map<std::string, u32> all;
        std::istringstream lines(
            shell("printf '#include <asm/unistd.h>\\n' | gcc -m32 -E -dM " + (language + include) + " -x c -"));
        for (std::string line; std::getline(lines, line);) {
            std::smatch match;
            if (std::regex_match(line, match, std::regex(R"(#define (__NR_\w+) (\d+))")))
                all[match[1]] = static_cast<u32>(std::stoul(match[2]));
        }
        return all;
    };
    const auto library = numbers(libc_include), kernel = numbers(kernel_include);
    CHECK(library.size() > 280);
    CHECK(library == numbers(libc_include, ""));
    CHECK(kernel == numbers(kernel_include, ""));
    for (const auto& [name, number] : library) {
        INFO(name);
        const auto found = kernel.find(name);
        if (number < 289) REQUIRE(found != kernel.end());
        if (found != kernel.end()) CHECK(found->second == number);
    }
    for (const std::string& include : {libc_include, kernel_include}) {
        const std::string file = "/tmp/trapgate-unistd-" + std::to_string(::getpid());
        std::ofstream(file + ".S") << "#include <asm/unistd.h>\n\tmovl $__NR_open, %eax\n";
        std::ofstream(file + ".c") << "#include <asm/unistd.h>\nint number = __NR_open;\n";
        shell("gcc -m32 -c -D__ASSEMBLY__ " + include + " -o " + file + ".o " + file + ".S && objdump -d " + file +
              ".o | grep -q 'mov.*0x5,%eax'");
        shell("gcc -m32 -c " + include + " -o " + file + ".o " + file + ".c");
        for (const char* suffix : {".S", ".c", ".o"}) std::filesystem::remove(file + suffix);
    }
}
