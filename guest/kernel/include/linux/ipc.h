// SPDX-License-Identifier: MIT
// What the three kinds of System V objects share. Numbers and layouts: ipc(2), semctl(2), as i386 has them.
#pragma once

#include <linux/spinlock.h>
#include <linux/types.h>

#define IPC_PRIVATE ((key_t)0)
#define IPC_CREAT 01000
#define IPC_EXCL 02000
#define IPC_NOWAIT 04000
#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define IPC_INFO 3
#define IPC_64 0x100 ///< or'ed into a command: the wide structures (uids of 32 bits)
#define IPC_OLD 0

/// The calls behind sys_ipc.
enum {
    SEMOP = 1, SEMGET = 2, SEMCTL = 3, SEMTIMEDOP = 4,
    MSGSND = 11, MSGRCV = 12, MSGGET = 13, MSGCTL = 14,
    SHMAT = 21, SHMDT = 22, SHMGET = 23, SHMCTL = 24
};

/// Owner and access as users see them: the old form, and the wide one.
struct ipc_perm {
    key_t key;
    u16 uid, gid, cuid, cgid, mode, seq;
};
struct ipc64_perm {
    key_t key;
    u32 uid, gid, cuid, cgid;
    u16 mode, pad1, seq, pad2;
    u32 unused1, unused2;
};
/// The same inside the kernel: the head of every object.
struct kern_ipc_perm {
    spinlock_t lock;
    int deleted;
    key_t key;
    uid_t uid, gid, cuid, cgid;
    mode_t mode;
    unsigned long seq;
};
