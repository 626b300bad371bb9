// SPDX-License-Identifier: MIT
// A privileged transfer while it runs: its working values, and the runner of its lists of micro-steps.
// Source: promise 2 of docs/architecture.md.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/memory.hpp"
#include "cpu/protect/protect.hpp"
#include "cpu/protect/step_lists.hpp"

#include <utility>

namespace trapgate::cpu::protect {

/// What a TSS holds of a task, in the words of the 32-bit one.
struct TaskImage {
    u32 cr3;
    u32 eip;
    u32 eflags;
    std::array<u32, 8> gpr;
    std::array<u16, segment_registers> selectors; ///< index: SegmentRegister
    u16 ldt;
    bool debug_trap;
};

/// The working values. Steps read and write them; checks touch nothing else.
struct Transfer {
    Transfer(Cpu& the_cpu, trace::TransferKind the_kind, OperandSize size)
        : cpu(the_cpu), kind(the_kind), width(static_cast<u8>(size)) {}

    Cpu& cpu;
    const trace::TransferKind kind;
    u8 width;        ///< bytes of a word of the frame: 2 or 4
    u8 external = 0; ///< the EXT bit of error codes
    u8 new_cpl = 0;
    bool inner = false; ///< to an inner level (INT, CALL)
    bool outer = false; ///< to an outer level (IRET, RET)
    bool has_error_code = false;
    bool nested = false;         ///< IRET with NT = 1
    bool to_virtual8086 = false; ///< IRET at CPL 0 with VM = 1 in the frame
    bool redirected = false;     ///< INT n of a virtual 8086 goes to its own handler
    u8 vector = 0;
    u16 number = 1; ///< of the next step; 0 is fetching and decoding the instruction, or noticing the event
    u32 error_code = 0;
    u32 eflags_image = 0; ///< to be pushed, or popped

    // The gate, or what a far pointer names.
    u16 gate_selector = 0;
    u32 gate_address = 0; ///< linear; of the byte with the redirection bit too
    Descriptor gate;

    // The code segment (or the TSS) to go to.
    u16 target_selector = 0;
    u32 target_address = 0; ///< linear, of its descriptor
    u32 target_eip = 0;
    Descriptor target;

    // The stack to go to.
    u16 stack_selector = 0;
    u32 stack_address = 0; ///< linear, of its descriptor
    u32 stack_pointer = 0;
    Descriptor stack_descriptor;
    Segment stack;
    u16 old_ss = 0;
    u32 old_esp = 0;
    u32 outer_offset = 0; ///< where ESP and SS of the outer level lie, from ESP
    u16 release = 0;      ///< of RETF imm16

    // Filled only by the transfers that need them.
    std::array<u32, 31> parameters;
    TaskImage task;
};

// --- Running -------------------------------------------------------------------------------------

/// Runs a list with an observer: tells it before and after each step.
void run_observed(Transfer&, const StepList&);

inline void run(Transfer& t, ListId id) {
    const StepList& list = (*t.cpu.step_lists)[id];
    if (t.cpu.observer) [[unlikely]]
        return run_observed(t, list);
    if (list.fused) [[likely]]
        return list.fused(t);
    for (const Step& step : list.steps) step.run(t);
}

/// Tells whoever watches only transfers that one is done.
inline void tell_done(Transfer& t) {
    if (t.cpu.transfer_observer) [[unlikely]]
        t.cpu.transfer_observer->on(trace::Transfer{t.kind, trace::Transfer::Phase::Done, t.vector});
}

/// Runs a whole transfer: `body` runs its lists. Tells the observers of begin and end.
template <class Body> void run_transfer(Transfer& t, Body body) {
    trace::Observer* const observer = t.cpu.observer;
    if (!observer) [[likely]] {
        body(t);
        return tell_done(t);
    }
    using Phase = trace::Transfer::Phase;
    observer->on(trace::Transfer{t.kind, Phase::Begin, t.vector});
    try {
        body(t);
    } catch (...) {
        observer->on(trace::Transfer{t.kind, Phase::Faulted, t.vector});
        throw;
    }
    observer->on(trace::Transfer{t.kind, Phase::Done, t.vector});
    tell_done(t);
}

// --- Making lists --------------------------------------------------------------------------------

template <const auto& steps> void run_fused(Transfer& t) {
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        (steps[i].run(t), ...);
    }
    (std::make_index_sequence<std::size(steps)>{});
}

/// No check below a commit.
template <std::size_t n> constexpr bool checks_come_first(const Step (&steps)[n]) {
    bool committed = false;
    for (const Step& step : steps) {
        const bool commit = isa::info(step.id).phase == isa::MicroStepPhase::Commit;
        if (committed && !commit) return false;
        committed |= commit;
    }
    return true;
}

template <const auto& steps> constexpr StepList make_list(std::string_view name) {
    static_assert(checks_come_first(steps));
    return {name, steps, run_fused<steps>};
}

} // namespace trapgate::cpu::protect
