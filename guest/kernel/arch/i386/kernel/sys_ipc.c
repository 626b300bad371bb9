// SPDX-License-Identifier: MIT
// sys_ipc: one number (117) for the twelve calls of System V IPC. The low half of `call` says which, the high half which
// form of its arguments; some take a pointer to what does not fit into registers. Row A02's idea; ipc(2),
// [linux-2.6.11] arch/i386/kernel/sys_i386.c.
#include <linux/errno.h>
#include <linux/ipc.h>
#include <linux/linkage.h>
#include <linux/sem.h>
#include <asm/uaccess.h>

struct timespec;
asmlinkage long sys_semget(key_t key, int nsems, int semflg);
asmlinkage long sys_semctl(int semid, int semnum, int cmd, union semun arg);
asmlinkage long sys_semtimedop(int semid, struct sembuf __user *tsops, unsigned nsops,
                               const struct timespec __user *timeout);

static long ipc_semctl(int first, int second, int third, union semun __user *ptr)
{
    union semun fourth;
    if (!ptr)
        return -EINVAL;
    if (get_user(fourth.pad, (void __user *__user *)ptr))
        return -EFAULT;
    return sys_semctl(first, second, third, fourth);
}

asmlinkage long sys_ipc(unsigned int call, int first, int second, int third, void __user *ptr, long fifth)
{
    switch (call & 0xffff) {
    case SEMOP: return sys_semtimedop(first, ptr, second, NULL);
    case SEMTIMEDOP: return sys_semtimedop(first, ptr, second, (const struct timespec __user *)fifth);
    case SEMGET: return sys_semget(first, second, third);
    case SEMCTL: return ipc_semctl(first, second, third, ptr);
    default: return -ENOSYS;
    }
}
