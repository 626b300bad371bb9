// SPDX-License-Identifier: MIT
// The lists of micro-steps that privileged transfers execute: data, so that what is shown is what runs.
//
// A transfer runs several lists one after the other: it chooses the next one where the manual's pseudo-code branches (gate type,
// privilege level), so that every step of a list that was begun applies. In each transfer the point of no return stands before
// the first Commit; only a task switch checks again below it, in the context of the new task.
// `trapgate explain` prints these lists, the recorder sees them run, the timing models price them.
#pragma once

#include "cpu/isa/micro_steps.hpp"

#include <array>
#include <span>
#include <string_view>

namespace trapgate::cpu::protect {

struct Transfer;

struct Step {
    isa::MicroStep id;
    void (*run)(Transfer&);
};

struct StepList {
    std::string_view name;
    std::span<const Step> steps;
    /// The same steps, called directly one after the other: used when nobody watches. Null: go through `steps`.
    void (*fused)(Transfer&) = nullptr;
};

/// The lists, in the order in which transfers run them.
enum class ListId : u8 {
    // Interrupts: one of the first two; for code gates `target`, then one stack, perhaps `error_code`, then one entry.
    interrupt_by_instruction, ///< INT n, INT3, INTO: checks the gate's DPL
    interrupt_by_event,
    interrupt_target,
    interrupt_level,
    interrupt_inner,
    interrupt_same,
    interrupt_error_code,
    interrupt_enter_trap_gate,
    interrupt_enter_interrupt_gate,
    // IRET
    iret_begin,
    iret,
    iret_target,
    iret_same,
    iret_outer,
    iret_nested,
    // RETF
    far_return,
    far_return_same,
    far_return_outer,
    // JMP and CALL: `far_target`, then what the descriptor is
    far_target,
    jump_code,
    call_code,
    call_gate_rights,
    call_gate_target,
    jump_gate_target,
    jump_gate,
    call_gate_same,
    call_gate_inner,
    task_gate,
    tss,
    // SYSENTER, SYSEXIT
    sysenter,
    sysexit,
    // Task switch: `task_target` from a gate in the IDT too; then by what kind of transfer; then in the new task
    task_target,
    task_switch_nesting, ///< CALL, interrupts
    task_switch_jump,
    task_switch_return,
    task_context,
    task_error_code,
    task_debug,
    // Virtual-8086 mode
    virtual8086_int,             ///< INT n in it, before the gate is read
    virtual8086_redirection,     ///< INT n with CR4.VME, before virtual8086_int or one of the next two
    virtual8086_own_handler,     ///< INT n that is redirected: with IOPL 3
    virtual8086_virtual_handler, ///< the same with less
    virtual8086_leave,           ///< in the place of interrupt_level and interrupt_inner
    virtual8086_enter,           ///< IRET, in the place of iret_target and what follows
    virtual8086_iret,
    virtual8086_virtual_iret, ///< with CR4.VME and IOPL < 3
    virtual8086_far_return,
    virtual8086_jump,
    virtual8086_call,
    count,
};
constexpr u32 step_list_count = static_cast<u32>(ListId::count);

struct StepLists {
    std::array<const StepList*, step_list_count> lists;
    const StepList& operator[](ListId id) const { return *lists[static_cast<u8>(id)]; }
};
extern const StepLists standard_step_lists;

} // namespace trapgate::cpu::protect
