// SPDX-License-Identifier: MIT
// The hardware task switch, as the transfers that can end in one use it.
// Source: [SDM3] "Task Management".
#pragma once

#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

/// Through a task gate of the IDT, which is in t.gate: nested; an error code goes onto the new task's stack.
void interrupt_by_task(Transfer&);
/// IRET with NT = 1: back to the task in the back link.
void return_to_task(Transfer&);
/// JMP and CALL through a task gate (in t.gate) or to a TSS (whose descriptor is in t.gate).
void transfer_by_task_gate(Transfer&);
void transfer_to_tss(Transfer&);

} // namespace trapgate::cpu::protect
