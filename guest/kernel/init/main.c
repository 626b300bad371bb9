// SPDX-License-Identifier: MIT
// start_kernel: the parts of the kernel come up one after the other, in this order ([linux-2.6.11]). What is left of it
// becomes the idle task; its first child runs init() and turns into the first program.
#include <linux/binfmts.h>
#include <linux/capability.h>
#include <linux/bootmem.h>
#include <linux/console.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/security.h>
#include <linux/slab.h>
#include <linux/smp_lock.h>
#include <linux/syscalls.h>
#include <linux/utsname.h>
#include <asm/irq.h>
#include <asm/uaccess.h>

extern void setup_arch(void);
extern void trap_init(void);
extern void time_init(void);
extern void calibrate_delay(void);
extern void syscall_profile(void);
extern initcall_t __initcall_start[], __initcall_end[];

static void __init do_initcalls(void)
{
    for (initcall_t *call = __initcall_start; call < __initcall_end; call++) {
        int error = (*call)();
        if (error)
            printk(KERN_WARNING "initcall %p returned %d\n", *call, error);
    }
}

static void __init do_basic_setup(void) { do_initcalls(); }

/// The words behind "--" on the command line are init's arguments.
static void init_arguments(char **argv, int most)
{
    static char words[256];
    const char *separator = strstr(saved_command_line, "-- ");
    if (separator && (separator == saved_command_line || separator[-1] == ' '))
        strlcpy(words, separator + 3, sizeof(words));
    int count = 0;
    for (char *p = words; *p && count < most; *p ? *p++ = 0 : 0) {
        argv[count++] = p;
        p += strcspn(p, " ");
    }
    argv[count] = NULL;
}

static void run_init_process(char *path)
{
    enum { MOST = 15 };
    static char *argv[MOST + 2];
    static char *envp[] = { "HOME=/", "TERM=linux", NULL };
    argv[0] = path;
    init_arguments(argv + 1, MOST);
    int error = kernel_execve(path, argv, envp);
    if (error != -ENOENT)
        printk(KERN_ERR "%s: execve fails with error %d\n", path, -error);
}

/// Descriptors 0, 1 and 2 of the first program.
static void open_console(void)
{
    mm_segment_t fs = get_fs();
    set_fs(KERNEL_DS);
    if (sys_open("/dev/console", O_RDWR, 0) < 0)
        printk(KERN_WARNING "Warning: unable to open an initial console.\n");
    sys_dup(0);
    sys_dup(0);
    set_fs(fs);
}

static int init(void *unused)
{
    static char path[256];
    lock_kernel(); // gone when the first program runs
    child_reaper = current;
    populate_rootfs();
    do_basic_setup();
    open_console();
    if (get_option_word("init", path, sizeof(path))) {
        run_init_process(path);
        panic("cannot run the program named by init=%s", path);
    }
    run_init_process("/init");
    run_init_process("/sbin/init");
    run_init_process("/bin/sh");
    panic("No init found. Try passing init= option to kernel.");
}

static void __init rest_init(void)
{
    kernel_thread(init, NULL, CLONE_FS | CLONE_SIGHAND);
    unlock_kernel();
    preempt_enable_no_resched(); // since the boot loader: process 0 has been alone
    cpu_idle();
}

asmlinkage void __init start_kernel(void)
{
    lock_kernel();
    setup_arch();
    printk(KERN_NOTICE "%s version %s (%s) %s\n", system_utsname.sysname, system_utsname.release,
           "Trapgate's small kernel", system_utsname.version);
    printk(KERN_NOTICE "Kernel command line: %s\n", saved_command_line);
    sched_init();
    trap_init();
    init_IRQ();
    pidhash_init();
    init_timers();
    softirq_init();
    time_init();
    console_init();
    local_irq_enable();
    mem_init();
    kmem_cache_init();
    calibrate_delay();
    pidmap_init();
    fork_init(num_physpages);
    proc_caches_init();
    security_init();
    vfs_caches_init(num_physpages);
    signals_init();
    proc_root_init();
    syscall_profile();
    rest_init();
}
