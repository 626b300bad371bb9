/* SPDX-License-Identifier: MIT */
/*
 * Wrappers whose subject has no header of its own here. Structures are the kernel's; `void *` stands for a pointer to one
 * that no program of ours has needed yet. The list of all wrappers is syscall/syscalls.list.  [W02]
 */
#ifndef _SYS_CALLS_H
#define _SYS_CALLS_H

#include <sys/types.h>

struct sched_param {
    int sched_priority;
};

#define SCHED_OTHER 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define PRIO_PROCESS 0

int getpriority(int which, int who);
int setpriority(int which, int who, int priority);
int sched_setparam(pid_t pid, const struct sched_param *parameter);
int sched_getparam(pid_t pid, struct sched_param *parameter);
int sched_setscheduler(pid_t pid, int policy, const struct sched_param *parameter);
int sched_getscheduler(pid_t pid);
int sched_get_priority_max(int policy);
int sched_get_priority_min(int policy);
int sched_rr_get_interval(pid_t pid, void *interval);

int setreuid(uid_t real, uid_t effective);
int setregid(gid_t real, gid_t effective);
int setresuid(uid_t real, uid_t effective, uid_t saved);
int getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int getgroups(int size, gid_t *groups);
int setgroups(size_t size, const gid_t *groups);

ssize_t pread64(int fd, void *buffer, size_t count, loff_t offset);
ssize_t pwrite64(int fd, const void *buffer, size_t count, loff_t offset);
int select(int count, void *readable, void *writable, void *exceptional, void *timeout);
int flock(int fd, int operation);
int fchmod(int fd, mode_t mode);
int fchown(int fd, uid_t uid, gid_t gid);
int socketcall(int call, unsigned long *arguments);

void *mremap(void *old, size_t old_size, size_t new_size, int flags, void *wanted);
int msync(void *address, size_t length, int flags);
int madvise(void *address, size_t length, int advice);

int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d);
int personality(unsigned long wanted);
int waitid(int which, pid_t pid, void *info, int options, void *usage);
int sethostname(const char *name, size_t length);
int sysinfo(void *info);

#endif
