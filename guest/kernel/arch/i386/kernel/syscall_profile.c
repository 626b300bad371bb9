// SPDX-License-Identifier: MIT
// syscalls=2.6.11, foo283, foo338, silly338 or extended (default): how many entries of sys_call_table can be reached. The handler's
// instructions are the same in all; only the number in their `cmpl $NR_syscalls,%eax` differs: entry.S notes where these
// numbers are (.syscall_limit), and they are overwritten here, once, before there are processes. The two foo profiles
// also put sys_foo into its slot (rows N03, N04), silly338 sys_silly_foo (N11).
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

asmlinkage long sys_foo(void);
asmlinkage long sys_silly_foo(unsigned long __user *src, unsigned long __user *dst, unsigned long len);
extern void *sys_call_table[];

static const struct profile {
    const char *name;
    int limit;     ///< number of reachable entries
    int slot;      ///< that gets another routine, 0 = none
    void *routine;
} profiles[] = {
    { "2.6.11", NR_syscalls, 0, NULL },
    { "foo283", NR_syscalls_extended, 283, sys_foo }, // as extended, so that a shell of today can start its program
    { "foo338", 339, 338, sys_foo }, // what lies between is filled by later calls
    { "silly338", 339, 338, sys_silly_foo },
    { "extended", NR_syscalls_extended, 0, NULL },
};

static void __init install_profile(const struct profile *profile)
{
    for (unsigned long *const *site = __syscall_limit_start; site < __syscall_limit_end; site++) {
        BUG_ON(**site != NR_syscalls);
        **site = profile->limit;
    }
    if (profile->slot)
        sys_call_table[profile->slot] = profile->routine;
    nr_reachable_syscalls = profile->limit;
}

void __init syscall_profile(void)
{
    char name[16] = "extended";
    get_option_word("syscalls", name, sizeof(name));
    for (unsigned int i = 0; i < ARRAY_SIZE(profiles); i++) {
        if (!strcmp(name, profiles[i].name)) {
            install_profile(&profiles[i]);
            return;
        }
    }
    panic("syscalls=%s: the profiles are 2.6.11, foo283, foo338, silly338 and extended", name);
}

/// A call beyond 288 that nobody has written: said once for each number, then -ENOSYS like any other.
asmlinkage long sys_unimplemented(struct pt_regs regs)
{
    static DECLARE_BITMAP(said, NR_syscalls_extended);
    if (regs.orig_eax >= 0 && regs.orig_eax < NR_syscalls_extended && !test_and_set_bit(regs.orig_eax, said))
        printk(KERN_DEBUG "%s[%d]: unimplemented syscall %ld\n", current->comm, current->pid, regs.orig_eax);
    return -ENOSYS;
}
