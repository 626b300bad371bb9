// SPDX-License-Identifier: MIT
// The way into the kernel through int 0x80, as the guest's memory and the processor's events show it. Source: tests/rows.tsv,
// groups "CPU / privilege hardware" and "Entry path".
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;
using cpu::SegmentRegister;

namespace {
constexpr u32 kernel_cs = 0x60, user_cs = 0x73, user_ds = 0x7b;
constexpr u32 interrupt_flag = 1u << 9;
} // namespace

TEST_CASE("the level changes only through an interrupt, iret, sysenter or sysexit", "[H02][G04]") {
    Guest guest({{"probes/probe-entries"}});
    using Kind = trace::TransferKind;
    std::optional<Kind> running;
    std::map<std::pair<int, int>, std::set<Kind>> causes;
    int without_cause = 0;
    guest.on_transfer = [&](Guest&, const trace::Transfer& transfer) {
        running = transfer.phase == trace::Transfer::Phase::Begin ? std::optional(transfer.kind) : std::nullopt;
    };
    guest.on_ring_change = [&](Guest&, const trace::RingChange& change) {
        if (!running)
            ++without_cause;
        else
            causes[{change.from, change.to}].insert(*running);
    };
    guest.run_to_exit();
    CHECK(without_cause == 0);
    CHECK(causes.size() == 2);
    CHECK(causes[{3, 0}] == std::set<Kind>{Kind::Interrupt, Kind::Sysenter});
    CHECK(causes[{0, 3}] == std::set<Kind>{Kind::InterruptReturn, Kind::Sysexit});
}

TEST_CASE("int 0x80 continues at system_call in ring 0, with the kernel's code segment and interrupts as they were",
          "[H03][H09][H11]") {
    Guest guest(by_int80({"demos/01-hello"}));
    int traps = 0;
    guest.on_transfer = [&](Guest& g, const trace::Transfer& transfer) {
        if (transfer.kind != trace::TransferKind::Interrupt || transfer.vector != 0x80) return;
        if (transfer.phase == trace::Transfer::Phase::Begin) CHECK((g.flags() & interrupt_flag) != 0);
        if (transfer.phase != trace::Transfer::Phase::Done) return;
        ++traps;
        CHECK(g.eip() == g.kernel("system_call"));
        CHECK(g.selector(SegmentRegister::cs) == kernel_cs);
        CHECK(g.cpu().cpl == 0);
        CHECK((g.flags() & interrupt_flag) != 0); // a trap gate: type 15
    };
    guest.run_to_exit();
    CHECK(traps > 2);
}

TEST_CASE("the IDT is idt_table, 256 entries of 8 bytes", "[H04][H05]") {
    Guest guest(by_int80({"demos/01-hello"}));
    guest.at_kernel("system_call", [](Guest& g) {
        CHECK(g.cpu().idtr.limit == 0x7ff);
        CHECK(g.cpu().idtr.base == g.kernel("idt_table"));
        CHECK(g.cpu().idtr.base != 0);
    });
    guest.run_to_exit();
    const kernel::Symbol* table = Image::vmlinux().symbols().find("idt_table");
    REQUIRE(table);
    CHECK(table->size == 2048);
}

TEST_CASE("the last lidt comes before interrupts are first enabled", "[H06]") {
    Guest guest(by_int80({"demos/01-hello"}));
    u32 base = guest.cpu().idtr.base;
    std::optional<u64> last_load, first_enabled;
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
        if (g.cpu().idtr.base != base) {
            base = g.cpu().idtr.base;
            last_load = event.instruction;
        }
        if (!first_enabled && (g.flags() & interrupt_flag)) first_enabled = event.instruction;
    };
    guest.run_to_exit();
    REQUIRE(last_load.has_value());
    REQUIRE(first_enabled.has_value());
    CHECK(*last_load < *first_enabled);
}

TEST_CASE("gate 0x80 is a trap gate of DPL 3 to system_call", "[H08][H10]") {
    Guest guest(by_int80({"demos/01-hello"}));
    guest.at_kernel("system_call", [](Guest& g) {
        const u32 handler = g.kernel("system_call"), gate = g.kernel("idt_table") + 8 * 0x80;
        CHECK(g.word(gate) == ((kernel_cs << 16) + (handler & 0xffff)));
        CHECK(g.word(gate + 4) == ((handler & 0xffff0000) + 0xef00));
    });
    guest.run_to_exit();
}

TEST_CASE("the processor itself pushes ss, esp, eflags, cs and eip below esp0 of the running task",
          "[H12][H13][E07]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    u32 trap_esp = 0, trap_flags = 0;
    int seen = 0;
    guest.at_program("fork_trap", [&](Guest& g) {
        trap_esp = g.esp();
        trap_flags = g.flags();
    });
    guest.at_kernel("system_call", [&](Guest& g) {
        CHECK(g.esp0() - g.esp() == 20);
        CHECK(g.esp0() == g.member(g.current_task(), "task_struct", "thread.esp0"));
        if (g.word(g.esp()) != g.program("fork_trap") + 2) return;
        ++seen;
        CHECK(g.word(g.esp() + 4) == user_cs);
        CHECK(g.word(g.esp() + 8) == trap_flags);
        CHECK(g.word(g.esp() + 12) == trap_esp);
        CHECK(g.word(g.esp() + 16) == user_ds);
    });
    guest.run_to_exit();
    CHECK(seen == 1);
}

TEST_CASE("esp0 in the TSS changes with every switch of tasks", "[H13]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    std::map<u32, std::set<u32>> esp0_of_pid; // not of task_struct: the dead's memory is used again
    u32 last_pid = 0, last_esp0 = 0;
    guest.at_kernel("system_call", [&](Guest& g) {
        esp0_of_pid[g.current_pid()].insert(g.esp0());
        CHECK((g.current_pid() == last_pid) == (g.esp0() == last_esp0));
        last_pid = g.current_pid();
        last_esp0 = g.esp0();
    });
    guest.run_to_exit();
    CHECK(esp0_of_pid.size() >= 3); // init, the probe, a child
    for (const auto& [pid, stacks] : esp0_of_pid) CHECK(stacks.size() == 1);
}

TEST_CASE("start_kernel calls trap_init, which sets gate 0x80 to system_call", "[E01]") {
    Guest guest(by_int80({"demos/01-hello"}));
    guest.follow({"start_kernel", "trap_init", "set_system_gate", "_set_gate"});
    std::vector<std::string> when_written;
    const u32 gate = guest.kernel("idt_table") + 0x400;
    guest.on_access = [&](Guest& g, const trace::Access& access) {
        if (access.intent == Intent::Write && access.linear.value == gate) when_written = g.calls;
    };
    guest.run_to_exit();
    REQUIRE(when_written.size() >= 4);
    CHECK(when_written.front() == "start_kernel");
    CHECK(when_written[1] == "trap_init");
    CHECK(when_written[when_written.size() - 2] == "set_system_gate"); // others have been set before
    CHECK(when_written.back() == "_set_gate");
}

TEST_CASE("every system call passes system_call or sysenter_entry before its service routine", "[E02]") {
    Guest guest({{"probes/probe-entries"}});
    bool entered = false;
    int calls = 0, without_entry = 0;
    for (const char* entry : {"system_call", "sysenter_entry"})
        guest.at_kernel(entry, [&](Guest&) { entered = true; });
    std::set<u32> routines;
    for (std::size_t number = 1; number < table_2_6_11().size(); ++number)
        routines.insert(guest.kernel(routine_name(number)));
    for (const u32 routine : routines)
        guest.at(routine, [&](Guest& g) {
            if (g.esp() + 4 != g.esp0() - sizeof(PtRegs))
                return; // called by another routine, or by the kernel's own start
            ++calls;
            without_entry += !entered;
            entered = false;
        });
    guest.run_to_exit();
    CHECK(calls > 20);
    CHECK(without_entry == 0);
}

TEST_CASE("the frame keeps the number in ORIG_EAX when the result has replaced it in EAX", "[E03][A06]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    int seen = 0;
    guest.at_kernel("restore_all", [&](Guest& g) {
        const PtRegs regs = g.frame(g.esp());
        if (regs.cs != user_cs || regs.orig_eax != 20) return;
        ++seen;
        CHECK(regs.eax == g.current_pid());
    });
    guest.run_to_exit();
    CHECK(seen > 0);
}

TEST_CASE("SAVE_ALL pushes es ds eax ebp edi esi edx ecx ebx, and loads flat data segments", "[E04][E05][E07]") {
    Guest guest(by_int80({"probes/probe-registers"}));
    int seen = 0;
    const u32 after_trap = guest.program("nine_patterns_trap") + 2;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        const PtRegs regs = g.frame(g.esp());
        if (regs.eip != after_trap) return;
        ++seen;
        CHECK(regs.ebx == 0x11111111);
        CHECK(regs.ecx == 0x22222222);
        CHECK(regs.edx == 0x33333333);
        CHECK(regs.esi == 0x44444444);
        CHECK(regs.edi == 0x55555555);
        CHECK(regs.ebp == 0x66666666);
        CHECK(regs.eax == 0x14);
        CHECK(regs.ds == user_ds);
        CHECK(regs.es == 0);
        CHECK(regs.orig_eax == 0x14);
        for (const SegmentRegister r : {SegmentRegister::ds, SegmentRegister::es}) {
            const cpu::Segment& segment = g.cpu().segment(r);
            CHECK(segment.base == 0);
            CHECK(segment.limit == 0xffffffff);
            CHECK(segment.can_write);
        }
        CHECK(g.esp0() - g.esp() == 60); // 15 words
    });
    guest.run_to_exit();
    CHECK(seen == 1);
}

TEST_CASE("thread_info of current is found from esp alone", "[E06]") {
    Guest guest(by_int80({"probes/probe-fork"}));
    int seen = 0;
    guest.at_kernel("syscall_call", [&](Guest& g) {
        ++seen;
        CHECK(g.reg(Gpr::ebp) == (g.esp() & ~8191u));
        const u32 task = g.word(g.reg(Gpr::ebp));
        CHECK(g.member(task, "task_struct", "thread_info") == g.reg(Gpr::ebp));
    });
    guest.run_to_exit();
    CHECK(seen > 10);
}

TEST_CASE("from the entry to the indirect call every system call takes the same instructions", "[E11]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    std::vector<u32> path;
    std::map<u32, std::set<std::vector<u32>>> paths; // by number
    bool inside = false;
    guest.at_kernel("system_call", [&](Guest&) {
        inside = true;
        path.clear();
    });
    guest.on_instruction = [&](Guest&, const trace::Retired& event) {
        if (inside && event.cpl == 0) path.push_back(event.eip);
    };
    guest.at_kernel("syscall_call", [&](Guest& g) {
        if (inside) paths[g.reg(Gpr::eax)].insert(path);
        inside = false;
    });
    guest.run_to_exit();
    CHECK(paths.size() >= 3);
    REQUIRE(paths.contains(20));
    REQUIRE(paths.contains(4));
    CHECK(paths[20] == paths[4]);
    CHECK(paths[20].size() == 1);
}

TEST_CASE("the user's registers, number and arguments end up in pt_regs", "[E13][A07][A01]") {
    Guest guest(by_int80({"probes/probe-arguments"}));
    PtRegs before{};
    int seen = 0;
    guest.at_program("write_trap", [&](Guest& g) {
        before = {g.reg(Gpr::ebx),
                  g.reg(Gpr::ecx),
                  g.reg(Gpr::edx),
                  g.reg(Gpr::esi),
                  g.reg(Gpr::edi),
                  g.reg(Gpr::ebp),
                  g.reg(Gpr::eax),
                  g.selector(SegmentRegister::ds),
                  g.selector(SegmentRegister::es),
                  g.reg(Gpr::eax),
                  g.eip() + 2,
                  g.selector(SegmentRegister::cs),
                  g.flags(),
                  g.esp(),
                  g.selector(SegmentRegister::ss)};
        CHECK(before.eax == 4); // number and parameters are there before the trap
        CHECK(before.ebx == 1);
        CHECK(before.edx == 5);
        CHECK(g.text(before.ecx) == "five\n");
    });
    guest.at_kernel("sys_write", [&](Guest& g) {
        const PtRegs regs = g.user_frame();
        if (regs.eip != g.program("write_trap") + 2) return;
        ++seen;
        CHECK(std::memcmp(&regs, &before, sizeof regs) == 0);
    });
    guest.run_to_exit();
    CHECK(seen == 1);
}

namespace {
/// The kernel functions that each call of probe-calls passes, from its service routine to user mode, without those of hardware
/// interrupts. The last call is the one before fork.
std::vector<std::string> functions_of_calls(GuestSetup setup) {
    setup.command = {"probes/probe-calls"};
    Guest guest(setup);
    std::vector<std::string> calls;
    std::vector<bool> by_hardware; // the interrupts and exceptions that are under way
    bool started = false, inside = false;
    guest.at_program("main", [&](Guest&) { started = true; });
    guest.at_kernel("sys_fork", [&](Guest&) { started = false; });
    for (const kernel::Symbol& symbol : Image::vmlinux().symbols().all()) {
        const auto line = Image::vmlinux().debug_info().line_of(static_cast<u32>(symbol.address));
        if (symbol.kind != kernel::Symbol::Kind::Function || !line || line->file.ends_with("entry.S"))
            continue; // the doors differ in their labels
        guest.at(static_cast<u32>(symbol.address), [&, name = symbol.name](Guest& g) {
            if (started && !inside && g.esp() + 4 == g.esp0() - sizeof(PtRegs) &&
                (name.starts_with("sys_") || name.starts_with("old_"))) {
                inside = true;
                calls.emplace_back();
            }
            if (inside && std::find(by_hardware.begin(), by_hardware.end(), true) == by_hardware.end())
                calls.back() += name + " ";
        });
    }
    guest.on_transfer = [&](Guest&, const trace::Transfer& transfer) {
        if (!inside) return;
        if (transfer.kind == trace::TransferKind::Interrupt && transfer.phase == trace::Transfer::Phase::Begin)
            by_hardware.push_back(transfer.vector >= 32);
        if (transfer.kind == trace::TransferKind::InterruptReturn &&
            transfer.phase == trace::Transfer::Phase::Done && !by_hardware.empty())
            by_hardware.pop_back();
    };
    guest.on_ring_change = [&](Guest&, const trace::RingChange& change) {
        if (change.to == 3) inside = false;
    };
    guest.run_to_exit();
    return calls;
}
} // namespace

TEST_CASE("from the dispatch on a call passes the same kernel functions whichever way it entered", "[H16]") {
    const auto by_interrupt = functions_of_calls(by_int80({})), by_sysenter = functions_of_calls({});
    CHECK(by_interrupt.size() > 20);
    CHECK(by_interrupt == by_sysenter);
}
