// SPDX-License-Identifier: MIT
// The table of the standard lists.
#include "cpu/protect/step_lists.hpp"

#include "cpu/protect/lists.hpp"

namespace trapgate::cpu::protect {

// In the order of ListId.
constinit const StepLists standard_step_lists{{
    &interrupt_by_instruction_list,
    &interrupt_by_event_list,
    &interrupt_target_list,
    &interrupt_level_list,
    &interrupt_inner_list,
    &interrupt_same_list,
    &interrupt_error_code_list,
    &interrupt_enter_trap_gate_list,
    &interrupt_enter_interrupt_gate_list,
    &iret_begin_list,
    &iret_list,
    &iret_target_list,
    &iret_same_list,
    &iret_outer_list,
    &iret_nested_list,
    &far_return_list,
    &far_return_same_list,
    &far_return_outer_list,
    &far_target_list,
    &jump_code_list,
    &call_code_list,
    &call_gate_rights_list,
    &call_gate_target_list,
    &jump_gate_target_list,
    &jump_gate_list,
    &call_gate_same_list,
    &call_gate_inner_list,
    &task_gate_list,
    &tss_list,
    &sysenter_list,
    &sysexit_list,
    &task_target_list,
    &task_switch_nesting_list,
    &task_switch_jump_list,
    &task_switch_return_list,
    &task_context_list,
    &task_error_code_list,
    &task_debug_list,
    &virtual8086_int_list,
    &virtual8086_redirection_list,
    &virtual8086_own_handler_list,
    &virtual8086_virtual_handler_list,
    &virtual8086_leave_list,
    &virtual8086_enter_list,
    &virtual8086_iret_list,
    &virtual8086_virtual_iret_list,
    &virtual8086_far_return_list,
    &virtual8086_jump_list,
    &virtual8086_call_list,
}};

} // namespace trapgate::cpu::protect
