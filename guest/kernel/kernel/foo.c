// SPDX-License-Identifier: MIT
// The call that textbooks add to a kernel to show how: it returns the size of a kernel stack. It has no number of its own
// in the tables; profile foo283 puts it into slot 283, foo338 into slot 338 (arch/i386/kernel/syscall_profile.c), so that
// its program can be run without building a kernel. It is weak: whoever adds the call by hand, as docs/adding-a-syscall.md
// and guest/patches/ do, writes sys_foo into kernel/sys.c, and that one takes its place. Rows N03, N04, N08.
#include <linux/linkage.h>
#include <asm/thread_info.h>

asmlinkage long sys_foo(void);
asmlinkage long __attribute__((weak)) sys_foo(void) { return THREAD_SIZE; }
