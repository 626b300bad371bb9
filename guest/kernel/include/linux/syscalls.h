// SPDX-License-Identifier: MIT
// SYSCALL_DEFINEn, which begins the definition of a service routine, and the routines that the kernel itself calls.
#pragma once
#include <linux/linkage.h>
#include <linux/signal.h>
#include <linux/time.h>
#include <linux/types.h>

// SYSCALL_DEFINE3(write, unsigned int, fd, const char __user *, buf, size_t, count) { ... }     rows N14, N15
//
// stands for   asmlinkage long sys_write(unsigned int fd, const char __user *buf, size_t count) { ... }
// The name is given without sys_; each argument is a type and a name, with a comma between. Nobody can forget asmlinkage.
#define SYSCALL_DEFINE0(name) asmlinkage long sys_##name(void)
#define SYSCALL_DEFINE1(name, ...) SYSCALL_DEFINEx(1, name, __VA_ARGS__)
#define SYSCALL_DEFINE2(name, ...) SYSCALL_DEFINEx(2, name, __VA_ARGS__)
#define SYSCALL_DEFINE3(name, ...) SYSCALL_DEFINEx(3, name, __VA_ARGS__)
#define SYSCALL_DEFINE4(name, ...) SYSCALL_DEFINEx(4, name, __VA_ARGS__)
#define SYSCALL_DEFINE5(name, ...) SYSCALL_DEFINEx(5, name, __VA_ARGS__)
#define SYSCALL_DEFINE6(name, ...) SYSCALL_DEFINEx(6, name, __VA_ARGS__)

#define SYSCALL_DEFINEx(n, name, ...) asmlinkage long sys_##name(__SC_DECL##n(__VA_ARGS__))
#define __SC_DECL1(t1, a1) t1 a1
#define __SC_DECL2(t2, a2, ...) t2 a2, __SC_DECL1(__VA_ARGS__)
#define __SC_DECL3(t3, a3, ...) t3 a3, __SC_DECL2(__VA_ARGS__)
#define __SC_DECL4(t4, a4, ...) t4 a4, __SC_DECL3(__VA_ARGS__)
#define __SC_DECL5(t5, a5, ...) t5 a5, __SC_DECL4(__VA_ARGS__)
#define __SC_DECL6(t6, a6, ...) t6 a6, __SC_DECL5(__VA_ARGS__)

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
