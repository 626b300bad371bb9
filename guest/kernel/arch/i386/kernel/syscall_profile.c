// SPDX-License-Identifier: MIT
// syscalls=2.6.11 or syscalls=extended (default): how many entries of sys_call_table can be reached. The handler's
// instructions are the same in both; only the number in their `cmpl $NR_syscalls,%eax` differs: entry.S notes where these
// numbers are (.syscall_limit), and for `extended` they are overwritten here, once, before there are processes.
#include <linux/bootmem.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <asm/unistd.h>

extern unsigned long *const __syscall_limit_start[], *const __syscall_limit_end[];
int nr_reachable_syscalls = NR_syscalls;

void __init syscall_profile(void)
{
    char profile[16] = "extended";
    get_option_word("syscalls", profile, sizeof(profile));
    if (!strcmp(profile, "2.6.11"))
        return;
    if (strcmp(profile, "extended"))
        panic("syscalls=%s: there are the profiles 2.6.11 and extended", profile);
    for (unsigned long *const *site = __syscall_limit_start; site < __syscall_limit_end; site++) {
        BUG_ON(**site != NR_syscalls);
        **site = NR_syscalls_extended;
    }
    nr_reachable_syscalls = NR_syscalls_extended;
}

/// A call beyond 288 that nobody has written: said once for each number, then -ENOSYS like any other.
asmlinkage long sys_unimplemented(struct pt_regs regs)
{
    static DECLARE_BITMAP(said, NR_syscalls_extended);
    if (regs.orig_eax >= 0 && regs.orig_eax < NR_syscalls_extended && !test_and_set_bit(regs.orig_eax, said))
        printk(KERN_DEBUG "%s[%d]: unimplemented syscall %ld\n", current->comm, current->pid, regs.orig_eax);
    return -ENOSYS;
}
