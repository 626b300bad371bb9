// SPDX-License-Identifier: MIT
// The lists of micro-steps are what runs: numbers and order as the manual's pseudo-code has them, a step taken out is missed,
// watching changes nothing, and no check stands below a commit.
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/isa/micro_steps.hpp"
#include "cpu/protect/recorder.hpp"
#include "cpu/scenario.hpp"

#include <set>

using namespace trapgate;
using namespace trapgate::tests;
using isa::MicroStep;
using protect::StepLists;

namespace {

/// What a scenario ends in: the picture, and the fault as a number.
struct Outcome {
    Picture picture;
    u64 fault;
    u32 dr6;
    bool operator==(const Outcome& o) const { return fault == o.fault && dr6 == o.dr6 && picture == o.picture; }
};

u64 fault_number(const std::optional<Fault>& fault) {
    return fault ? 1 + (u64{static_cast<u8>(fault->vector)} << 8 | u64{fault->error_code} << 16 |
                        u64{fault->committed} << 48)
                 : 0;
}

Outcome outcome(const Scenario& scenario, const StepLists& lists, trace::Observer* observer = nullptr) {
    const auto m = machine_for(scenario);
    m->cpu.step_lists = &lists;
    m->cpu.observer = observer;
    m->cpu.watched = observer != nullptr;
    m->cpu.flush_tlb(false);
    u64 fault = 0;
    try {
        fault = fault_number(fault_of([&] { scenario.go(*m); }));
    } catch (const Unimplemented&) {
        fault = ~u64{0};
    }
    return {Picture(*m), fault, m->cpu.dr[6]};
}

std::vector<Scenario> all_scenarios() {
    std::vector<Scenario> all;
    for (const auto& some : {interrupt_scenarios(), return_scenarios(), far_scenarios(), fast_call_scenarios(),
                             task_scenarios(), virtual8086_scenarios(), virtual_interrupt_scenarios()})
        all.insert(all.end(), some.begin(), some.end());
    return all;
}

/// A copy of the standard lists with one step less in one of them.
struct Altered {
    std::vector<protect::Step> steps;
    protect::StepList list;
    StepLists lists = protect::standard_step_lists;

    Altered(u32 which, std::size_t without) {
        const protect::StepList& original = *lists.lists[which];
        steps.assign(original.steps.begin(), original.steps.end());
        steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(without));
        list = {original.name, steps, nullptr};
        lists.lists[which] = &list;
    }
};

/// The same lists, gone through step by step.
struct Unfused {
    std::array<protect::StepList, protect::step_list_count> own;
    StepLists lists = protect::standard_step_lists;

    Unfused() {
        for (u32 i = 0; i < protect::step_list_count; ++i) {
            own[i] = {lists.lists[i]->name, lists.lists[i]->steps, nullptr};
            lists.lists[i] = &own[i];
        }
    }
};

/// The recording of one transfer, and the recorder's machine.
struct Recording {
    std::unique_ptr<BareMachine> machine = std::make_unique<BareMachine>();
    protect::TransferRecorder recorder{machine->cpu};

    void watch() {
        machine->cpu.observer = &recorder;
        machine->cpu.watched = true;
        machine->cpu.flush_tlb(false);
    }
    const protect::RecordedTransfer& last() const { return recorder.transfers().back(); }
};

std::string accesses(const protect::RecordedStep& step) {
    std::string text;
    for (const trace::Access& access : step.accesses)
        text += (text.empty() ? "" : " ") + std::string(access.intent == Intent::Write ? "W" : "R") +
                std::to_string(access.size);
    return text;
}

std::string listing(const protect::RecordedTransfer& transfer) {
    std::string text;
    for (const protect::RecordedStep& step : transfer.steps)
        text += std::to_string(step.number) + " " + std::string(info(step.step).id) +
                (step.accesses.empty() ? "" : " " + accesses(step)) + "\n";
    return text;
}

} // namespace

TEST_CASE("each step of each list is missed when it is taken out") {
    const std::vector<Scenario> scenarios = all_scenarios();
    std::vector<Outcome> expected;
    for (const Scenario& scenario : scenarios) expected.push_back(outcome(scenario, protect::standard_step_lists));
    for (u32 which = 0; which < protect::step_list_count; ++which) {
        const protect::StepList& list = *protect::standard_step_lists.lists[which];
        for (std::size_t i = 0; i < list.steps.size(); ++i) {
            const Altered altered(which, i);
            bool noticed = false;
            for (std::size_t s = 0; s < scenarios.size() && !noticed; ++s)
                noticed = !(outcome(scenarios[s], altered.lists) == expected[s]);
            INFO(list.name << ": " << info(list.steps[i].id).id);
            CHECK(noticed);
        }
    }
}

TEST_CASE("a transfer ends the same whether its lists run fused, step by step, or watched") {
    const Unfused unfused;
    for (const Scenario& scenario : all_scenarios()) {
        INFO(scenario.what);
        const Outcome fused = outcome(scenario, protect::standard_step_lists);
        CHECK(outcome(scenario, unfused.lists) == fused);
        trace::Observer observer;
        CHECK(outcome(scenario, protect::standard_step_lists, &observer) == fused);
        const auto m = std::make_unique<BareMachine>();
        protect::TransferRecorder recorder(m->cpu);
        CHECK(outcome(scenario, protect::standard_step_lists, &recorder) == fused);
    }
}

TEST_CASE("no check of a transfer runs below its first commit, except in a new task") {
    struct Order : trace::Observer {
        bool committed = false, wrong = false;
        void on(const trace::MicroStep& event) override {
            const auto step = static_cast<MicroStep>(event.step);
            if (!event.before) return;
            const bool commit = info(step).phase == isa::MicroStepPhase::Commit;
            wrong |= committed && !commit && step < MicroStep::task_ldt;
            committed |= commit;
        }
    };
    for (const Scenario& scenario : all_scenarios()) {
        INFO(scenario.what);
        Order order;
        outcome(scenario, protect::standard_step_lists, &order);
        CHECK(!order.wrong);
    }
}

TEST_CASE("int 0x80 from ring 3 to ring 0 is nineteen steps with these accesses", "[H12]") {
    Recording r;
    r.machine->enter_user();
    r.watch();
    protect::enter_interrupt(r.machine->cpu, 0x80, std::nullopt, protect::Origin::Software);
    CHECK(listing(r.last()) == "1 idt_limit\n"
                               "2 read_gate R8\n"
                               "3 gate_type\n"
                               "4 gate_dpl\n"
                               "5 gate_present\n"
                               "6 target_selector\n"
                               "7 target_descriptor R8\n"
                               "8 handler_level\n"
                               "9 tss_stack R2 R4\n"
                               "10 stack_descriptor R8\n"
                               "11 inner_frame\n"
                               "12 switch_stack\n"
                               "13 push_ss W4\n"
                               "14 push_esp W4\n"
                               "15 push_eflags W4\n"
                               "16 push_cs W4\n"
                               "17 push_eip W4\n"
                               "18 enter_handler\n"
                               "19 trap_gate_flags\n");
    for (const protect::RecordedStep& step : r.last().steps)
        for (const trace::Access& access : step.accesses) CHECK(access.supervisor);
}

TEST_CASE("iret to ring 3 is seventeen steps with these accesses", "[H15]") {
    Recording r;
    r.machine->enter_user();
    protect::enter_interrupt(r.machine->cpu, 0x80, std::nullopt, protect::Origin::Software);
    r.watch();
    protect::interrupt_return(r.machine->cpu, protect::OperandSize::Doubleword);
    CHECK(listing(r.last()) == "1 nested_task\n"
                               "2 read_return_eip R4\n"
                               "3 read_return_cs R4\n"
                               "4 read_return_eflags R4\n"
                               "5 return_mode\n"
                               "6 return_selector\n"
                               "7 return_descriptor R8\n"
                               "8 return_level\n"
                               "9 read_return_esp R4\n"
                               "10 read_return_ss R4\n"
                               "11 return_stack R8\n"
                               "12 eip_limit\n"
                               "13 load_cs_eip\n"
                               "14 load_eflags\n"
                               "15 load_ss_esp\n"
                               "16 load_cpl\n"
                               "17 null_segments\n");
}

TEST_CASE("sysenter and sysexit are six steps each and touch no memory", "[H14][H15]") {
    Recording r;
    r.machine->enter_user();
    r.machine->cpu.sysenter_cs = selector::kernel_cs;
    r.watch();
    protect::sysenter(r.machine->cpu);
    CHECK(listing(r.last()) == "1 sysenter_check\n2 sysenter_flags\n3 sysenter_cs\n4 sysenter_ss\n5 sysenter_esp\n"
                               "6 sysenter_eip\n");
    protect::sysexit(r.machine->cpu);
    CHECK(listing(r.last()) == "1 sysexit_check\n2 sysexit_cpl\n3 sysexit_cs\n4 sysexit_ss\n5 sysexit_esp\n"
                               "6 sysexit_eip\n");
}

TEST_CASE("checks change no register, and the recording's effects add up to the transfer") {
    for (const Scenario& scenario : all_scenarios()) {
        INFO(scenario.what);
        const auto m = machine_for(scenario);
        protect::TransferRecorder recorder(m->cpu);
        m->cpu.observer = &recorder;
        m->cpu.watched = true;
        m->cpu.flush_tlb(false);
        const auto fault = fault_of([&] { scenario.go(*m); });
        REQUIRE(recorder.transfers().size() == 1);
        const protect::RecordedTransfer& transfer = recorder.transfers()[0];
        CHECK(transfer.faulted == fault.has_value());
        protect::Registers at_hand = transfer.before;
        for (const protect::RecordedStep& step : transfer.steps) {
            INFO(info(step.step).id);
            CHECK(step.before == at_hand);
            if (info(step.step).phase == isa::MicroStepPhase::Check && step.step < MicroStep::task_ldt)
                CHECK(step.after == step.before);
            CHECK(!step.values.empty());
            at_hand = step.after;
        }
        CHECK(at_hand == transfer.after);
        if (fault) CHECK(transfer.steps.back().faulted);
    }
}

TEST_CASE("a recorded step tells its values and what changed") {
    Recording r;
    r.machine->enter_user();
    r.machine->cpu.eip = at::user_code + 2;
    r.watch();
    protect::enter_interrupt(r.machine->cpu, 0x80, std::nullopt, protect::Origin::Software);
    const auto& steps = r.last().steps;
    CHECK(steps[0].values == "80 * 8 + 7 = 407, IDTR.limit 7ff");
    CHECK(steps[2].values == "type F, S 0: trap32");
    CHECK(steps[3].values == "gate.DPL 3, CPL 3");
    CHECK(steps[5].values == "0060 -> GDT[0c]");
    CHECK(steps[7].values == "DPL 0 < CPL 3: inner level 0");
    CHECK(steps[8].values == "SS0:ESP0 = 0068:00009000");
    CHECK(steps[12].values == "00008ffc = 0000007b");
    CHECK(steps[17].values == "CS:EIP = 0060:0000d800, CPL 0");
    CHECK(changes(steps[11].before, steps[11].after) ==
          std::vector<std::string>{"esp 0000b000 -> 00009000", "ss 007b -> 0068"});
    CHECK(changes(steps[17].before, steps[17].after) ==
          std::vector<std::string>{"eip 0000c002 -> 0000d800", "cs 0073 -> 0060", "cpl 3 -> 0"});
}

TEST_CASE("every micro-step stands in a list, and names and texts are there for all") {
    std::set<MicroStep> listed;
    for (const protect::StepList* list : protect::standard_step_lists.lists) {
        CHECK(!list->name.empty());
        CHECK(!list->steps.empty());
        for (const protect::Step& step : list->steps) listed.insert(step.id);
    }
    for (u32 i = 0; i < isa::micro_steps; ++i) {
        INFO(isa::micro_step_infos[i].id);
        CHECK(listed.count(static_cast<MicroStep>(i)) == 1);
        CHECK(!isa::micro_step_infos[i].name.empty());
        CHECK(!isa::micro_step_infos[i].text.empty());
    }
}
