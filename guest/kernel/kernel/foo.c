// SPDX-License-Identifier: MIT
// The call that textbooks add to a kernel to show how: it returns the size of a kernel stack. It has no number of its own
// in the tables; profile foo283 puts it into slot 283, foo338 into slot 338 (arch/i386/kernel/syscall_profile.c). N08.
#include <linux/linkage.h>
#include <asm/thread_info.h>

asmlinkage long sys_foo(void);
asmlinkage long sys_foo(void) { return THREAD_SIZE; }
