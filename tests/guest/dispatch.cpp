// SPDX-License-Identifier: MIT
// From the number in eax to the service routine and back. Source: tests/rows.tsv, groups "Dispatch" and "Argument passing".
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;

namespace {
/// Behind `call *sys_call_table(,%eax,4)`, which is seven bytes long.
u32 after_indirect_call(const Guest& guest) {
    return guest.kernel("syscall_call") + 7;
}

GuestSetup with_2_6_11(std::vector<std::string> command) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.append = "nosysenter syscalls=2.6.11";
    return setup;
}
} // namespace

TEST_CASE("number 289 gets -ENOSYS in its eax slot and reaches no service routine; 288 reaches its own",
          "[D02][D06][D03]") {
    Guest guest(with_2_6_11({"probes/probe-dispatch", "289"}));
    const u32 last = guest.program("last_entry_trap") + 2, past = guest.program("past_end_trap") + 2;
    int last_called = 0, past_called = 0, past_refused = 0;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        const u32 from = g.user_frame().eip;
        if (from == last) {
            ++last_called;
            CHECK(g.reg(Gpr::eax) == 288);
        }
        past_called += from == past;
    });
    guest.at_kernel("resume_userspace", [&](Guest& g) {
        if (g.user_frame().eip != past || g.esp() != g.esp0() - sizeof(PtRegs)) return;
        ++past_refused;
        CHECK(g.word(g.esp() + 24) == 0xffffffda);
    });
    guest.run_to_exit();
    CHECK(last_called == 1);
    CHECK(past_called == 0);
    CHECK(past_refused >= 1);
}

TEST_CASE("the number of a system call is compared unsigned", "[D03]") {
    Guest guest(with_2_6_11({"probes/probe-dispatch", "289"}));
    std::vector<u32> called;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        if (g.user_frame().eip == g.program("numbered_trap") + 2) called.push_back(g.reg(Gpr::eax));
    });
    guest.run_to_exit();
    CHECK_FALSE(called.empty());
    for (const u32 number : called) CHECK(number < 289);
}

TEST_CASE("the indirect call reads sys_call_table + 4 * eax and goes where that word says", "[D09][D10][D14]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    std::optional<u32> number;
    std::map<u32, u32> target; // by number
    guest.at_kernel("syscall_call", [&](Guest& g) { number = g.reg(Gpr::eax); });
    guest.on_access = [&](Guest& g, const trace::Access& access) {
        if (number && access.intent == Intent::Read &&
            access.linear.value == g.kernel("sys_call_table") + 4 * *number)
            target[*number] = static_cast<u32>(access.value);
    };
    int arrived = 0;
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
        if (!number || event.eip != g.kernel("syscall_call")) return;
        ++arrived;
        REQUIRE(target.contains(*number));
        CHECK(g.eip() == target[*number]);
        CHECK(g.eip() == g.kernel(routine_name(*number)));
        number.reset();
    };
    guest.run_to_exit();
    CHECK(arrived > 5);
    CHECK(target.contains(20));
}

TEST_CASE("sys_ni_syscall returns -ENOSYS and does nothing else", "[D08]") {
    Guest guest(with_2_6_11({"probes/probe-dispatch", "289"}));
    int seen = 0, writes = 0;
    bool inside = false;
    std::vector<u32> path;
    guest.at_kernel("sys_ni_syscall", [&](Guest&) {
        inside = true;
        path.clear();
    });
    guest.on_access = [&](Guest&, const trace::Access& access) {
        writes += inside && access.intent == Intent::Write;
    };
    guest.on_instruction = [&](Guest&, const trace::Retired& event) {
        if (inside) path.push_back(event.eip);
    };
    guest.at(after_indirect_call(guest), [&](Guest& g) {
        if (!inside) return;
        inside = false;
        ++seen;
        CHECK(g.reg(Gpr::eax) == 0xffffffda);
        const u32 body = g.kernel("sys_ni_syscall"); // mov $-38,%eax; ret
        CHECK(path == std::vector<u32>{body, body + 5});
    });
    guest.run_to_exit();
    CHECK(seen >= 2); // slots 17 and 223
    CHECK(writes == 0);
}

TEST_CASE("sys_read finds the file and calls its own read: ramfs, pipe, tty and proc end differently",
          "[D15][G02]") {
    GuestSetup setup = by_int80({"probes/probe-files"});
    setup.terminal = true;
    Guest guest(setup);
    std::vector<std::string> chain;
    std::set<std::string> last;
    bool inside = false;
    for (const kernel::Symbol& symbol : Image::vmlinux().symbols().all()) {
        if (symbol.kind != kernel::Symbol::Kind::Function) continue;
        guest.at(static_cast<u32>(symbol.address), [&, name = symbol.name](Guest&) {
            if (name == "sys_read") {
                inside = true;
                chain.clear();
            }
            if (inside) chain.push_back(name);
        });
    }
    guest.at(after_indirect_call(guest), [&](Guest&) {
        if (!inside) return;
        inside = false;
        const auto get = std::find(chain.begin(), chain.end(), "vfs_read");
        CHECK(chain.front() == "sys_read");
        REQUIRE(get != chain.end());
        CHECK(std::find_if(chain.begin(), get, [](const std::string& name) { return name.starts_with("fget"); }) !=
              get);
        for (auto name = get + 1; name != chain.end(); ++name)
            if (name->find("read") != std::string::npos) last.insert(*name);
    });
    guest.run();
    std::string names;
    for (const std::string& name : last) names += name + " ";
    INFO(guest.serial() << guest.kernel_log() << names);
    CHECK(last.size() >= 4);
    for (const char* own : {"generic_file_read", "pipe_read", "tty_read", "seq_read"}) CHECK(last.contains(own));
}

TEST_CASE("write checks its arguments, copies from user space, lets the driver work and returns into the handler",
          "[D18]") {
    Guest guest(by_int80({"demos/01-hello"}));
    int returned = 0;
    std::vector<std::string> steps;
    bool inside = false;
    guest.at_kernel("sys_write", [&](Guest& g) {
        inside = g.text(g.user_frame().ecx).starts_with("hello");
        steps = {"sys_write"};
    });
    for (const char* step : {"vfs_write", "copy_from_user", "__copy_from_user"})
        if (Image::vmlinux().symbols().address_of(step))
            guest.at_kernel(step, [&, step](Guest&) {
                if (inside) steps.emplace_back(step);
            });
    guest.on_port = [&](Guest&, const trace::PortAccess& port) {
        if (inside && port.write && port.port >= 0x5f4 && (steps.empty() || steps.back() != "driver"))
            steps.emplace_back("driver");
    };
    guest.at(after_indirect_call(guest), [&](Guest& g) {
        if (!inside) return;
        inside = false;
        ++returned;
        CHECK(g.reg(Gpr::eax) == g.user_frame().edx);
        std::string names;
        for (const std::string& step : steps) names += step + " ";
        INFO(names);
        REQUIRE(steps.size() >= 3);
        CHECK(steps[1] == "vfs_write");
        CHECK(steps.back() == "driver");
        CHECK(std::any_of(steps.begin(), steps.end(),
                          [](const std::string& s) { return s.find("copy_from_user") != s.npos; }));
    });
    guest.run_to_exit();
    CHECK(returned >= 1);
}

TEST_CASE("a service routine's arguments are the saved registers themselves, not copies", "[A03][A09]") {
    Guest guest(by_int80({"probes/probe-arguments"}));
    int seen = 0;
    guest.at_kernel("sys_write", [&](Guest& g) {
        const PtRegs regs = g.user_frame();
        if (regs.eip != g.program("write_trap") + 2) return;
        ++seen;
        CHECK(g.word(g.esp()) == after_indirect_call(g));
        CHECK(g.esp() + 4 == g.esp0() - sizeof(PtRegs)); // argument 1 is the ebx slot
        CHECK(g.word(g.esp() + 4) == regs.ebx);
        CHECK(g.word(g.esp() + 8) == regs.ecx);
        CHECK(g.word(g.esp() + 12) == regs.edx);
    });
    guest.run_to_exit();
    CHECK(seen == 1);
}

TEST_CASE("a slot that the routine changes comes back in the user's register", "[A05]") {
    Guest guest(by_int80({"probes/probe-arguments"}));
    bool paused = false;
    guest.at(after_indirect_call(guest), [&](Guest& g) {
        if (!paused && g.user_frame().eip == g.program("write_trap") + 2) {
            paused = true;
            g.pause();
        }
    });
    const machine::Stop stop = guest.run();
    REQUIRE(stop.kind == machine::StopKind::Paused);
    guest.poke(guest.esp(), 0xabcdef01); // the ebx slot, as a routine would write its first argument
    guest.run();
    CHECK(guest.output().find("ebx abcdef01") != std::string::npos);
}
