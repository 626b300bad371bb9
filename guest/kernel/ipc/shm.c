// SPDX-License-Identifier: MIT
// System V shared memory: a segment is a file without a name (mm/shmem.c), an attachment a shared mapping of it. The number
// of attachments is counted by the areas themselves: fork makes one more, exit and munmap one less.
// [linux-2.6.11] ipc/shm.c; shmget(2), shmat(2). Control is in shmctl.c.
#include "shm.h"
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <asm/mman.h>
#include <asm/uaccess.h>

struct ipc_ids shm_ids;
unsigned long shm_tot;
static const struct file_operations shm_file_operations;

static int __init shm_init(void)
{
    ipc_init_ids(&shm_ids, SHMMNI);
    return 0;
}
core_initcall(shm_init);

static struct shmid_kernel *new_segment(key_t key, int shmflg, size_t size)
{
    char name[16];
    struct shmid_kernel *shp = kzalloc(sizeof(*shp), GFP_KERNEL);
    if (!shp)
        return ERR_PTR(-ENOMEM);
    snprintf(name, sizeof(name), "SYSV%08x", key);
    shp->shm_file = shmem_file_setup(name, size);
    if (IS_ERR(shp->shm_file)) {
        int error = PTR_ERR(shp->shm_file);
        kfree(shp);
        return ERR_PTR(error);
    }
    shp->shm_perm.key = key;
    shp->shm_perm.mode = shmflg & S_IRWXUGO;
    shp->shm_segsz = size;
    shp->shm_cprid = current->tgid;
    shp->shm_ctim = get_seconds();
    shp->shm_file->f_op = &shm_file_operations;
    return shp;
}

static int newseg(key_t key, int shmflg, size_t size)
{
    unsigned long pages = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
    if (size < SHMMIN || size > SHMMAX)
        return -EINVAL;
    if (shm_tot + pages >= SHMALL)
        return -ENOSPC;
    struct shmid_kernel *shp = new_segment(key, shmflg, size);
    if (IS_ERR(shp))
        return PTR_ERR(shp);
    int place = ipc_addid(&shm_ids, &shp->shm_perm);
    if (place == -1) {
        fput(shp->shm_file);
        kfree(shp);
        return -ENOSPC;
    }
    shp->id = ipc_buildid(place, shp->shm_perm.seq);
    shp->shm_file->f_dentry->d_inode->i_ino = shp->id; // how an area finds its segment, and what /proc/PID/maps shows
    shm_tot += pages;
    shm_unlock(shp);
    return shp->id;
}

/// The id of the segment that has this key already.
static int find_segment(int place, size_t size, int shmflg)
{
    if ((shmflg & IPC_CREAT) && (shmflg & IPC_EXCL))
        return -EEXIST;
    struct shmid_kernel *shp = shm_lock(place);
    int result = shp->id;
    if (shp->shm_segsz < size)
        result = -EINVAL;
    else if (ipcperms(&shp->shm_perm, shmflg))
        result = -EACCES;
    shm_unlock(shp);
    return result;
}

asmlinkage long sys_shmget(key_t key, size_t size, int shmflg)
{
    int result;
    down(&shm_ids.sem);
    int place = key == IPC_PRIVATE ? -1 : ipc_findkey(&shm_ids, key);
    if (place >= 0)
        result = find_segment(place, size, shmflg);
    else if (key == IPC_PRIVATE || (shmflg & IPC_CREAT))
        result = newseg(key, shmflg, size);
    else
        result = -ENOENT;
    up(&shm_ids.sem);
    return result;
}

struct shmid_kernel *shm_find(int id)
{
    struct shmid_kernel *shp = shm_lock(id);
    if (!shp)
        return ERR_PTR(-EINVAL);
    if (!ipc_checkid(&shp->shm_perm, id))
        return shp;
    shm_unlock(shp);
    return ERR_PTR(-EIDRM);
}

void shm_destroy(struct shmid_kernel *shp)
{
    struct file *file = shp->shm_file;
    shm_tot -= (shp->shm_segsz + PAGE_SIZE - 1) >> PAGE_SHIFT;
    ipc_rmid(&shm_ids, shp->id);
    shm_unlock(shp);
    kfree(shp);
    fput(file);
}

static void shm_inc(int id)
{
    struct shmid_kernel *shp = shm_lock(id);
    BUG_ON(!shp);
    shp->shm_atim = get_seconds();
    shp->shm_lprid = current->tgid;
    shp->shm_nattch++;
    shm_unlock(shp);
}

static void put_attachment(struct shmid_kernel *shp)
{
    if (!--shp->shm_nattch && (shp->shm_perm.mode & SHM_DEST))
        shm_destroy(shp);
    else
        shm_unlock(shp);
}

static void shm_open(struct vm_area_struct *vma) { shm_inc(vma->vm_file->f_dentry->d_inode->i_ino); }

static void shm_close(struct vm_area_struct *vma)
{
    down(&shm_ids.sem); // inside mmap_sem: whoever holds it must not touch user memory
    struct shmid_kernel *shp = shm_lock(vma->vm_file->f_dentry->d_inode->i_ino);
    BUG_ON(!shp);
    shp->shm_lprid = current->tgid;
    shp->shm_dtim = get_seconds();
    put_attachment(shp);
    up(&shm_ids.sem);
}

static const struct vm_operations_struct shm_vm_ops = { .open = shm_open, .close = shm_close, .nopage = filemap_nopage };

static int shm_mmap(struct file *file, struct vm_area_struct *vma)
{
    vma->vm_ops = &shm_vm_ops;
    shm_inc(file->f_dentry->d_inode->i_ino);
    return 0;
}

static const struct file_operations shm_file_operations = { .mmap = shm_mmap };

/// Maps the segment; mmap_sem is ours only here.
static unsigned long map_segment(struct file *file, unsigned long address, size_t size, int shmflg)
{
    struct mm_struct *mm = current->mm;
    unsigned long prot = shmflg & SHM_RDONLY ? PROT_READ : PROT_READ | PROT_WRITE, result = -EINVAL;
    if (shmflg & SHM_EXEC)
        prot |= PROT_EXEC;
    down_write(&mm->mmap_sem);
    int taken = address && !(shmflg & SHM_REMAP) && (address + size < address || find_vma_intersection(mm, address, address + size));
    if (!taken)
        result = do_mmap(file, address, size, prot, MAP_SHARED | (address ? MAP_FIXED : 0), 0);
    up_write(&mm->mmap_sem);
    return result;
}

long do_shmat(int shmid, char __user *shmaddr, int shmflg, unsigned long *raddr)
{
    unsigned long address = (unsigned long)shmaddr;
    if (shmid < 0 || (!address && (shmflg & SHM_REMAP)))
        return -EINVAL;
    if ((address & ~PAGE_MASK) && !(shmflg & SHM_RND))
        return -EINVAL;
    address &= PAGE_MASK;
    struct shmid_kernel *shp = shm_find(shmid);
    if (IS_ERR(shp))
        return PTR_ERR(shp);
    int wanted = S_IRUGO | (shmflg & SHM_RDONLY ? 0 : S_IWUGO) | (shmflg & SHM_EXEC ? S_IXUGO : 0);
    if (ipcperms(&shp->shm_perm, wanted)) {
        shm_unlock(shp);
        return -EACCES;
    }
    struct file *file = shp->shm_file;
    size_t size = shp->shm_segsz;
    shp->shm_nattch++; // it cannot go while we sleep
    shm_unlock(shp);
    *raddr = map_segment(file, address, size, shmflg);
    down(&shm_ids.sem);
    shp = shm_lock(shmid);
    BUG_ON(!shp);
    put_attachment(shp);
    up(&shm_ids.sem);
    return IS_ERR_VALUE(*raddr) ? (long)*raddr : 0;
}

/// Unmaps what is left of the attachment that began at this address: it may be in pieces.
asmlinkage long sys_shmdt(char __user *shmaddr)
{
    struct mm_struct *mm = current->mm;
    unsigned long address = (unsigned long)shmaddr, size = 0;
    int result = -EINVAL;
    down_write(&mm->mmap_sem);
    for (struct vm_area_struct *vma = mm->mmap, *next; vma; vma = next) {
        next = vma->vm_next;
        if (vma->vm_ops != &shm_vm_ops || vma->vm_start < address ||
            (vma->vm_start - address) >> PAGE_SHIFT != vma->vm_pgoff || (size && vma->vm_start - address >= size))
            continue;
        size = PAGE_ALIGN(vma->vm_file->f_dentry->d_inode->i_size);
        do_munmap(mm, vma->vm_start, vma->vm_end - vma->vm_start);
        result = 0;
    }
    up_write(&mm->mmap_sem);
    return result;
}
