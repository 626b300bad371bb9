// SPDX-License-Identifier: MIT
// System V semaphores. Layouts and numbers: semctl(2), semop(2) on i386. Row P21: sysv_sem is what copy_semundo handles.
#pragma once

#include <linux/ipc.h>
#include <linux/list.h>
#include <linux/types.h>
#include <asm/atomic.h>

#define SEM_UNDO 0x1000
#define GETPID 11
#define GETVAL 12
#define GETALL 13
#define GETNCNT 14
#define GETZCNT 15
#define SETVAL 16
#define SETALL 17
#define SEM_STAT 18
#define SEM_INFO 19

#define SEMMNI 128
#define SEMMSL 250
#define SEMMNS (SEMMNI * SEMMSL)
#define SEMOPM 32
#define SEMVMX 32767

struct sembuf {
    u16 sem_num;
    s16 sem_op, sem_flg;
};
struct seminfo {
    int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx, semaem;
};
struct semid_ds {
    struct ipc_perm sem_perm;
    time_t sem_otime, sem_ctime;
    u32 kernel_pointers[4];
    u16 sem_nsems;
};
struct semid64_ds {
    struct ipc64_perm sem_perm;
    time_t sem_otime;
    u32 unused1;
    time_t sem_ctime;
    u32 unused2, sem_nsems, unused3, unused4;
};
union semun {
    int val;
    void __user *buf;
    u16 __user *array;
    void __user *pad;
};

struct sem {
    int semval, sempid;
};
/// A set of semaphores, followed by the semaphores themselves.
struct sem_array {
    struct kern_ipc_perm sem_perm;
    time_t sem_otime, sem_ctime;
    struct sem *sem_base;
    struct list_head sem_pending; ///< sem_queue: sleepers, in the order they came
    struct list_head undo;        ///< sem_undo::list_id: whose exit changes this set
    unsigned long sem_nsems;
};
/// A sleeper in semop.
struct sem_queue {
    struct list_head list;
    struct task_struct *sleeper; ///< NULL when it has been woken
    struct sem_undo *undo;
    int pid, status;
    struct sembuf *sops;
    int nsops, alter;
};
/// What the exit of one process (or of the last that share the list) adds to the semaphores of one set.
struct sem_undo {
    struct list_head proc_list, list_id;
    int semid; ///< -1: the set is gone
    short semadj[];
};
struct sem_undo_list {
    atomic_t refcnt;
    struct list_head proc_list;
};
/// In task_struct.
struct sysv_sem {
    struct sem_undo_list *undo_list;
};

struct task_struct;
/// For the child of a fork: with CLONE_SYSVSEM the parent's list (made if there is none yet), else none.
int copy_semundo(unsigned long clone_flags, struct task_struct *tsk);
void exit_sem(struct task_struct *tsk);
