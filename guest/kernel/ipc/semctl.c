// SPDX-License-Identifier: MIT
// semctl: looking at semaphore sets, setting values, owners, removal. [linux-2.6.11] ipc/sem.c; semctl(2).
#include "sem.h"
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <asm/uaccess.h>

static int copy_semid_to_user(void __user *buf, struct semid64_ds *in, int version)
{
    struct semid_ds out;
    if (version == IPC_64)
        return copy_to_user(buf, in, sizeof(*in)) ? -EFAULT : 0;
    memset(&out, 0, sizeof(out));
    ipc64_perm_to_ipc_perm(&in->sem_perm, &out.sem_perm);
    out.sem_otime = in->sem_otime;
    out.sem_ctime = in->sem_ctime;
    out.sem_nsems = in->sem_nsems;
    return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

/// Limits (IPC_INFO), or with SEM_INFO how much is used. The result is the highest place in the table.
static int sem_info(int cmd, void __user *buf)
{
    struct seminfo info = { .semmap = SEMMNS, .semmni = SEMMNI, .semmns = SEMMNS, .semmnu = SEMMNS, .semmsl = SEMMSL,
                            .semopm = SEMOPM, .semume = SEMOPM, .semusz = 20, .semvmx = SEMVMX, .semaem = SEMVMX };
    if (cmd == SEM_INFO) {
        info.semusz = sem_ids.in_use;
        info.semaem = used_sems;
    }
    if (copy_to_user(buf, &info, sizeof(info)))
        return -EFAULT;
    return max(sem_ids.max_id, 0);
}

static int sem_stat(int id, int cmd, int version, void __user *buf)
{
    struct semid64_ds tbuf;
    struct sem_array *sma = cmd == SEM_STAT ? (id >= sem_ids.size ? NULL : sem_lock(id)) : sem_find(id);
    if (!sma)
        return -EINVAL;
    if (IS_ERR(sma))
        return PTR_ERR(sma);
    if (ipcperms(&sma->sem_perm, S_IRUGO)) {
        sem_unlock(sma);
        return -EACCES;
    }
    int result = cmd == SEM_STAT ? ipc_buildid(id, sma->sem_perm.seq) : 0;
    memset(&tbuf, 0, sizeof(tbuf));
    kernel_to_ipc64_perm(&sma->sem_perm, &tbuf.sem_perm);
    tbuf.sem_otime = sma->sem_otime;
    tbuf.sem_ctime = sma->sem_ctime;
    tbuf.sem_nsems = sma->sem_nsems;
    sem_unlock(sma);
    return copy_semid_to_user(buf, &tbuf, version) ? -EFAULT : result;
}

/// How many sleep until this semaphore grows (zero = 0) or becomes 0 (zero = 1).
static int count_waiters(struct sem_array *sma, int semnum, int zero)
{
    struct sem_queue *q;
    int count = 0;
    list_for_each_entry(q, &sma->sem_pending, list)
        for (int i = 0; i < q->nsops; i++)
            count += q->sops[i].sem_num == semnum && !(q->sops[i].sem_flg & IPC_NOWAIT) &&
                     (zero ? q->sops[i].sem_op == 0 : q->sops[i].sem_op < 0);
    return count;
}

static void forget_undo(struct sem_array *sma, int semnum)
{
    struct sem_undo *un;
    list_for_each_entry(un, &sma->undo, list_id)
        un->semadj[semnum] = 0;
}

static int set_values(struct sem_array *sma, const u16 *values)
{
    for (unsigned long i = 0; i < sma->sem_nsems; i++)
        if (values[i] > SEMVMX)
            return -ERANGE;
    for (unsigned long i = 0; i < sma->sem_nsems; i++) {
        sma->sem_base[i].semval = values[i];
        forget_undo(sma, i);
    }
    sma->sem_ctime = get_seconds();
    update_queue(sma);
    return 0;
}

/// GETALL and SETALL: the user's array is copied while the set is not locked.
static int semctl_all(int semid, int cmd, u16 __user *array)
{
    struct sem_array *sma = sem_find(semid);
    if (IS_ERR(sma))
        return PTR_ERR(sma);
    int nsems = sma->sem_nsems, error = ipcperms(&sma->sem_perm, cmd == SETALL ? S_IWUGO : S_IRUGO) ? -EACCES : 0;
    sem_unlock(sma);
    if (error)
        return error;
    u16 *values = kmalloc(nsems * sizeof(*values), GFP_KERNEL);
    if (!values)
        return -ENOMEM;
    if (cmd == SETALL && copy_from_user(values, array, nsems * sizeof(*values))) {
        kfree(values);
        return -EFAULT;
    }
    sma = sem_lock(semid);
    if (!sma || sem_checkid(sma, semid)) {
        error = -EIDRM;
    } else if (cmd == SETALL) {
        error = set_values(sma, values);
    } else {
        for (int i = 0; i < nsems; i++)
            values[i] = sma->sem_base[i].semval;
    }
    if (sma)
        sem_unlock(sma);
    if (!error && cmd == GETALL && copy_to_user(array, values, nsems * sizeof(*values)))
        error = -EFAULT;
    kfree(values);
    return error;
}

static int set_value(struct sem_array *sma, int semnum, int value)
{
    if (value > SEMVMX || value < 0)
        return -ERANGE;
    forget_undo(sma, semnum);
    sma->sem_base[semnum].semval = value;
    sma->sem_base[semnum].sempid = current->tgid;
    sma->sem_ctime = get_seconds();
    update_queue(sma);
    return 0;
}

static int semctl_one(int semid, int semnum, int cmd, union semun arg)
{
    struct sem_array *sma = sem_find(semid);
    if (IS_ERR(sma))
        return PTR_ERR(sma);
    int result = -EINVAL;
    if (ipcperms(&sma->sem_perm, cmd == SETVAL ? S_IWUGO : S_IRUGO))
        result = -EACCES;
    else if (semnum >= 0 && semnum < (int)sma->sem_nsems)
        switch (cmd) {
        case GETVAL: result = sma->sem_base[semnum].semval; break;
        case GETPID: result = sma->sem_base[semnum].sempid; break;
        case GETNCNT: result = count_waiters(sma, semnum, 0); break;
        case GETZCNT: result = count_waiters(sma, semnum, 1); break;
        case SETVAL: result = set_value(sma, semnum, arg.val); break;
        }
    sem_unlock(sma);
    return result;
}

/// IPC_RMID and IPC_SET.
static int semctl_down(int semid, int cmd, int version, union semun arg)
{
    struct ipc64_perm set = { 0 };
    if (cmd == IPC_SET && copy_perm_from_user(&set, arg.buf, version))
        return -EFAULT;
    struct sem_array *sma = sem_find(semid);
    if (IS_ERR(sma))
        return PTR_ERR(sma);
    if (!ipc_may_control(&sma->sem_perm)) {
        sem_unlock(sma);
        return -EPERM;
    }
    if (cmd == IPC_RMID) {
        freeary(sma, semid);
        return 0;
    }
    ipc_set_perm(&sma->sem_perm, &set);
    sma->sem_ctime = get_seconds();
    sem_unlock(sma);
    return 0;
}

asmlinkage long sys_semctl(int semid, int semnum, int cmd, union semun arg)
{
    if (semid < 0)
        return -EINVAL;
    int version = ipc_parse_version(&cmd), result;
    switch (cmd) {
    case IPC_INFO:
    case SEM_INFO: return sem_info(cmd, arg.buf);
    case IPC_STAT:
    case SEM_STAT: return sem_stat(semid, cmd, version, arg.buf);
    case GETALL:
    case SETALL: return semctl_all(semid, cmd, arg.array);
    case GETVAL:
    case GETPID:
    case GETNCNT:
    case GETZCNT:
    case SETVAL: return semctl_one(semid, semnum, cmd, arg);
    case IPC_RMID:
    case IPC_SET:
        down(&sem_ids.sem);
        result = semctl_down(semid, cmd, version, arg);
        up(&sem_ids.sem);
        return result;
    default: return -EINVAL;
    }
}
