// SPDX-License-Identifier: MIT
// SEM_UNDO: what a process has done to semaphores is taken back when it ends.
//
//   task --sysvsem.undo_list--> sem_undo_list  (one per process; shared by those that cloned with CLONE_SYSVSEM)
//                                  |  proc_list
//                                  v
//                               sem_undo: semid, semadj[] --list_id-- sem_array.undo of that set
//
// fork gives the child no list, CLONE_SYSVSEM the parent's (copy_semundo); the last user's exit applies it (exit_sem).
// Row P21; semop(2), [linux-2.6.11] ipc/sem.c.
#include "sem.h"
#include <linux/err.h>
#include <linux/sched.h>
#include <linux/slab.h>

/// Current's list, made if there is none yet.
static int get_undo_list(struct sem_undo_list **list)
{
    struct sem_undo_list *undo_list = current->sysvsem.undo_list;
    if (!undo_list) {
        undo_list = kmalloc(sizeof(*undo_list), GFP_KERNEL);
        if (!undo_list)
            return -ENOMEM;
        atomic_set(&undo_list->refcnt, 1);
        INIT_LIST_HEAD(&undo_list->proc_list);
        current->sysvsem.undo_list = undo_list;
    }
    *list = undo_list;
    return 0;
}

/// The record for this set; records of sets that are gone are thrown away on the way.
static struct sem_undo *lookup_undo(struct sem_undo_list *list, int semid)
{
    struct sem_undo *un, *next;
    list_for_each_entry_safe(un, next, &list->proc_list, proc_list) {
        if (un->semid == semid)
            return un;
        if (un->semid == -1) {
            list_del(&un->proc_list);
            kfree(un);
        }
    }
    return NULL;
}

struct sem_undo *find_undo(int semid)
{
    struct sem_undo_list *list;
    int error = get_undo_list(&list);
    if (error)
        return ERR_PTR(error);
    struct sem_undo *un = lookup_undo(list, semid), *other;
    if (un)
        return un;
    struct sem_array *sma = sem_find(semid);
    if (IS_ERR(sma))
        return (void *)sma;
    int nsems = sma->sem_nsems;
    sem_unlock(sma);
    un = kzalloc(sizeof(*un) + nsems * sizeof(un->semadj[0]), GFP_KERNEL); // may sleep: everything is looked at again
    if (!un)
        return ERR_PTR(-ENOMEM);
    other = lookup_undo(list, semid);
    sma = other ? NULL : sem_lock(semid);
    if (!sma || sem_checkid(sma, semid)) {
        if (sma)
            sem_unlock(sma);
        kfree(un);
        return other ? other : ERR_PTR(-EIDRM);
    }
    un->semid = semid;
    list_add(&un->proc_list, &list->proc_list);
    list_add(&un->list_id, &sma->undo);
    sem_unlock(sma);
    return un;
}

int copy_semundo(unsigned long clone_flags, struct task_struct *tsk)
{
    struct sem_undo_list *list;
    tsk->sysvsem.undo_list = NULL;
    if (!(clone_flags & CLONE_SYSVSEM))
        return 0;
    int error = get_undo_list(&list);
    if (error)
        return error;
    atomic_inc(&list->refcnt);
    tsk->sysvsem.undo_list = list;
    return 0;
}

/// Adds the adjustments of one record to its set; no value leaves 0...SEMVMX.
static void apply_undo(struct sem_undo *un)
{
    struct sem_array *sma = un->semid == -1 ? NULL : sem_lock(un->semid);
    if (!sma)
        return;
    list_del(&un->list_id);
    for (unsigned long i = 0; i < sma->sem_nsems; i++) {
        struct sem *semaphore = &sma->sem_base[i];
        if (!un->semadj[i])
            continue;
        semaphore->semval += un->semadj[i];
        if (semaphore->semval < 0)
            semaphore->semval = 0;
        if (semaphore->semval > SEMVMX)
            semaphore->semval = SEMVMX;
        semaphore->sempid = current->tgid;
    }
    sma->sem_otime = get_seconds();
    update_queue(sma);
    sem_unlock(sma);
}

void exit_sem(struct task_struct *tsk)
{
    struct sem_undo_list *list = tsk->sysvsem.undo_list;
    struct sem_undo *un, *next;
    tsk->sysvsem.undo_list = NULL;
    if (!list || !atomic_dec_and_test(&list->refcnt))
        return;
    list_for_each_entry_safe(un, next, &list->proc_list, proc_list) {
        apply_undo(un);
        kfree(un);
    }
    kfree(list);
}
