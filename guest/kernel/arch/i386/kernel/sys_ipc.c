// SPDX-License-Identifier: MIT
// sys_ipc: one number (117) for the twelve calls of System V IPC. The low half of `call` says which, the high half which
// form of its arguments; some take a pointer to what does not fit into registers. Row A02's idea; ipc(2),
// [linux-2.6.11] arch/i386/kernel/sys_i386.c.
#include <linux/errno.h>
#include <linux/ipc.h>
#include <linux/linkage.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <asm/uaccess.h>

struct timespec;
asmlinkage long sys_semget(key_t key, int nsems, int semflg);
asmlinkage long sys_semctl(int semid, int semnum, int cmd, union semun arg);
asmlinkage long sys_semtimedop(int semid, struct sembuf __user *tsops, unsigned nsops,
                               const struct timespec __user *timeout);

asmlinkage long sys_msgget(key_t key, int msgflg);
asmlinkage long sys_msgsnd(int msqid, struct msgbuf __user *msgp, size_t msgsz, int msgflg);
asmlinkage long sys_msgrcv(int msqid, struct msgbuf __user *msgp, size_t msgsz, long msgtyp, int msgflg);
asmlinkage long sys_msgctl(int msqid, int cmd, void __user *buf);
asmlinkage long sys_shmget(key_t key, size_t size, int shmflg);
asmlinkage long sys_shmdt(char __user *shmaddr);
asmlinkage long sys_shmctl(int shmid, int cmd, void __user *buf);
long do_shmat(int shmid, char __user *shmaddr, int shmflg, unsigned long *raddr);

static long ipc_semctl(int first, int second, int third, union semun __user *ptr)
{
    union semun fourth;
    if (!ptr)
        return -EINVAL;
    if (get_user(fourth.pad, (void __user *__user *)ptr))
        return -EFAULT;
    return sys_semctl(first, second, third, fourth);
}

/// msgrcv has five arguments and a pointer: the old form puts two of them into memory.
struct ipc_kludge {
    struct msgbuf __user *msgp;
    long msgtyp;
};

static long ipc_msgrcv(int version, int first, int second, int third, void __user *ptr, long fifth)
{
    struct ipc_kludge tmp;
    if (version)
        return sys_msgrcv(first, ptr, second, fifth, third);
    if (!ptr)
        return -EINVAL;
    if (copy_from_user(&tmp, ptr, sizeof(tmp)))
        return -EFAULT;
    return sys_msgrcv(first, tmp.msgp, second, tmp.msgtyp, third);
}

/// The address goes to *third: the result could not be told from an error.
static long ipc_shmat(int version, int first, int second, int third, void __user *ptr)
{
    unsigned long raddr;
    if (version == 1)
        return -EINVAL; // iBCS2's form, for calls from inside the kernel
    long error = do_shmat(first, ptr, second, &raddr);
    return error ? error : put_user(raddr, (unsigned long __user *)third);
}

asmlinkage long sys_ipc(unsigned int call, int first, int second, int third, void __user *ptr, long fifth)
{
    switch (call & 0xffff) {
    case SEMOP: return sys_semtimedop(first, ptr, second, NULL);
    case SEMTIMEDOP: return sys_semtimedop(first, ptr, second, (const struct timespec __user *)fifth);
    case SEMGET: return sys_semget(first, second, third);
    case SEMCTL: return ipc_semctl(first, second, third, ptr);
    case MSGSND: return sys_msgsnd(first, ptr, second, third);
    case MSGRCV: return ipc_msgrcv(call >> 16, first, second, third, ptr, fifth);
    case MSGGET: return sys_msgget(first, second);
    case MSGCTL: return sys_msgctl(first, second, ptr);
    case SHMAT: return ipc_shmat(call >> 16, first, second, third, ptr);
    case SHMDT: return sys_shmdt(ptr);
    case SHMGET: return sys_shmget(first, second, third);
    case SHMCTL: return sys_shmctl(first, second, ptr);
    default: return -ENOSYS;
    }
}
