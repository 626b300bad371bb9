// SPDX-License-Identifier: MIT
// Service routines that the kernel itself calls, and those declared before their definition.
#pragma once
#include <linux/linkage.h>
#include <linux/signal.h>
#include <linux/time.h>
#include <linux/types.h>

struct rusage;
struct rlimit;
struct sched_param;
struct itimerval;
struct sigaction;
struct pt_regs;

asmlinkage long sys_open(const char __user *filename, int flags, int mode);
asmlinkage long sys_close(unsigned int fd);
asmlinkage long sys_dup(unsigned int fd);
asmlinkage long sys_read(unsigned int fd, char __user *buf, size_t count);
asmlinkage long sys_write(unsigned int fd, const char __user *buf, size_t count);
asmlinkage long sys_sync(void);
asmlinkage long sys_sched_yield(void);
asmlinkage long sys_wait4(pid_t pid, int __user *stat_addr, int options, struct rusage __user *ru);
asmlinkage long sys_setsid(void);
asmlinkage long sys_kill(int pid, int sig);
asmlinkage long sys_nanosleep(struct timespec __user *rqtp, struct timespec __user *rmtp);
asmlinkage long sys_ni_syscall(void);
