// SPDX-License-Identifier: MIT
// What strace and explain find by looking at the machine, checked against what the program does and what the stack holds.
#include "catch.hpp"
#include "cpu/protect/lists.hpp"
#include "frontend/explain/find_call.hpp"
#include "frontend/explain/picture.hpp"
#include "frontend/explain/recording.hpp"
#include "guest/guest.hpp"
#include "kernel/strace.hpp"
#include "paths.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;
using namespace trapgate::frontend;
using cpu::isa::MicroStep;

namespace {

const kernel::GuestKernel& guest_kernel() {
    static const kernel::GuestKernel kernel = [] {
        auto read = kernel::GuestKernel::from_file((guest_folder() / "vmlinux").string());
        if (!read) FAIL(read.error().message);
        return std::move(read.value());
    }();
    return kernel;
}

GuestSetup fast(std::vector<std::string> command, bool sysenter = false) {
    GuestSetup setup;
    setup.command = std::move(command);
    setup.append = sysenter ? "" : "nosysenter";
    setup.watched = false;
    return setup;
}

std::string strace_of(const GuestSetup& setup) {
    Guest guest(setup);
    std::string text;
    const kernel::CpuMemory memory(guest.cpu());
    kernel::Strace strace(memory, {}, [&](std::string_view piece) { text += piece; });
    kernel::SyscallWatch watch(guest_kernel(), guest.cpu(), strace);
    guest.machine().observe_transfers(&watch);
    guest.run();
    strace.finish();
    return text;
}

/// The program's first call that enters, or leaves, in this way.
SwitchRecording record(const GuestSetup& setup, Subject subject, const cpu::protect::StepLists* lists = nullptr) {
    u64 instruction = 0;
    {
        Guest guest(setup);
        CallFinder finder(guest_kernel(), guest.cpu(), subject, 1, [&] { guest.pause(); });
        guest.machine().observe_transfers(&finder);
        guest.run();
        REQUIRE(finder.instruction());
        instruction = *finder.instruction();
    }
    Guest guest(setup);
    REQUIRE(guest.machine().run_until(instruction).kind == machine::StopKind::Reached);
    if (lists) guest.machine().use_step_lists(*lists);
    SwitchRecorder recorder(guest_kernel(), guest.cpu(), [&] { guest.pause(); });
    guest.machine().observe(&recorder);
    guest.run();
    REQUIRE(recorder.has_frame());
    CHECK(recorder.recording().entry.instruction == instruction);
    return recorder.recording();
}

std::vector<MicroStep> steps_of(const RecordedTransfer& transfer) {
    std::vector<MicroStep> steps;
    for (const RecordedStep& step : transfer.steps) steps.push_back(static_cast<MicroStep>(step.step));
    return steps;
}

} // namespace

TEST_CASE("strace sees the calls of hello and its end, and nothing of init") {
    const std::string text = strace_of(fast({"demos/01-hello"}));
    CHECK(text.starts_with("execve(\"/bin/01-hello\", [\"demos/01-hello\"], 0x"));
    CHECK(text.find("write(1, \"") != std::string::npos);
    CHECK(text.ends_with("(0) = ?\n+++ exited with 0 +++\n"));
    CHECK(text.find("reboot") == std::string::npos);
}

TEST_CASE("strace sees the same calls whichever way they enter", "[H16][E14]") {
    CHECK(strace_of(fast({"demos/01-hello"})) == strace_of(fast({"demos/01-hello"}, true)));
}

TEST_CASE("strace names the processes once there are two") {
    const std::string text = strace_of(fast({"demos/07-fork"}));
    INFO(text);
    CHECK(text.find("[pid ") != std::string::npos);
    CHECK(text.find("<... fork resumed>) = ") != std::string::npos);
    CHECK(text.find("+++ exited with 7 +++") != std::string::npos);
}

TEST_CASE("the frame of int 0x80 has fifteen words, five of them the processor's", "[H12][E03][E04][E07]") {
    const SwitchRecording call = record(fast({"demos/01-hello"}), Subject::Int80);
    REQUIRE(call.frame.size() == 15);
    CHECK(call.frame[0].address == call.task.stack_top - 4);
    for (std::size_t i = 0; i < 15; ++i) {
        INFO(i);
        CHECK(call.frame[i].by_transfer == (i < 5));
        if (i >= 5) CHECK(guest_kernel().symbols().containing(call.frame[i].eip)->name == "system_call");
    }
    CHECK(call.frame[0].value == 0x7b);        // ss
    CHECK(call.frame[3].value == 0x73);        // cs
    CHECK(call.frame[5].value == call.number); // orig_eax
    CHECK(call.frame[8].value == call.number); // eax
    CHECK(call.way_out);
    CHECK(call.way_out->kind == trace::TransferKind::InterruptReturn);
}

TEST_CASE("explain lists the steps of int 0x80 in the manual's order", "[H03][H13]") {
    const auto steps = steps_of(record(fast({"demos/01-hello"}), Subject::Int80).entry);
    const std::vector<MicroStep> order{
        MicroStep::idt_limit,         MicroStep::read_gate,     MicroStep::gate_type,
        MicroStep::gate_dpl,          MicroStep::gate_present,  MicroStep::target_selector,
        MicroStep::target_descriptor, MicroStep::handler_level, MicroStep::tss_stack,
        MicroStep::stack_descriptor,  MicroStep::inner_frame,   MicroStep::switch_stack,
        MicroStep::push_ss,           MicroStep::push_esp,      MicroStep::push_eflags,
        MicroStep::push_cs,           MicroStep::push_eip,      MicroStep::enter_handler,
        MicroStep::trap_gate_flags};
    CHECK(steps == order);
}

TEST_CASE("a step that is taken out is neither listed nor executed, and the guest breaks") {
    using namespace cpu::protect;
    const StepList& whole = standard_step_lists[ListId::interrupt_inner];
    std::vector<Step> rest;
    for (const Step& step : whole.steps)
        if (step.id != MicroStep::push_ss) rest.push_back(step);
    REQUIRE(rest.size() + 1 == whole.steps.size());
    const StepList shorter{whole.name, rest, nullptr};
    StepLists lists = standard_step_lists;
    lists.lists[static_cast<u8>(ListId::interrupt_inner)] = &shorter;

    const auto steps = steps_of(record(fast({"demos/01-hello"}), Subject::Int80, &lists).entry);
    CHECK(std::find(steps.begin(), steps.end(), MicroStep::push_ss) == steps.end());

    Guest guest(fast({"demos/01-hello"}));
    guest.machine().use_step_lists(lists);
    const machine::Stop stop = guest.run();
    const bool fine = stop.kind == machine::StopKind::GuestExit && stop.value == 0;
    CHECK_FALSE(fine);
}

TEST_CASE("sysenter pushes nothing: entry.S makes all fifteen words", "[H14]") {
    const SwitchRecording call = record(fast({"demos/01-hello"}, true), Subject::Sysenter);
    REQUIRE(call.frame.size() == 15);
    for (const StackWord& word : call.frame) CHECK_FALSE(word.by_transfer);
    CHECK(call.frame[0].value == 0x7b);
    CHECK(call.frame[3].value == 0x73);
}

TEST_CASE("the picture of a system call is at most 120 columns wide") {
    const SwitchRecording call = record(fast({"demos/01-hello"}), Subject::Int80);
    Guest guest(fast({"demos/01-hello"}));
    const PictureContext context{guest_kernel(), {}, guest.cpu(), Style(false), false};
    const std::string text = transfer_picture(call, call.entry, context) + entry_picture(call, context) +
                             stack_picture(call, context) + outcome_picture(call, context);
    std::size_t widest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        widest = std::max(widest, end - at);
        at = end + 1;
    }
    CHECK(widest <= 120);
    for (const auto* name : {"point of no return", "push ss", "orig_eax", "SAVE_ALL", "thread_info", "TSS.esp0"}) {
        INFO(name);
        CHECK(text.find(name) != std::string::npos);
    }
}

TEST_CASE(
    "whoever watches, the machine ends in the same state, and nobody but the guest has written to its memory") {
    const auto end = [](trace::Observer* transfers, bool everything) {
        GuestSetup setup = fast({"demos/07-fork"});
        setup.watched = everything;
        Guest guest(setup);
        guest.machine().observe_transfers(transfers);
        guest.run_to_exit();
        CHECK(guest.machine().memory().foreign_writes() == 0);
        return guest.machine().state_hash();
    };
    trace::Observer nobody;
    const u64 alone = end(nullptr, false);
    CHECK(end(&nobody, false) == alone);
    CHECK(end(nullptr, true) == alone);
}
