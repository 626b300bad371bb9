// SPDX-License-Identifier: MIT
// System V semaphores: sets are made (semget), and changed all or nothing (semop, semtimedop). An operation that cannot be
// done sleeps in the set's queue; whoever changes the set does the work of those that can go on (update_queue).
// [linux-2.6.11] ipc/sem.c; semget(2), semop(2). Row P21 with sem_undo.c; control is in semctl.c.
#include "sem.h"
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <asm/uaccess.h>

struct ipc_ids sem_ids;
int used_sems;

static int __init sem_init(void)
{
    ipc_init_ids(&sem_ids, SEMMNI);
    return 0;
}
core_initcall(sem_init);

static int newary(key_t key, int nsems, int semflg)
{
    if (!nsems)
        return -EINVAL;
    if (used_sems + nsems > SEMMNS)
        return -ENOSPC;
    struct sem_array *sma = kzalloc(sizeof(*sma) + nsems * sizeof(struct sem), GFP_KERNEL);
    if (!sma)
        return -ENOMEM;
    sma->sem_perm.mode = semflg & S_IRWXUGO;
    sma->sem_perm.key = key;
    sma->sem_base = (struct sem *)&sma[1];
    sma->sem_nsems = nsems;
    sma->sem_ctime = get_seconds();
    INIT_LIST_HEAD(&sma->sem_pending);
    INIT_LIST_HEAD(&sma->undo);
    int id = ipc_addid(&sem_ids, &sma->sem_perm);
    if (id == -1) {
        kfree(sma);
        return -ENOSPC;
    }
    used_sems += nsems;
    id = ipc_buildid(id, sma->sem_perm.seq);
    sem_unlock(sma);
    return id;
}

/// The id of the set that has this key already.
static int find_set(int place, int nsems, int semflg)
{
    if ((semflg & IPC_CREAT) && (semflg & IPC_EXCL))
        return -EEXIST;
    struct sem_array *sma = sem_lock(place);
    int result;
    if (nsems > (int)sma->sem_nsems)
        result = -EINVAL;
    else if (ipcperms(&sma->sem_perm, semflg))
        result = -EACCES;
    else
        result = ipc_buildid(place, sma->sem_perm.seq);
    sem_unlock(sma);
    return result;
}

asmlinkage long sys_semget(key_t key, int nsems, int semflg)
{
    int result, place;
    if (nsems < 0 || nsems > SEMMSL)
        return -EINVAL;
    down(&sem_ids.sem);
    place = key == IPC_PRIVATE ? -1 : ipc_findkey(&sem_ids, key);
    if (place >= 0)
        result = find_set(place, nsems, semflg);
    else if (key == IPC_PRIVATE || (semflg & IPC_CREAT))
        result = newary(key, nsems, semflg);
    else
        result = -ENOENT;
    up(&sem_ids.sem);
    return result;
}

struct sem_array *sem_find(int id)
{
    struct sem_array *sma = sem_lock(id);
    if (!sma)
        return ERR_PTR(-EINVAL);
    if (!sem_checkid(sma, id))
        return sma;
    sem_unlock(sma);
    return ERR_PTR(-EIDRM);
}

/// Takes back what the operations before `sop` have done.
static void revert(struct sem_array *sma, struct sembuf *sops, struct sembuf *sop)
{
    while (sop-- > sops)
        sma->sem_base[sop->sem_num].semval -= sop->sem_op;
}

/// All operations or none: 0 done, 1 must wait, else -errno.
static int try_atomic_semop(struct sem_array *sma, struct sembuf *sops, int nsops, struct sem_undo *un, int pid)
{
    struct sembuf *sop;
    int result = 0;
    for (sop = sops; sop < sops + nsops; sop++) {
        struct sem *curr = &sma->sem_base[sop->sem_num];
        int value = curr->semval + sop->sem_op;
        if ((!sop->sem_op && curr->semval) || value < 0)
            result = sop->sem_flg & IPC_NOWAIT ? -EAGAIN : 1;
        else if (value > SEMVMX)
            result = -ERANGE;
        else if (sop->sem_flg & SEM_UNDO) {
            int undo = un->semadj[sop->sem_num] - sop->sem_op;
            result = undo < -SEMVMX - 1 || undo > SEMVMX ? -ERANGE : 0;
        }
        if (result) {
            revert(sma, sops, sop);
            return result;
        }
        curr->semval = value;
    }
    for (sop = sops; sop < sops + nsops; sop++) {
        sma->sem_base[sop->sem_num].sempid = pid;
        if (sop->sem_flg & SEM_UNDO)
            un->semadj[sop->sem_num] -= sop->sem_op;
    }
    sma->sem_otime = get_seconds();
    return 0;
}

static void wake_sleeper(struct sem_queue *q, int status)
{
    struct task_struct *sleeper = q->sleeper;
    list_del_init(&q->list);
    q->status = status;
    q->sleeper = NULL;
    wake_up_process(sleeper);
}

/// One that changed the set may have made room for an earlier one: then the queue is gone through again.
void update_queue(struct sem_array *sma)
{
    struct sem_queue *q, *next;
again:
    list_for_each_entry_safe(q, next, &sma->sem_pending, list) {
        int error = try_atomic_semop(sma, q->sops, q->nsops, q->undo, q->pid);
        if (error > 0)
            continue;
        int alter = q->alter;
        wake_sleeper(q, error);
        if (alter)
            goto again;
    }
}

void freeary(struct sem_array *sma, int id)
{
    struct sem_undo *un, *next_un;
    struct sem_queue *q, *next;
    list_for_each_entry_safe(un, next_un, &sma->undo, list_id) {
        list_del_init(&un->list_id);
        un->semid = -1; // its owner throws it away
    }
    list_for_each_entry_safe(q, next, &sma->sem_pending, list)
        wake_sleeper(q, -EIDRM);
    ipc_rmid(&sem_ids, id);
    used_sems -= sma->sem_nsems;
    sem_unlock(sma);
    kfree(sma);
}

/// Sleeps until somebody has done our operations (update_queue), the set is gone, a signal or the end of the time.
static int wait_in_queue(struct sem_array *sma, int semid, struct sem_queue *queue, long jiffies_left, int timed)
{
    queue->status = -EINTR;
    queue->sleeper = current;
    list_add_tail(&queue->list, &sma->sem_pending);
    set_current_state(TASK_INTERRUPTIBLE);
    sem_unlock(sma);
    if (timed)
        jiffies_left = schedule_timeout(jiffies_left);
    else
        schedule();
    if (!queue->sleeper)
        return queue->status; // out of the queue: the set may be gone
    list_del(&queue->list);
    return timed && !jiffies_left ? -EAGAIN : -EINTR;
}

static int do_semop(int semid, struct sembuf *sops, unsigned int nsops, long jiffies_left, int timed)
{
    struct sem_undo *un = NULL;
    int undos = 0, alter = 0, highest = 0;
    for (unsigned int i = 0; i < nsops; i++) {
        highest = max(highest, (int)sops[i].sem_num);
        undos |= sops[i].sem_flg & SEM_UNDO;
        alter |= sops[i].sem_op != 0;
    }
    if (undos && IS_ERR(un = find_undo(semid)))
        return PTR_ERR(un);
    struct sem_array *sma = sem_find(semid);
    if (IS_ERR(sma))
        return PTR_ERR(sma);
    int error = highest >= (int)sma->sem_nsems ? -EFBIG : 0;
    if (!error && ipcperms(&sma->sem_perm, alter ? S_IWUGO : S_IRUGO))
        error = -EACCES;
    if (!error)
        error = try_atomic_semop(sma, sops, nsops, un, current->tgid);
    if (error > 0) {
        struct sem_queue queue = { .undo = un, .pid = current->tgid, .sops = sops, .nsops = nsops, .alter = alter };
        return wait_in_queue(sma, semid, &queue, jiffies_left, timed);
    }
    if (alter && !error)
        update_queue(sma);
    sem_unlock(sma);
    return error;
}

asmlinkage long sys_semtimedop(int semid, struct sembuf __user *tsops, unsigned nsops,
                               const struct timespec __user *timeout)
{
    struct sembuf sops[SEMOPM];
    struct timespec time;
    long jiffies_left = 0;
    if (nsops < 1 || semid < 0)
        return -EINVAL;
    if (nsops > SEMOPM)
        return -E2BIG;
    if (copy_from_user(sops, tsops, nsops * sizeof(*tsops)))
        return -EFAULT;
    if (timeout) {
        if (copy_from_user(&time, timeout, sizeof(time)))
            return -EFAULT;
        if (!timespec_valid(&time))
            return -EINVAL;
        jiffies_left = timespec_to_jiffies(&time);
    }
    return do_semop(semid, sops, nsops, jiffies_left, timeout != NULL);
}

asmlinkage long sys_semop(int semid, struct sembuf __user *tsops, unsigned nsops)
{
    return sys_semtimedop(semid, tsops, nsops, NULL);
}
