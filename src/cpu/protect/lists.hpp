// SPDX-License-Identifier: MIT
// Every list of micro-steps by name: defined beside its steps, gathered by step_lists.cpp.
#pragma once

#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

// interrupt.cpp
extern const StepList interrupt_by_instruction_list, interrupt_by_event_list, interrupt_target_list,
    interrupt_level_list, interrupt_inner_list, interrupt_same_list, interrupt_error_code_list,
    interrupt_enter_trap_gate_list, interrupt_enter_interrupt_gate_list;
// far_return.cpp
extern const StepList iret_begin_list, iret_list, iret_target_list, iret_same_list, iret_outer_list,
    far_return_list, far_return_same_list, far_return_outer_list;
// virtual8086.cpp
extern const StepList virtual8086_int_list, virtual8086_leave_list, virtual8086_enter_list, virtual8086_iret_list,
    virtual8086_far_return_list, virtual8086_jump_list, virtual8086_call_list;
// virtual_interrupts.cpp
extern const StepList virtual8086_redirection_list, virtual8086_own_handler_list, virtual8086_virtual_handler_list,
    virtual8086_virtual_iret_list;
// far_transfer.cpp
extern const StepList far_target_list, jump_code_list, call_code_list, task_gate_list, tss_list;
// call_gate.cpp
extern const StepList call_gate_rights_list, call_gate_target_list, jump_gate_target_list, jump_gate_list,
    call_gate_same_list, call_gate_inner_list;
// fast_calls.cpp
extern const StepList sysenter_list, sysexit_list;
// task_switch.cpp
extern const StepList iret_nested_list, task_target_list, task_switch_nesting_list, task_switch_jump_list,
    task_switch_return_list;
// task_context.cpp
extern const StepList task_context_list, task_error_code_list, task_debug_list;

/// The interrupt path with RF set in the pushed EFLAGS or not (deliver.cpp knows which faults want it).
void enter_interrupt(Cpu&, u8 vector, std::optional<u32> error_code, Origin, bool set_rf);

} // namespace trapgate::cpu::protect
