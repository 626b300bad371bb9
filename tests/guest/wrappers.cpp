// SPDX-License-Identifier: MIT
// What the library's functions do between their caller and the kernel, seen from outside: instruction by instruction for the
// wrappers, and the numbers of the calls that others make. Source: tests/rows.tsv, group "Wrapper, errno, libc, _syscallN".
// One run of probes/probe-wrappers tells nearly all of it.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <algorithm>
#include <array>
#include <map>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr std::array<const char*, 8> register_names{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

/// One executed instruction of a wrapper, in the few forms that wrappers are made of.
struct Step {
    std::string text;     ///< "push ebx", "load ebx", "mov eax", "int 80", "pop ebx", "ret"; another is left out
    u32 displacement = 0; ///< load: the one in the instruction; mov: the constant
    u32 from = 0;         ///< load: the address, counted from ESP at the function's entry
    u32 read = 0;         ///< load: the word in memory
    u32 after = 0;        ///< load: the register behind the instruction
};

Step decode(Guest& g, u32 eip) {
    const u8 opcode = g.byte(eip), modrm = g.byte(eip + 1);
    Step step;
    if (opcode >= 0x50 && opcode < 0x58) step.text = std::string("push ") + register_names[opcode & 7];
    if (opcode >= 0x58 && opcode < 0x60) step.text = std::string("pop ") + register_names[opcode & 7];
    if (opcode >= 0xb8 && opcode < 0xc0) {
        step.text = std::string("mov ") + register_names[opcode & 7];
        step.displacement = g.word(eip + 1);
    }
    if (opcode == 0x8b && (modrm & 0xc7) == 0x44 && g.byte(eip + 2) == 0x24) { // mov disp8(%esp), register
        const u8 to = (modrm >> 3) & 7;
        step.text = std::string("load ") + register_names[to];
        step.displacement = g.byte(eip + 3);
        step.after = g.reg(static_cast<Gpr>(to));
    }
    if (opcode == 0xcd && modrm == 0x80) step.text = "int 80";
    if (opcode == 0xc3) step.text = "ret";
    return step;
}

/// The first call of one function in one section of the probe.
struct Followed {
    std::string section{};
    bool inside = false;
    u32 entry_esp = 0, entry_ebp = 0, exit_ebp = 0;
    std::array<u32, 7> words{};         ///< the return address and what lies above it, at entry
    std::vector<std::string> callers{}; ///< functions whose calls are under way, the nearest first
    std::vector<Step> steps{};

    std::vector<std::string> text() const {
        std::vector<std::string> all;
        for (const Step& step : steps) all.push_back(step.text);
        return all;
    }
    const Step& step(std::string_view wanted) const {
        const auto found =
            std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.text == wanted; });
        INFO(wanted);
        REQUIRE(found != steps.end());
        return *found;
    }
};

struct Story {
    std::map<std::string, std::vector<u32>> numbers; ///< of the system calls, by section
    std::map<std::string, Followed> followed{
        {"write", {"results"}}, {"syscall", {"errors"}}, {"macro_mmap2", {"six"}}};
    std::string output;
};

const Image& probe() {
    static const Image image((guest_folder() / "probes/probe-wrappers").string());
    return image;
}

std::string function_at(u32 address) {
    const std::string name = probe().symbols().name_at(address);
    return name.substr(0, name.find('+'));
}

void enter(Guest& g, Followed& f) {
    f.inside = true;
    f.entry_esp = g.esp();
    f.entry_ebp = g.reg(Gpr::ebp);
    for (u32 i = 0; i < f.words.size(); ++i) f.words[i] = g.word(g.esp() + 4 * i);
    f.callers.push_back(function_at(f.words[0]));
    for (u32 ebp = f.entry_ebp; ebp && f.callers.size() < 16; ebp = g.word(ebp))
        f.callers.push_back(function_at(g.word(ebp + 4)));
}

void note_step(Guest& g, Followed& f, u32 eip, const trace::Access& last_read) {
    Step step = decode(g, eip);
    if (step.text.starts_with("load ")) {
        step.from = last_read.linear.value - f.entry_esp;
        step.read = static_cast<u32>(last_read.value);
    }
    if (step.text == "ret") {
        f.inside = false;
        f.exit_ebp = g.reg(Gpr::ebp);
    }
    if (!step.text.empty()) f.steps.push_back(step);
}

const Story& story() {
    static const Story told = [] {
        Story story;
        Guest guest(by_int80({"probes/probe-wrappers"}));
        std::string section;
        trace::Access last_read{};
        guest.at_program("marked", [&](Guest& g) { section = g.text(g.word(g.esp() + 4)); });
        guest.at_kernel("system_call", [&](Guest& g) {
            if (!section.empty()) story.numbers[section].push_back(g.reg(Gpr::eax));
        });
        for (auto& [name, followed] : story.followed)
            guest.at_program(name, [&](Guest& g) {
                if (section == followed.section && followed.steps.empty()) enter(g, followed);
            });
        guest.on_access = [&](Guest&, const trace::Access& access) {
            if (access.intent == Intent::Read) last_read = access;
        };
        guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
            if (event.cpl != 3) return;
            for (auto& [name, followed] : story.followed)
                if (followed.inside) note_step(g, followed, event.eip, last_read);
        };
        guest.run_to_exit();
        story.output = guest.output();
        return story;
    }();
    return told;
}

std::vector<u32> numbers_of(const std::string& section) {
    const auto found = story().numbers.find(section);
    return found == story().numbers.end() ? std::vector<u32>{} : found->second;
}

bool printed(std::string_view line) {
    return story().output.find(line) != std::string::npos;
}

void check_load(const Followed& f, std::string_view name, u32 displacement, u32 argument) {
    const Step& load = f.step("load " + std::string(name));
    INFO(name);
    CHECK(load.displacement == displacement);
    CHECK(load.from == 4 * argument);
    CHECK(load.read == f.words[argument]);
    CHECK(load.after == load.read);
}
} // namespace

TEST_CASE("a program calls a wrapper, and the wrapper traps", "[W01][W05]") {
    const Followed& write = story().followed.at("write");
    CHECK(std::find(write.callers.begin(), write.callers.end(), "main") != write.callers.end());
    CHECK(write.callers.front() != "write");
    const auto text = write.text();
    CHECK(std::count(text.begin(), text.end(), "int 80") == 1);
}

TEST_CASE("where the kernel offers AT_SYSINFO, the same wrappers enter by sysenter", "[W05]") {
    Guest guest({.command = {"probes/probe-calls"}});
    bool started = false;
    int sysenters = 0, traps = 0;
    guest.at_program("main", [&](Guest&) { started = true; });
    guest.on_transfer = [&](Guest&, const trace::Transfer& transfer) {
        if (!started || transfer.phase != trace::Transfer::Phase::Begin) return;
        sysenters += transfer.kind == trace::TransferKind::Sysenter;
        traps += transfer.kind == trace::TransferKind::Interrupt && transfer.vector == 0x80;
    };
    guest.at_kernel("sys_exit", [&](Guest&) { started = false; });
    guest.run_to_exit();
    CHECK(sysenters > 20);
    CHECK(traps == 0);
}

TEST_CASE("a wrapper loads ebx, ecx, edx from the stack, and ebx is saved around it", "[W03]") {
    const Followed& write = story().followed.at("write");
    CHECK(write.text() == std::vector<std::string>{"push ebx", "load ebx", "load ecx", "load edx", "mov eax",
                                                   "int 80", "pop ebx", "ret"});
    check_load(write, "ebx", 8, 1);
    check_load(write, "ecx", 12, 2);
    check_load(write, "edx", 16, 3);
    CHECK(write.step("load edx").after == 12); // the length of "twelve bytes"
}

TEST_CASE("the wrapper of write puts 4 into eax", "[W04]") {
    CHECK(story().followed.at("write").step("mov eax").displacement == 4);
}

TEST_CASE("syscall() pushes four registers, loads six arguments up to 44(%esp) and its number from 20(%esp)",
          "[W11]") {
    const Followed& call = story().followed.at("syscall");
    CHECK(call.text() == std::vector<std::string>{"push ebp", "push edi", "push esi", "push ebx", "load ebp",
                                                  "load edi", "load esi", "load edx", "load ecx", "load ebx",
                                                  "load eax", "int 80", "pop ebx", "pop esi", "pop edi", "pop ebp",
                                                  "ret"});
    CHECK(call.step("load eax").displacement == 20);
    CHECK(call.step("load eax").from == 4);
    CHECK(call.step("load eax").after == 136); // personality
    const std::array<const char*, 6> arguments{"ebx", "ecx", "edx", "esi", "edi", "ebp"};
    for (u32 i = 0; i < 5; ++i) check_load(call, arguments[i], 24 + 4 * i, 2 + i);
    CHECK(call.step("load ebp").displacement == 44);
    CHECK(call.step("load ebp").from == 28);
    CHECK(call.step("load ebp").after == call.step("load ebp").read);
    CHECK(call.exit_ebp == call.entry_ebp);
}

TEST_CASE("_syscall6 passes the sixth argument in ebp and gives ebp back", "[W20]") {
    const Followed& six = story().followed.at("macro_mmap2");
    CHECK(six.exit_ebp == six.entry_ebp);
    CHECK(printed("ok   _syscall6: mmap2 of the third page"));
    CHECK(printed("ok   ebp is what it was"));
}

TEST_CASE("a failure has one of three kinds of reasons: parameters and resources", "[W08]") {
    for (const char* line : {"ok   munmap of an odd address: EINVAL", "ok   dup with 8 descriptors at most: EMFILE",
                             "ok   mmap of 2.75 GB: ENOMEM", "ok   brk into the kernel: ENOMEM"})
        CHECK(printed(line));
}

TEST_CASE("the kernel has no errno", "[W09]") {
    for (const kernel::Symbol& symbol : Image::vmlinux().symbols().all()) {
        INFO(symbol.name);
        CHECK(symbol.name.find("errno") == std::string::npos);
    }
    CHECK(probe().symbols().find("__errno_location")); // it is the library's
}

TEST_CASE("exactly -4095 to -1 are errors", "[W10][W06][W07]") {
    CHECK(printed("ok   a result of -4095: returns -1, errno 4095"));
    CHECK(printed("ok   a result of -4096: returns -4096, errno 0"));
    CHECK(printed("ok   the same through a wrapper: errno 4095"));
    CHECK(printed("ok   and -4096 is a result there, too"));
}

TEST_CASE("a call that succeeds leaves errno alone", "[W14]") {
    CHECK(printed("ok   after a getpid() that succeeded errno is still 2"));
}

TEST_CASE("printf may change errno, and each thread has its own", "[W15]") {
    CHECK(printed("ok   errno before printf to a closed stdout 2, behind it 9"));
    CHECK(printed("ok   errno in the thread: first 0, then 9"));
    CHECK(printed("ok   errno of the first thread is still 2"));
}

TEST_CASE("strlen, abs and qsort do not trap", "[W16][G05]") {
    CHECK(printed("ok   strlen, abs, qsort work"));
    for (const char* section : {"strlen", "abs", "qsort"}) CHECK(numbers_of(section).empty());
}

TEST_CASE("system and popen make several calls: fork, execve, wait", "[W17][G05]") {
    for (const char* section : {"system", "popen"}) {
        const std::vector<u32> all = numbers_of(section);
        INFO(section);
        for (const u32 number : {2u, 11u, 7u}) CHECK(std::count(all.begin(), all.end(), number) >= 1);
    }
    const std::vector<u32> all = numbers_of("popen");
    CHECK(std::count(all.begin(), all.end(), 42u) == 1); // pipe
}

TEST_CASE("malloc, calloc and free make one and the same call: brk", "[W18][G05]") {
    for (const char* section : {"malloc", "calloc", "free"}) {
        const std::vector<u32> all = numbers_of(section);
        INFO(section);
        CHECK_FALSE(all.empty());
        CHECK(std::all_of(all.begin(), all.end(), [](u32 number) { return number == 45; }));
    }
    CHECK(numbers_of("malloc again").empty());
}

TEST_CASE("the heap grows and shrinks by brk", "[W19]") {
    CHECK(printed("ok   malloc(1 MB) raises it by 1048"));
    CHECK(printed("ok   free() of the last block lowers it by 1048"));
    CHECK(printed("ok   and free() lowers it to where it was"));
    CHECK(numbers_of("brk up") == std::vector<u32>{45});
}

TEST_CASE("what a wrapper returns means something else for each call: bytes, a descriptor, a pid", "[W24]") {
    CHECK(printed("ok   open: descriptor 3; write 12, read 12, then 0"));
    CHECK(printed("ok   fork and waitpid: the child's pid "));
}
