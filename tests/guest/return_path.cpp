// SPDX-License-Identifier: MIT
// The flags of thread_info on the way in and out of a system call: which of them leave the fast path, where they lead, and that
// no interrupt comes between the look at them and iret. Source: tests/rows.tsv, groups "Entry path" and "Return path".
//
// A flag is set by hand while the machine is stopped at a label of entry.S; the labels that the call then passes are noted.
#include "catch.hpp"
#include "guest/guest.hpp"

#include <algorithm>
#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using cpu::Gpr;
using Labels = std::vector<std::string>;

namespace {
// [linux-2.6.11] include/asm-i386/thread_info.h
enum Tif : u32 {
    SyscallTrace = 1 << 0,
    NotifyResume = 1 << 1,
    SigPending = 1 << 2,
    NeedResched = 1 << 3,
    SingleStep = 1 << 4,
    Iret = 1 << 5,
    Unused = 1 << 6,
    SyscallAudit = 1 << 7,
    PollingNrflag = 1 << 16,
    MemDie = 1 << 17,
};
constexpr u32 flags_offset = 8, getpid_number = 20;

GuestSetup by_sysenter() {
    GuestSetup setup;
    setup.command = {"demos/02-getpid"};
    return setup;
}

/// From esp0, not from esp: at sysenter_past_esp the two are the same, and esp & -8192 is the next stack.
u32 thread_info(Guest& g) {
    return (g.esp0() - 1) & ~(g.stack_size() - 1);
}

u32 task(Guest& g) {
    return g.word(thread_info(g));
}

bool in_the_demo(Guest& g) {
    return g.text(task(g) + g.offset("task_struct", "comm")) == "02-getpid";
}

/// One getpid() of demos/02-getpid, from a label on.
class Walk {
  public:
    explicit Walk(std::string_view where, GuestSetup setup = by_int80({"demos/02-getpid"}))
        : guest(std::move(setup)) {
        guest.at_kernel(where, [this, entry = where == "system_call" || where == "sysenter_past_esp"](Guest& g) {
            if (walking_ || over_ || !in_the_demo(g)) return;
            const u32 number = entry ? g.reg(Gpr::eax) : g.user_frame().orig_eax;
            if (number != getpid_number) return;
            walking_ = true;
            task_ = task(g);
            g.pause();
        });
        for (const char* name : {"system_call", "syscall_trace_entry", "syscall_call", "sys_getpid", "syscall_exit",
                                 "syscall_exit_work", "work_pending", "work_resched", "work_notifysig", "schedule",
                                 "do_notify_resume", "resume_userspace", "restore_all"})
            guest.at_kernel(name, [this, name](Guest& g) { note(g, name); });
        guest.at_kernel("do_syscall_trace", [this](Guest& g) {
            note(g, g.reg(Gpr::edx) ? "do_syscall_trace(1)" : "do_syscall_trace(0)"); // regparm: eax, edx
        });
        guest.on_transfer = [this](Guest& g, const trace::Transfer& transfer) {
            if (!walking_ || transfer.phase != trace::Transfer::Phase::Begin || task(g) != task_) return;
            if (transfer.kind == trace::TransferKind::Sysexit) note(g, "sysexit");
            if (transfer.kind == trace::TransferKind::InterruptReturn && g.word(g.esp() + 4) == 0x73)
                note(g, "iret");
        };
        guest.on_ring_change = [this](Guest&, const trace::RingChange& change) {
            if (walking_ && change.to == 3) walking_ = !(over_ = true);
        };
    }

    /// Stops at the label, sets the flags and goes on: to user mode or to `until`.
    Labels with(u32 flags, std::string_view until = {}) {
        REQUIRE(guest.run().kind == machine::StopKind::Paused);
        const u32 address = thread_info(guest) + flags_offset;
        guest.poke(address, guest.word(address) | flags);
        if (!until.empty()) guest.at_kernel(until, [](Guest& g) { g.pause(); });
        if (until.empty())
            guest.run_to_exit(flags == SingleStep ? 128 + 5 : 0); // nobody traces it: SIGTRAP kills
        else
            REQUIRE(guest.run().kind == machine::StopKind::Paused);
        return labels_;
    }

    Guest guest;

  private:
    void note(Guest& g, const char* label) {
        if (walking_ && task(g) == task_) labels_.emplace_back(label);
    }
    bool walking_ = false, over_ = false;
    u32 task_ = 0;
    Labels labels_;
};

bool has(const Labels& labels, const char* label) {
    return std::find(labels.begin(), labels.end(), label) != labels.end();
}
} // namespace

TEST_CASE("only the trace and audit flags lead to syscall_trace_entry, before the number is compared", "[E08]") {
    for (const u32 flag : {SyscallTrace, SyscallAudit}) {
        const Labels labels = Walk("system_call").with(flag, "sys_getpid");
        CHECK(labels ==
              Labels{"system_call", "syscall_trace_entry", "do_syscall_trace(0)", "syscall_call", "sys_getpid"});
    }
    for (const u32 flag : {NotifyResume, SigPending, NeedResched, SingleStep, Iret, Unused}) {
        const Labels labels = Walk("system_call").with(flag, "sys_getpid");
        INFO("flag " << flag);
        CHECK(labels == Labels{"system_call", "syscall_call", "sys_getpid"});
    }
}

TEST_CASE("the flags are tested before the number: a traced call with a number too large passes the tracer first",
          "[E08][E09]") {
    Guest guest(by_int80({"probes/probe-dispatch", "289"}));
    Labels labels;
    guest.at_kernel("system_call", [&](Guest& g) {
        if (labels.empty() && g.reg(Gpr::eax) == 0xffffffff) {
            labels.emplace_back("system_call");
            g.pause();
        }
    });
    for (const char* name :
         {"syscall_trace_entry", "do_syscall_trace", "syscall_badsys", "syscall_exit", "restore_all"})
        guest.at_kernel(name, [&, name](Guest&) {
            if (!labels.empty() && labels.back() != "restore_all") labels.emplace_back(name);
        });
    REQUIRE(guest.run().kind == machine::StopKind::Paused);
    const u32 address = thread_info(guest) + flags_offset;
    guest.poke(address, guest.word(address) | SyscallTrace);
    guest.at_kernel("restore_all", [](Guest& g) { g.pause(); });
    REQUIRE(guest.run().kind == machine::StopKind::Paused);
    CHECK(labels == Labels{"system_call", "syscall_trace_entry", "do_syscall_trace", "syscall_exit",
                           "do_syscall_trace", "restore_all"});
    CHECK(guest.frame(guest.esp()).eax == u32(-38)); // ENOSYS
}

TEST_CASE(
    "do_syscall_trace is called right before and right after the service routine, then comes resume_userspace",
    "[E09][R08]") {
    CHECK(Walk("system_call").with(SyscallTrace) ==
          Labels{"system_call", "syscall_trace_entry", "do_syscall_trace(0)", "syscall_call", "sys_getpid",
                 "syscall_exit", "syscall_exit_work", "do_syscall_trace(1)", "resume_userspace", "restore_all",
                 "iret"});
    CHECK(Walk("sysenter_past_esp", by_sysenter()).with(SyscallTrace) ==
          Labels{"syscall_trace_entry", "do_syscall_trace(0)", "syscall_call", "sys_getpid", "syscall_exit",
                 "syscall_exit_work", "do_syscall_trace(1)", "resume_userspace", "restore_all", "iret"});
}

TEST_CASE("the result replaces the number at 24(%esp), in the instruction behind the call", "[R01]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    const u32 store = guest.kernel("syscall_call") + 7; // behind call *sys_call_table(,%eax,4)
    CHECK(guest.image().word(store) == 0x18244489);     // movl %eax, 24(%esp)
    int seen = 0;
    guest.at(store, [&](Guest& g) {
        if (g.word(g.esp() + 0x24) != getpid_number || !in_the_demo(g)) return;
        CHECK(g.word(g.esp() + 24) == getpid_number);
        CHECK(g.reg(Gpr::eax) == g.current_pid());
    });
    guest.at(store + 4, [&](Guest& g) {
        if (g.word(g.esp() + 0x24) != getpid_number || !in_the_demo(g)) return;
        ++seen;
        CHECK(g.word(g.esp() + 24) == g.current_pid());
    });
    guest.run_to_exit();
    CHECK(seen > 0);
}

TEST_CASE("cli stands right before the load of the flags, whose displacement is 8", "[R02][R03]") {
    const Image& image = Image::vmlinux();
    for (const char* label : {"syscall_exit", "resume_userspace"}) {
        INFO(label);
        CHECK(image.word(image.address(label)) == 0x084d8bfa); // cli; movl 8(%ebp), %ecx
    }
    const auto layout = image.debug_info().layout("thread_info");
    REQUIRE(layout.has_value());
    CHECK(layout->find("flags")->offset == flags_offset);
}

TEST_CASE("an interrupt raised between the cli and the iret is taken right behind the iret", "[R02]") {
    Walk walk("syscall_exit");
    Guest& guest = walk.guest;
    REQUIRE(guest.run().kind == machine::StopKind::Paused); // before the cli
    bool raise_now = false;
    guest.at(guest.kernel("syscall_exit") + 1, [&](Guest& g) {
        if (raise_now) return;
        raise_now = true;
        g.pause();
    });
    REQUIRE(guest.run().kind == machine::StopKind::Paused); // behind it
    machine::Snapshot snapshot = guest.machine().save();
    REQUIRE((snapshot.board.pic.master.latched & 1) == 0);
    snapshot.board.pic.master.latched |= 1; // the timer's line
    guest.machine().restore(snapshot);
    Labels events;
    const u32 return_address = guest.user_frame().eip;
    guest.on_transfer = [&](Guest& g, const trace::Transfer& transfer) {
        if (events.size() >= 2) return;
        if (transfer.kind == trace::TransferKind::InterruptReturn && transfer.phase == trace::Transfer::Phase::Done)
            events.emplace_back("iret");
        if (transfer.kind == trace::TransferKind::Interrupt && transfer.phase == trace::Transfer::Phase::Begin) {
            events.emplace_back("interrupt " + std::to_string(transfer.vector));
            CHECK(g.eip() == return_address); // no user instruction has run
        }
    };
    guest.run_to_exit();
    CHECK(events == Labels{"iret", "interrupt 32"});
}

TEST_CASE("the flags 0 to 5 and 7 leave the fast path, the flags 16 and 17 do not", "[R04]") {
    for (const u32 flag : {SyscallTrace, NotifyResume, SigPending, NeedResched, SingleStep, Iret, SyscallAudit}) {
        const Labels labels = Walk("syscall_exit").with(flag);
        INFO("flag " << flag);
        REQUIRE(labels.size() > 2);
        CHECK(labels[1] == "syscall_exit_work");
        CHECK(labels[labels.size() - 2] == "restore_all");
        CHECK(labels.back() == "iret");
        const bool traced = flag == SyscallTrace || flag == SyscallAudit || flag == SingleStep;
        CHECK(has(labels, "do_syscall_trace(1)") == traced);
        CHECK(has(labels, "work_pending") == !traced);
    }
    for (const u32 flag : {PollingNrflag, MemDie}) {
        INFO("flag " << flag);
        CHECK(Walk("syscall_exit").with(flag) == Labels{"syscall_exit", "restore_all", "iret"});
    }
}

TEST_CASE("without a flag the way out is cli, load, test, no jump, nine pops, add, iret", "[R05][R07]") {
    Guest guest(by_int80({"demos/02-getpid"}));
    std::string opcodes;
    u32 saved_eip = 0, user_eip = 0;
    bool walking = false;
    guest.at_kernel("syscall_exit", [&](Guest& g) {
        if (!in_the_demo(g) || saved_eip || g.user_frame().orig_eax != getpid_number) return;
        walking = true;
        saved_eip = g.user_frame().eip;
    });
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
        if (!walking || event.cpl != 0 || user_eip) return;
        char text[4];
        const u8 opcode = g.byte(event.linear.value);
        std::snprintf(text, sizeof text, "%02x ", opcode);
        if (opcode != 0x90) opcodes += text; // labels are aligned
        if (g.cpu().cpl == 3) {
            user_eip = g.eip();
            CHECK(g.byte(user_eip - 2) == 0xcd);
            CHECK(g.byte(user_eip - 1) == 0x80);
        }
    };
    guest.run_to_exit();
    // cli mov test jne, pop ebx ecx edx esi edi ebp eax ds es, add, iret
    const bool near_jump = opcodes.find("0f") != std::string::npos;
    CHECK(opcodes == std::string("fa 8b 66 ") + (near_jump ? "0f" : "75") + " 5b 59 5a 5e 5f 5d 58 1f 07 83 cf ");
    CHECK(user_eip == saved_eip);
}

TEST_CASE("every way to user mode but sysexit ends at the one iret", "[R14]") {
    Guest guest({{"probes/probe-signal"}});
    std::set<u32> returns;
    guest.on_instruction = [&](Guest& g, const trace::Retired& event) {
        if (event.cpl == 0 && g.byte(event.linear.value) == 0xcf) returns.insert(event.linear.value);
    };
    guest.run_to_exit();
    REQUIRE(returns.size() == 1);
    CHECK(guest.where(*returns.begin()).starts_with("restore_all"));
}

TEST_CASE("a sysenter with nothing pending ends in sysexit, with a signal or TIF_IRET pending in iret", "[R17]") {
    CHECK(Walk("sysenter_past_esp", by_sysenter()).with(0) == Labels{"sys_getpid", "sysexit"});
    for (const u32 flag : {SigPending, Iret}) {
        const Labels labels = Walk("sys_getpid", by_sysenter()).with(flag);
        INFO("flag " << flag);
        CHECK(labels == Labels{"sys_getpid", "syscall_exit_work", "work_pending", "work_notifysig",
                               "do_notify_resume", "resume_userspace", "restore_all", "iret"});
    }
}

TEST_CASE("execve by sysenter sets TIF_IRET and returns by iret", "[R17]") {
    Guest guest(by_sysenter());
    bool by_fast_call = false, executing = false;
    int seen = 0;
    guest.at_kernel("sysenter_past_esp", [&](Guest&) { by_fast_call = true; });
    guest.at_kernel("system_call", [&](Guest&) { by_fast_call = false; });
    guest.at_kernel("sys_execve", [&](Guest&) { executing = by_fast_call; });
    guest.at_kernel("start_thread", [&](Guest&) { seen += executing; });
    guest.on_transfer = [&](Guest& g, const trace::Transfer& transfer) {
        if (!executing || transfer.phase != trace::Transfer::Phase::Begin) return;
        CHECK(transfer.kind != trace::TransferKind::Sysexit);
        if (transfer.kind == trace::TransferKind::InterruptReturn && g.word(g.esp() + 4) == 0x73) executing = false;
    };
    guest.run_to_exit();
    CHECK(seen == 1);
}

TEST_CASE("the handler of a signal runs before the instruction behind kill", "[R12]") {
    Guest guest({{"probes/probe-signal"}});
    u32 behind = 0;
    bool delivered = false;
    int calls = 0, late = 0;
    guest.at_kernel("sys_kill", [&](Guest& g) {
        const PtRegs regs = g.user_frame();
        if (behind || regs.ecx != 10 || regs.ebx != g.current_pid()) return; // SIGUSR1 to itself
        behind = regs.eip;
        delivered = false;
    });
    guest.at_program("handler", [&](Guest&) { delivered = true; });
    guest.on_instruction = [&](Guest&, const trace::Retired& event) {
        if (!behind || event.cpl != 3 || event.eip != behind) return;
        ++calls;
        late += !delivered;
        behind = 0;
    };
    guest.run_to_exit();
    CHECK(calls > 0);
    CHECK(late == 0);
}
