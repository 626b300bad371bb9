/* SPDX-License-Identifier: MIT */
/* clone() and its flags.  [C05] */
#ifndef _SCHED_H
#define _SCHED_H

#define CSIGNAL 0x000000ff
#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PTRACE 0x00002000
#define CLONE_VFORK 0x00004000
#define CLONE_PARENT 0x00008000
#define CLONE_THREAD 0x00010000
#define CLONE_NEWNS 0x00020000
#define CLONE_SYSVSEM 0x00040000
#define CLONE_SETTLS 0x00080000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_DETACHED 0x00400000
#define CLONE_UNTRACED 0x00800000
#define CLONE_CHILD_SETTID 0x01000000
#define CLONE_STOPPED 0x02000000

/* fn(arg) runs in the child on the stack whose upper end is `stack`; what it returns is the child's exit status. */
int clone(int (*fn)(void *), void *stack, int flags, void *arg, int *ptid, void *tls, int *ctid);
int sched_yield(void);
int set_tid_address(int *tid);
int futex(int *word, int operation, int value, const void *timeout, int *word2, int value3);

#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

#endif
