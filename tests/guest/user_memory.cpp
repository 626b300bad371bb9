// SPDX-License-Identifier: MIT
// The kernel and user memory: copies that end early, page faults inside copies, privileges. Source: tests/rows.tsv, group
// "User pointer checks"; Linux 2.6.11's arch/i386/lib/usercopy.c and mm/fault.c by name.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
constexpr u32 page_offset = 0xC0000000;

/// One call of copy_to_user or copy_from_user: (to, from, n) in eax, edx, ecx.
struct Copy {
    u32 to = 0, from = 0, n = 0;
    std::optional<u32> left;
    std::vector<u8> arrived; ///< the bytes at `to` afterwards
};

struct UserMemoryStory {
    u32 straddle = 0;
    Copy to_hole, from_hole, from_kernel;
    /// What the kernel went through for a page fault at CPL 0, by the name of the marker before it.
    std::map<std::string, std::vector<std::string>> faults;
    std::vector<u32> privileged_flags; ///< task_struct.flags before and after a use of a privilege
    bool slept_in_copy = false;        ///< in a page fault of a copy somebody else ran, and the copy went on
};

std::vector<u8> bytes_at(Guest& g, u32 address, u32 n) {
    std::vector<u8> bytes;
    for (u32 i = 0; i < n && g.word_if_mapped((address + i) & ~3u); ++i) bytes.push_back(g.byte(address + i));
    return bytes;
}

/// Notes the next call of `function` with 16 bytes, after the program's marker.
void note_copy(Guest& guest, const char* marker, const char* function, Copy& copy) {
    auto armed = std::make_shared<bool>(false);
    auto return_address = std::make_shared<u32>(0);
    guest.at_program(marker, [armed](Guest&) { *armed = true; });
    guest.at_kernel(function, [armed, return_address, &copy](Guest& g) {
        if (!*armed || g.reg(Gpr::ecx) != 16) return;
        *armed = false;
        copy.to = g.reg(Gpr::eax);
        copy.from = g.reg(Gpr::edx);
        copy.n = g.reg(Gpr::ecx);
        *return_address = g.word(g.esp());
        g.at(*return_address, [return_address, &copy](Guest& h) {
            if (copy.left || h.eip() != *return_address) return;
            copy.left = h.reg(Gpr::eax);
            copy.arrived = bytes_at(h, copy.to, 16);
        });
    });
}

/// Notes the functions of one page fault in the kernel's own code, after the program's marker.
void note_fault(Guest& guest, const char* marker, std::vector<std::string>& seen) {
    enum class Stage { Before, Armed, Inside, Over };
    auto stage = std::make_shared<Stage>(Stage::Before);
    guest.at_program(marker, [stage](Guest&) {
        if (*stage == Stage::Before) *stage = Stage::Armed;
    });
    guest.at_kernel("do_page_fault", [stage, &seen](Guest& g) {
        const u32 regs = g.reg(Gpr::eax);
        if (*stage != Stage::Armed || (g.member(regs, "pt_regs", "xcs") & 3) != 0) return;
        *stage = Stage::Inside;
        seen.push_back(g.where(g.member(regs, "pt_regs", "eip")).substr(0, 13)); // copy_faulting+…
    });
    for (const char* name : {"do_anonymous_page", "do_no_page", "filemap_nopage", "do_wp_page", "fixup_exception"})
        guest.at_kernel(name, [stage, name, &seen](Guest&) {
            if (*stage == Stage::Inside) seen.emplace_back(name);
        });
    guest.at_kernel("syscall_exit", [stage](Guest&) {
        if (*stage == Stage::Inside) *stage = Stage::Over;
    });
}

/// Watches for a task that faults inside a copy, sleeps there while another runs, and goes on copying.
void note_sleep(Guest& guest, UserMemoryStory& story) {
    struct Sleeper {
        u32 task = 0, address = 0;
        bool waits = false, other_ran = false;
    };
    auto sleeper = std::make_shared<Sleeper>();
    guest.at_kernel("do_page_fault", [sleeper](Guest& g) {
        const u32 regs = g.reg(Gpr::eax);
        if (sleeper->task || (g.member(regs, "pt_regs", "xcs") & 3) != 0) return;
        *sleeper = {g.current_task(), g.cpu().cr2, false, false};
    });
    guest.at_kernel("schedule", [sleeper](Guest& g) {
        if (sleeper->task == g.current_task())
            sleeper->waits = true;
        else if (sleeper->waits)
            sleeper->other_ran = true;
    });
    guest.at_kernel("handle_mm_fault", [sleeper, &story](Guest& g) {
        if (sleeper->task != g.current_task()) return;
        if (sleeper->waits && sleeper->other_ran) story.slept_in_copy = true;
        sleeper->task = 0;
    });
    guest.at_kernel("syscall_exit", [sleeper](Guest& g) {
        if (sleeper->task == g.current_task()) sleeper->task = 0;
    });
}

const UserMemoryStory& story() {
    static const UserMemoryStory told = [] {
        UserMemoryStory s;
        Guest guest(by_int80({"probes/probe-uaccess"}));
        guest.at_program("hole_read_next", [&](Guest& g) { s.straddle = g.word(g.program("straddle")); });
        note_copy(guest, "hole_read_next", "copy_to_user", s.to_hole);
        note_copy(guest, "hole_timer_next", "copy_from_user", s.from_hole);
        note_copy(guest, "kernel_timer_next", "copy_from_user", s.from_kernel);
        for (const char* marker : {"demand_zero_next", "file_page_next", "copy_on_write_next"})
            note_fault(guest, marker, s.faults[marker]);
        note_sleep(guest, s);
        for (const char* marker : {"before_privilege", "after_privilege"})
            guest.at_program(marker, [&](Guest& g) {
                const u32 task = g.word((g.esp0() - 1) & ~8191u);
                s.privileged_flags.push_back(g.member(task, "task_struct", "flags"));
            });
        guest.run_to_exit();
        return s;
    }();
    return told;
}

std::string text(const std::vector<u8>& bytes) {
    return {bytes.begin(), bytes.end()};
}
bool contains(const std::vector<std::string>& list, const char* name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// The addresses of all instructions in the exception table.
std::set<u32> exception_table() {
    const Image& image = Image::vmlinux();
    std::set<u32> instructions;
    for (u32 at = image.address("__start___ex_table"); at < image.address("__stop___ex_table"); at += 8)
        instructions.insert(image.word(at));
    return instructions;
}
} // namespace

TEST_CASE("copy_to_user takes (to the user, from the kernel, n) and returns the bytes not copied", "[U08][U10]") {
    const Copy& copy = story().to_hole;
    CHECK(copy.to == story().straddle);
    CHECK(copy.from >= page_offset);
    CHECK(copy.n == 16);
    CHECK(copy.left == 6u);
    CHECK(text(copy.arrived) == "0123456789"); // ten bytes; then the hole
}

TEST_CASE("copy_from_user takes (to the kernel, from the user, n) and returns the bytes not copied", "[U09][U10]") {
    const Copy& copy = story().from_hole;
    CHECK(copy.to >= page_offset);
    CHECK(copy.from == story().straddle);
    CHECK(copy.left == 6u);
    CHECK(text(copy.arrived) == std::string("0123456789") + std::string(6, '\0'));
}

TEST_CASE("copy_from_user copies nothing from a kernel address", "[U09]") {
    const Copy& copy = story().from_kernel;
    CHECK(copy.from == 0xC0100000);
    CHECK(copy.left == 16u);
    CHECK(text(copy.arrived) == std::string(16, '\0'));
}

TEST_CASE("a page fault inside a copy brings in a page of zeros, of a file, and a private copy", "[U12]") {
    const auto& faults = story().faults;
    for (const auto& [marker, seen] : faults) {
        INFO(marker);
        REQUIRE(!seen.empty());
        CHECK(seen.front() == "copy_faulting");
        CHECK_FALSE(contains(seen, "fixup_exception"));
    }
    CHECK(contains(faults.at("demand_zero_next"), "do_anonymous_page"));
    CHECK(contains(faults.at("file_page_next"), "filemap_nopage"));
    CHECK(contains(faults.at("copy_on_write_next"), "do_wp_page"));
}

TEST_CASE("a copy sleeps in its page fault while another task runs", "[U12]") {
    CHECK(story().slept_in_copy); // it waits for mmap_sem, which a thread holds that is unmapping much
}

TEST_CASE("the use of a privilege sets PF_SUPERPRIV", "[U14]") {
    constexpr u32 superpriv = 0x100;
    REQUIRE(story().privileged_flags.size() == 2);
    CHECK((story().privileged_flags[0] & superpriv) == 0);
    CHECK((story().privileged_flags[1] & superpriv) != 0);
}

TEST_CASE("ring 0 touches user memory only by the instructions of the exception table", "[U07]") {
    const std::set<u32> allowed = exception_table();
    for (const char* program : {"probes/probe-uaccess", "probes/probe-pointers", "probes/probe-signal",
                                "probes/probe-fork", "probes/probe-files", "probes/probe-errors-files"}) {
        Guest guest({{program}});
        bool users_exist = false;
        u64 touched = 0;
        std::set<std::string> wrong;
        guest.on_ring_change = [&](Guest&, const trace::RingChange&) { users_exist = true; };
        guest.on_access = [&](Guest& g, const trace::Access& access) {
            const u32 linear = access.linear.value;
            if (!users_exist || linear >= page_offset || g.cpu().cpl != 0 || access.intent == Intent::Fetch) return;
            ++touched;
            if (!allowed.contains(g.eip())) wrong.insert(g.where(g.eip()));
        };
        guest.run();
        INFO(program);
        CHECK(touched > 100);
        CHECK(wrong == std::set<std::string>{});
    }
}

TEST_CASE("no line of the kernel dereferences a pointer marked __user", "[U07]") {
    const std::string folder = (guest_folder() / "../../guest/kernel").lexically_normal().string();
    const int status = std::system(("make -s -C '" + folder + "' user-pointers >&2").c_str());
    if (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 127) {
        WARN("SKIPPED: no clang here");
        return;
    }
    CHECK(status == 0);
}
