// SPDX-License-Identifier: MIT
// Bad arguments for the calls on processes, signals, memory and time: a table of what Linux answers.
// Rows: U01 all parameters are checked; U03 PIDs; U04 pointers; C01 to C03 flags of clone; W08 reasons of failure.
// Truth: the answers of a Linux of the host, where this program runs too (as root).

#include "table.h"

#include <sys/ptrace.h>
#include <time.h>

static void signals(void)
{
    memset(buffer, 0, 16);
    fails(ESRCH, kill, -1000000, 9);
    fails(ESRCH, kill, 1000000, 0);
    fails(EINVAL, kill, getpid(), 100);
    fails(EINVAL, kill, getpid(), -1);
    fails(EINVAL, tkill, -1, 0);
    fails(EINVAL, tkill, 0, 0);
    fails(ESRCH, tkill, 1000000, 0);
    fails(EINVAL, tgkill, getpid(), -1, 0);
    fails(EINVAL, tgkill, getpid(), getpid(), 65);
    gives(0, tgkill, getpid(), getpid(), 0);
    fails(ESRCH, tgkill, 1, getpid(), 0);
    fails(EINVAL, rt_sigaction, 0, 0, 0, 8);
    fails(EINVAL, rt_sigaction, 9, buffer, 0, 8);
    gives(0, rt_sigaction, 9, 0, buffer, 8);
    fails(EINVAL, rt_sigaction, 65, 0, 0, 8);
    fails(EINVAL, rt_sigaction, 10, 0, 0, 4);
    fails(EFAULT, rt_sigaction, 10, UNMAPPED, 0, 8);
    fails(EFAULT, rt_sigaction, 10, 0, UNMAPPED, 8);
    fails(EINVAL, sigaction, 9, buffer, 0);
    fails(EFAULT, sigaction, 10, 0, UNMAPPED);
    fails(EINVAL, rt_sigprocmask, 99, buffer, 0, 8);
    fails(EFAULT, rt_sigprocmask, 0, UNMAPPED, 0, 8);
    fails(EFAULT, rt_sigprocmask, 0, 0, UNMAPPED, 8);
    fails(EINVAL, rt_sigprocmask, 0, buffer, 0, 4);
    gives(0, rt_sigprocmask, 99, 0, 0, 8);
    fails(EINVAL, sigprocmask, 5, buffer, 0);
    fails(EFAULT, rt_sigpending, UNMAPPED, 8);
    fails(EINVAL, rt_sigpending, buffer, 9);
    gives(0, rt_sigpending, buffer, 4);
    fails(EFAULT, sigaltstack, UNMAPPED, 0);
    fails(EINVAL, rt_sigsuspend, buffer, 4);
    fails(EFAULT, rt_sigtimedwait, UNMAPPED, 0, 0, 8);
}

static void children(void)
{
    fails(ECHILD, waitpid, -1, 0, 0);
    fails(EINVAL, waitpid, -1, 0, 0xffff);
    fails(ECHILD, wait4, -1, UNMAPPED, 1, 0);
    fails(ECHILD, wait4, 0, 0, 1, 0);
    fails(ECHILD, wait4, -5, 0, 1, 0);
    fails(EINVAL, waitid, 99, 0, 0, 4, 0);
    fails(EINVAL, waitid, 0, 0, 0, 0, 0);
    fails(ECHILD, waitid, 0, 0, 0, 4, 0);
    fails(EINVAL, setpgid, -1, 0);
    fails(EINVAL, setpgid, 0, -1);
    fails(ESRCH, setpgid, 1000000, 0);
    fails(EPERM, setpgid, 0, 1000000);
    fails(ESRCH, getpgid, -1);
    fails(ESRCH, getpgid, 1000000);
    fails(ESRCH, getsid, 1000000);
    fails(ESRCH, getsid, -1);
    fails(EFAULT, execve, UNMAPPED, 0, 0);
    fails(ENOENT, execve, "none", 0, 0);
    fails(EACCES, execve, "d", 0, 0);
    fails(EACCES, execve, "f", 0, 0);
    chmod("f", 0755);
    fails(ETXTBSY, execve, "f", UNMAPPED, 0); // it is open for writing
    fails(ETXTBSY, execve, "f", 0, 0);
    fails(ENOTDIR, execve, "f/x", 0, 0);
    fails(ELOOP, execve, "loop", 0, 0);
    fails(EINVAL, clone, 0x10000, 0, 0, 0, 0);
    fails(EINVAL, clone, 0x800, 0, 0, 0, 0);
    fails(EINVAL, clone, 0x20200, 0, 0, 0, 0);
}

static void memory(void)
{
    fails(EINVAL, mmap2, 0, 0, 3, 0x22, -1, 0);
    fails(EINVAL, mmap2, 0, 4096, 3, 0x20, -1, 0);
    fails(EBADF, mmap2, 0, 4096, 3, 0x2, -1, 0);
    fails(EBADF, mmap2, 0, 4096, 3, 0x2, 1000, 0);
    fails(EINVAL, mmap2, 1, 4096, 3, 0x32, -1, 0);
    fails(ENODEV, mmap2, 0, 4096, 1, 2, directory, 0);
    fails(ENODEV, mmap2, 0, 4096, 1, 2, ends[0], 0);
    fails(EACCES, mmap2, 0, 4096, 3, 1, reader, 0);
    fails(EACCES, mmap2, 0, 4096, 1, 2, writer, 0);
    fails(ENOMEM, mmap2, 0, -1, 3, 0x22, -1, 0);
    fails(EINVAL, munmap, 1, 4096);
    fails(EINVAL, munmap, buffer, 0);
    gives(0, munmap, 0x70000000, 4096);
    fails(EINVAL, mprotect, 1, 4096, 1);
    fails(ENOMEM, mprotect, 0x70000000, 4096, 1);
    gives(0, mprotect, 0x70000000, 0, 1);
    fails(EINVAL, mprotect, buffer, 4096, 0x80);
    fails(EINVAL, madvise, buffer, 4096, 99);
    fails(EINVAL, madvise, buffer + 1, 4096, 0);
    fails(EINVAL, msync, buffer, 4096, 7);
    fails(EFAULT, mremap, 0x70000000, 4096, 8192, 0, 0);
    fails(EINVAL, mremap, buffer + 1, 4096, 8192, 0, 0);
    fails(EINVAL, mremap, buffer, 4096, 8192, 16, 0);
    fails(EINVAL, mincore, buffer + 1, 1, buffer);
}

static void limits_and_times(void)
{
    static struct timespec negative = {-1, 0}, excessive = {0, 1000000000};
    memset(buffer, 0, 16);
    fails(EFAULT, nanosleep, UNMAPPED, 0);
    fails(EINVAL, nanosleep, &negative, 0);
    fails(EINVAL, nanosleep, &excessive, 0);
    fails(EINVAL, setitimer, 9, buffer, 0);
    fails(EINVAL, clock_gettime, 99, buffer);
    fails(EFAULT, clock_gettime, 0, UNMAPPED);
    gives(0, clock_getres, 1, buffer);
    fails(EINVAL, clock_nanosleep, 99, 0, buffer, 0);
    fails(EFAULT, gettimeofday, UNMAPPED, 0);
    fails(EFAULT, time, UNMAPPED);
    fails(EFAULT, times, UNMAPPED);
    fails(EFAULT, getitimer, 0, UNMAPPED);
    fails(EFAULT, uname, UNMAPPED);
    fails(EFAULT, uname, KERNEL);
    fails(EFAULT, sysinfo, UNMAPPED);
    fails(EINVAL, getrlimit, 99, buffer);
    fails(EFAULT, getrlimit, 3, UNMAPPED);
    fails(EFAULT, ugetrlimit, 3, UNMAPPED);
    fails(EINVAL, setrlimit, 99, buffer);
    fails(EINVAL, getrusage, 5, buffer);
    fails(EFAULT, getrusage, 0, UNMAPPED);
    fails(EINVAL, getpriority, 9, 0);
    fails(ESRCH, getpriority, 0, 1000000);
    works(getpriority, 0, 0);
    fails(EINVAL, setpriority, 9, 0, 0);
    gives(0, nice, 0);
}

static void threads(void)
{
    memset(buffer, 0, 16);
    buffer[0] = 5; // no entry of the GDT for threads
    fails(EFAULT, set_thread_area, UNMAPPED);
    fails(EFAULT, get_thread_area, UNMAPPED);
    fails(EINVAL, set_thread_area, buffer);
    buffer[0] = 0;
    fails(EFAULT, futex, UNMAPPED, 0, 0, 0, 0, 0);
    fails(EINVAL, futex, buffer + 1, 0, 0, 0, 0, 0);
    fails(EAGAIN, futex, buffer, 0, 12345, 0, 0, 0);
    gives(0, futex, buffer, 1, 1, 0, 0, 0);
    fails(ENOSYS, futex, buffer, 99, 0, 0, 0, 0);
    fails(ESRCH, sched_getscheduler, 1000000);
    fails(EINVAL, sched_getscheduler, -1);
    gives(0, sched_getscheduler, 0);
    gives(99, sched_get_priority_max, 1);
    fails(EINVAL, sched_get_priority_max, 99);
    fails(EFAULT, sched_getparam, 0, UNMAPPED);
    fails(EINVAL, sched_setscheduler, 0, 99, buffer);
    fails(ESRCH, sched_rr_get_interval, 1000000, buffer);
    gives(0, sched_yield, 0);
    fails(EINVAL, prctl, 9999, 0, 0, 0, 0);
    fails(EFAULT, prctl, 16, UNMAPPED, 0, 0, 0);
}

static void users(void)
{
    fails(EINVAL, getgroups32, -1, buffer);
    gives(0, getgroups32, 0, 0);
    fails(EINVAL, setgroups32, -1, buffer);
    fails(EINVAL, setgroups32, 100000, buffer);
    fails(EFAULT, getresuid32, UNMAPPED, buffer, buffer);
    works(umask, -1);
    works(umask, 022);
}

static void the_rest(void)
{
    fails(ESRCH, ptrace, 99, 1000000, 0, 0);
    fails(ESRCH, ptrace, PTRACE_ATTACH, 1000000, 0, 0);
    fails(ESRCH, ptrace, PTRACE_CONT, getpid(), 0, 0);
    fails(EPERM, ptrace, PTRACE_ATTACH, getpid(), 0, 0);
    fails(EFAULT, mount, UNMAPPED, "d", "x", 0, 0);
    fails(ENOENT, mount, "x", "none", "proc", 0, 0);
    fails(ENODEV, mount, "x", "d", "nofs", 0, 0);
    fails(ENOTDIR, mount, "x", "f", "proc", 0, 0);
    fails(ENOENT, umount, "none");
    fails(EINVAL, umount2, "d", 99);
    fails(EFAULT, umount2, UNMAPPED, 0);
    fails(ENOTDIR, chroot, "f");
    fails(EFAULT, sethostname, UNMAPPED, 5);
    fails(EINVAL, sethostname, buffer, -1);
    fails(EINVAL, syslog, 99, 0, 0);
    fails(EINVAL, ustat, 9999, buffer);
    fails(ENOSYS, bdflush, 9, 0);
    fails(EINVAL, socketcall, 99, buffer);
    fails(EFAULT, socketcall, 1, UNMAPPED);
}

int main(void)
{
    furnish();
    signals();
    children();
    memory();
    limits_and_times();
    threads();
    users();
    the_rest();
    unfurnish();
    return finish();
}
