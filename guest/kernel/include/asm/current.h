// SPDX-License-Identifier: MIT
// current: the task that runs, found from the stack pointer.
#pragma once

#include <asm/thread_info.h>
struct task_struct;
static inline struct task_struct *get_current(void) { return current_thread_info()->task; }
#define current get_current()
