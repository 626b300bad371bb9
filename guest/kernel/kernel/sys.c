// SPDX-License-Identifier: MIT
// Calls about the system as a whole: uname, sysinfo, reboot, names, random numbers; prctl, umask's neighbours.
#include <linux/errno.h>
#include <linux/host_channel.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/times.h>
#include <linux/utsname.h>
#include <asm/uaccess.h>

struct new_utsname system_utsname = {
    .sysname = "Linux",
    .nodename = "trapgate",
    .release = "2.6.11",
    .version = "#1 Trapgate",
    .machine = "i686",
    .domainname = "(none)",
};

asmlinkage long sys_newuname(struct new_utsname __user *name)
{
    return copy_to_user(name, &system_utsname, sizeof(*name)) ? -EFAULT : 0;
}

asmlinkage long sys_uname(struct old_utsname __user *name)
{
    return name && !copy_to_user(name, &system_utsname, sizeof(*name)) ? 0 : -EFAULT;
}

/// The oldest form: 8 characters each.
asmlinkage int sys_olduname(struct oldold_utsname __user *name)
{
    struct oldold_utsname old;
    const char *from = (const char *)&system_utsname;
    memset(&old, 0, sizeof(old));
    for (int field = 0; field < 5; field++)
        memcpy((char *)&old + 9 * field, from + 65 * field, 8);
    return copy_to_user(name, &old, sizeof(old)) ? -EFAULT : 0;
}

static long set_name(char *to, const char __user *name, int len)
{
    char buf[64];
    if (!capable(CAP_SYS_ADMIN))
        return -EPERM;
    if (len < 0 || len > 64)
        return -EINVAL;
    if (copy_from_user(buf, name, len))
        return -EFAULT;
    memcpy(to, buf, len);
    to[len] = 0;
    return 0;
}
asmlinkage long sys_sethostname(char __user *name, int len) { return set_name(system_utsname.nodename, name, len); }
asmlinkage long sys_setdomainname(char __user *name, int len) { return set_name(system_utsname.domainname, name, len); }

asmlinkage long sys_sysinfo(struct sysinfo __user *info)
{
    struct sysinfo val;
    struct timespec now;
    memset(&val, 0, sizeof(val));
    do_posix_clock_monotonic_gettime(&now);
    val.uptime = now.tv_sec + (now.tv_nsec ? 1 : 0);
    for (int i = 0; i < 3; i++)
        val.loads[i] = avenrun[i] << 5;
    val.procs = nr_threads;
    si_meminfo(&val);
    // Small machines count in bytes.
    val.totalram *= val.mem_unit;
    val.freeram *= val.mem_unit;
    val.mem_unit = 1;
    return copy_to_user(info, &val, sizeof(val)) ? -EFAULT : 0;
}

#define DEBUG_EXIT 0xF4

/// On Trapgate the machine stops with this wait status; on QEMU its debug-exit device ends it.
void machine_exit(int status)
{
    local_irq_disable();
    if (host_channel_present())
        outl(status, HOST_EXIT);
    outl(status & 0x7f ? 128 + (status & 0x7f) : (status >> 8) & 0xff, DEBUG_EXIT);
    for (;;)
        halt();
}
void machine_halt(void)
{
    printk(KERN_EMERG "System halted.\n");
    machine_exit(0);
}
/// The machine ends here, too: Trapgate starts a new one for every run.
void machine_restart(void)
{
    printk(KERN_EMERG "Restarting system.\n");
    machine_exit(0);
}

asmlinkage long sys_reboot(int magic1, int magic2, unsigned int cmd, void __user *arg)
{
    int status;
    if (!capable(CAP_SYS_BOOT))
        return -EPERM;
    if (magic1 != (int)LINUX_REBOOT_MAGIC1 || (magic2 != LINUX_REBOOT_MAGIC2 && magic2 != LINUX_REBOOT_MAGIC2A &&
                                               magic2 != LINUX_REBOOT_MAGIC2B && magic2 != LINUX_REBOOT_MAGIC2C))
        return -EINVAL;
    switch (cmd) {
    case LINUX_REBOOT_CMD_RESTART: machine_restart();
    case LINUX_REBOOT_CMD_HALT:
    case LINUX_REBOOT_CMD_POWER_OFF: machine_halt();
    case LINUX_REBOOT_CMD_CAD_ON:
    case LINUX_REBOOT_CMD_CAD_OFF: return 0; // there is no keyboard
    case LINUX_REBOOT_CMD_TRAPGATE:
        if (get_user(status, (int __user *)arg))
            return -EFAULT;
        machine_exit(status);
    default: return -EINVAL;
    }
}

asmlinkage long sys_prctl(int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5)
{
    char name[sizeof(current->comm)];
    long length;
    switch (option) {
    case PR_SET_PDEATHSIG:
        if (!valid_signal(arg2))
            return -EINVAL;
        current->pdeath_signal = arg2;
        return 0;
    case PR_GET_PDEATHSIG: return put_user(current->pdeath_signal, (int __user *)arg2);
    case PR_GET_DUMPABLE: return current->mm->dumpable;
    case PR_SET_DUMPABLE:
        if (arg2 > 1)
            return -EINVAL;
        current->mm->dumpable = arg2;
        return 0;
    case PR_GET_KEEPCAPS: return current->keep_capabilities;
    case PR_SET_KEEPCAPS:
        if (arg2 > 1)
            return -EINVAL;
        current->keep_capabilities = arg2;
        return 0;
    case PR_SET_NAME:
        length = strncpy_from_user(name, (char __user *)arg2, sizeof(name) - 1);
        if (length < 0)
            return -EFAULT;
        name[sizeof(name) - 1] = 0;
        set_task_comm(current, name);
        return 0;
    case PR_GET_NAME: return copy_to_user((char __user *)arg2, current->comm, sizeof(current->comm)) ? -EFAULT : 0;
    default: return -EINVAL;
    }
}

static u64 random_state = 0x54524150474154ULL;
static int __init set_seed(char *value)
{
    random_state += simple_strtoull(value, NULL, 0) * 0x9e3779b97f4a7c15ULL;
    if (!random_state)
        random_state = 1;
    return 1;
}
__setup("seed=", set_seed);

/// A xorshift generator with a fixed start (moved by seed=N): every run draws the same numbers.
void get_random_bytes(void *buf, int n)
{
    for (u8 *at = buf; n > 0; n--, at++) {
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        *at = random_state >> 24;
    }
}

asmlinkage long sys_getrandom(char __user *buf, size_t count, unsigned int flags)
{
    char block[256];
    size_t done = 0;
    if (flags & ~7u)
        return -EINVAL;
    if (count > INT_MAX)
        count = INT_MAX;
    while (done < count) {
        size_t n = min(count - done, sizeof(block));
        get_random_bytes(block, n);
        size_t left = copy_to_user(buf + done, block, n);
        done += n - left;
        if (left)
            return done ? (long)done : -EFAULT;
        if (signal_pending(current))
            break;
    }
    return done;
}

/// The kernel's log (dmesg): 3 and 4 read it, 10 its size; the console's level is set by 6, 7, 8.
asmlinkage long sys_syslog(int type, char __user *buf, int len)
{
    extern int log_buf_copy(char *to, int size);
    char *copy;
    int n;
    if (type != 3 && type != 10 && !capable(CAP_SYS_ADMIN)) // everybody may read all of it, and ask for its size
        return -EPERM;
    switch (type) {
    case 0:
    case 1: return 0;
    case 2:
    case 3:
    case 4:
        if (!buf || len < 0)
            return -EINVAL;
        if (len > 32768)
            len = 32768;
        copy = kmalloc(len ? len : 1, GFP_KERNEL);
        if (!copy)
            return -ENOMEM;
        n = log_buf_copy(copy, len);
        if (copy_to_user(buf, copy, n))
            n = -EFAULT;
        kfree(copy);
        return n;
    case 5: return 0;
    case 6: console_loglevel = 1; return 0;
    case 7: console_loglevel = 7; return 0;
    case 8:
        if (len < 1 || len > 8)
            return -EINVAL;
        console_loglevel = len;
        return 0;
    case 9: return 0;
    case 10: return 32768;
    default: return -EINVAL;
    }
}

/// The textbook's example: len bytes from user space into the kernel and back out. One variable holds one word, so more
/// than a word must be refused. SILLY_FOO_AS_PRINTED=1 builds it as the textbook prints it: then a longer src overwrites
/// what lies above buf on the kernel stack, the return address first (demo 18-overrun; rows N11-N13, U15).
SYSCALL_DEFINE3(silly_foo, unsigned long __user *, src, unsigned long __user *, dst, unsigned long, len)
{
    unsigned long buf;
#ifndef SILLY_FOO_AS_PRINTED
    if (len > sizeof(buf))
        return -EINVAL;
#endif
    if (copy_from_user(&buf, src, len))
        return -EFAULT;
    if (copy_to_user(dst, &buf, len))
        return -EFAULT;
    return len;
}
