// SPDX-License-Identifier: MIT
// shmctl: looking at segments of shared memory, owners, removal. [linux-2.6.11] ipc/shm.c; shmctl(2).
#include "shm.h"
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <asm/uaccess.h>

static int copy_shmid_to_user(void __user *buf, struct shmid64_ds *in, int version)
{
    struct shmid_ds out;
    if (version == IPC_64)
        return copy_to_user(buf, in, sizeof(*in)) ? -EFAULT : 0;
    memset(&out, 0, sizeof(out));
    ipc64_perm_to_ipc_perm(&in->shm_perm, &out.shm_perm);
    out.shm_segsz = in->shm_segsz;
    out.shm_atime = in->shm_atime;
    out.shm_dtime = in->shm_dtime;
    out.shm_ctime = in->shm_ctime;
    out.shm_cpid = in->shm_cpid;
    out.shm_lpid = in->shm_lpid;
    out.shm_nattch = in->shm_nattch;
    return copy_to_user(buf, &out, 48) ? -EFAULT : 0; // the old structure has 48 bytes
}

static int shm_limits(void __user *buf, int version)
{
    struct shminfo64 wide = { .shmmax = SHMMAX, .shmmin = SHMMIN, .shmmni = SHMMNI, .shmseg = SHMMNI, .shmall = SHMALL };
    struct shminfo old = { SHMMAX, SHMMIN, SHMMNI, SHMMNI, SHMALL };
    if (version == IPC_64 ? copy_to_user(buf, &wide, sizeof(wide)) : copy_to_user(buf, &old, sizeof(old)))
        return -EFAULT;
    return max(shm_ids.max_id, 0);
}

static int shm_usage(void __user *buf)
{
    struct shm_info info = { .used_ids = shm_ids.in_use, .shm_tot = shm_tot };
    down(&shm_ids.sem);
    for (int i = 0; i <= shm_ids.max_id; i++)
        if (shm_ids.entries[i])
            info.shm_rss += ((struct shmid_kernel *)shm_ids.entries[i])->shm_file->f_mapping->nrpages;
    up(&shm_ids.sem);
    return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : max(shm_ids.max_id, 0);
}

static int shm_stat(int id, int cmd, int version, void __user *buf)
{
    struct shmid64_ds tbuf;
    struct shmid_kernel *shp = cmd == SHM_STAT ? (id >= shm_ids.size ? NULL : shm_lock(id)) : shm_find(id);
    if (!shp)
        return -EINVAL;
    if (IS_ERR(shp))
        return PTR_ERR(shp);
    if (ipcperms(&shp->shm_perm, S_IRUGO)) {
        shm_unlock(shp);
        return -EACCES;
    }
    int result = cmd == SHM_STAT ? shp->id : 0;
    memset(&tbuf, 0, sizeof(tbuf));
    kernel_to_ipc64_perm(&shp->shm_perm, &tbuf.shm_perm);
    tbuf.shm_segsz = shp->shm_segsz;
    tbuf.shm_atime = shp->shm_atim;
    tbuf.shm_dtime = shp->shm_dtim;
    tbuf.shm_ctime = shp->shm_ctim;
    tbuf.shm_cpid = shp->shm_cprid;
    tbuf.shm_lpid = shp->shm_lprid;
    tbuf.shm_nattch = shp->shm_nattch;
    shm_unlock(shp);
    return copy_shmid_to_user(buf, &tbuf, version) ? -EFAULT : result;
}

/// Nothing is ever paged out: locking changes a bit of the mode, for those who may.
static int shm_set_lock(int id, int cmd)
{
    struct shmid_kernel *shp = shm_find(id);
    if (IS_ERR(shp))
        return PTR_ERR(shp);
    int error = capable(CAP_IPC_LOCK) || (ipc_may_control(&shp->shm_perm) && current->signal->rlim[RLIMIT_MEMLOCK].rlim_cur)
                    ? 0
                    : -EPERM;
    if (!error)
        shp->shm_perm.mode = cmd == SHM_LOCK ? shp->shm_perm.mode | SHM_LOCKED : shp->shm_perm.mode & ~SHM_LOCKED;
    shm_unlock(shp);
    return error;
}

/// Without its key at once; with attachments it stays until the last of them goes.
static void shm_remove(struct shmid_kernel *shp)
{
    if (!shp->shm_nattch) {
        shm_destroy(shp);
        return;
    }
    shp->shm_perm.mode |= SHM_DEST;
    shp->shm_perm.key = IPC_PRIVATE;
    shm_unlock(shp);
}

/// IPC_RMID and IPC_SET. Needs shm_ids.sem.
static int shmctl_down(int id, int cmd, const struct ipc64_perm *set)
{
    struct shmid_kernel *shp = shm_find(id);
    if (IS_ERR(shp))
        return PTR_ERR(shp);
    if (!ipc_may_control(&shp->shm_perm)) {
        shm_unlock(shp);
        return -EPERM;
    }
    if (cmd == IPC_RMID) {
        shm_remove(shp);
        return 0;
    }
    ipc_set_perm(&shp->shm_perm, set);
    shp->shm_ctim = get_seconds();
    shm_unlock(shp);
    return 0;
}

asmlinkage long sys_shmctl(int shmid, int cmd, void __user *buf)
{
    if (cmd < 0 || shmid < 0)
        return -EINVAL;
    int version = ipc_parse_version(&cmd), result;
    struct ipc64_perm set = { 0 };
    switch (cmd) {
    case IPC_INFO: return shm_limits(buf, version);
    case SHM_INFO: return shm_usage(buf);
    case IPC_STAT:
    case SHM_STAT: return shm_stat(shmid, cmd, version, buf);
    case SHM_LOCK:
    case SHM_UNLOCK: return shm_set_lock(shmid, cmd);
    case IPC_RMID:
    case IPC_SET:
        if (cmd == IPC_SET && copy_perm_from_user(&set, buf, version)) // a fault takes mmap_sem: not inside shm_ids.sem
            return -EFAULT;
        down(&shm_ids.sem);
        result = shmctl_down(shmid, cmd, &set);
        up(&shm_ids.sem);
        return result;
    default: return -EINVAL;
    }
}
