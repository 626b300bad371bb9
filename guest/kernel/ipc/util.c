// SPDX-License-Identifier: MIT
// Tables of System V objects: identifiers, keys, permissions. An identifier is a place in the table plus a sequence number,
// so that the id of a removed object does not name its successor. [linux-2.6.11] ipc/util.c; ipc(2), svipc(7).
#include "util.h"
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/uaccess.h>

void ipc_init_ids(struct ipc_ids *ids, int size)
{
    init_MUTEX(&ids->sem);
    ids->size = size;
    ids->in_use = 0;
    ids->max_id = -1;
    ids->seq = 0;
    ids->seq_max = min(0x7fffffff / SEQ_MULTIPLIER, 0xffff);
    ids->entries = kzalloc(size * sizeof(ids->entries[0]), GFP_KERNEL);
    if (!ids->entries) {
        printk(KERN_ERR "ipc_init_ids: no memory, ids are disabled\n");
        ids->size = 0;
    }
}

int ipc_findkey(struct ipc_ids *ids, key_t key)
{
    for (int id = 0; id <= ids->max_id; id++)
        if (ids->entries[id] && ids->entries[id]->key == key)
            return id;
    return -1;
}

int ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *perm)
{
    int id = 0;
    while (id < ids->size && ids->entries[id])
        id++;
    if (id == ids->size)
        return -1;
    ids->in_use++;
    if (id > ids->max_id)
        ids->max_id = id;
    perm->cuid = perm->uid = current->euid;
    perm->cgid = perm->gid = current->egid;
    perm->seq = ids->seq++;
    if (ids->seq > ids->seq_max)
        ids->seq = 0;
    spin_lock_init(&perm->lock);
    perm->deleted = 0;
    spin_lock(&perm->lock);
    ids->entries[id] = perm;
    return id;
}

struct kern_ipc_perm *ipc_rmid(struct ipc_ids *ids, int id)
{
    int place = id % SEQ_MULTIPLIER;
    BUG_ON(place >= ids->size);
    struct kern_ipc_perm *perm = ids->entries[place];
    BUG_ON(!perm);
    ids->entries[place] = NULL;
    ids->in_use--;
    while (ids->max_id >= 0 && !ids->entries[ids->max_id])
        ids->max_id--;
    perm->deleted = 1;
    return perm;
}

struct kern_ipc_perm *ipc_lock(struct ipc_ids *ids, int id)
{
    int place = id % SEQ_MULTIPLIER;
    if (id < 0 || place >= ids->size || !ids->entries[place])
        return NULL;
    spin_lock(&ids->entries[place]->lock);
    return ids->entries[place];
}

void ipc_unlock(struct kern_ipc_perm *perm) { spin_unlock(&perm->lock); }

int ipc_buildid(int id, int seq) { return SEQ_MULTIPLIER * seq + id; }

int ipc_checkid(struct kern_ipc_perm *perm, int id) { return id / SEQ_MULTIPLIER != (int)perm->seq; }

int ipcperms(struct kern_ipc_perm *perm, int flag)
{
    int requested = (flag >> 6) | (flag >> 3) | flag, granted = perm->mode;
    if (current->euid == perm->cuid || current->euid == perm->uid)
        granted >>= 6;
    else if (in_egroup_p(perm->cgid) || in_egroup_p(perm->gid))
        granted >>= 3;
    return (requested & ~granted & 0007) && !capable(CAP_IPC_OWNER) ? -1 : 0;
}

void kernel_to_ipc64_perm(struct kern_ipc_perm *in, struct ipc64_perm *out)
{
    out->key = in->key;
    out->uid = in->uid;
    out->gid = in->gid;
    out->cuid = in->cuid;
    out->cgid = in->cgid;
    out->mode = in->mode;
    out->seq = in->seq;
}

void ipc64_perm_to_ipc_perm(const struct ipc64_perm *in, struct ipc_perm *out)
{
    out->key = in->key;
    out->uid = in->uid > 0xffff ? 65534 : in->uid;
    out->gid = in->gid > 0xffff ? 65534 : in->gid;
    out->cuid = in->cuid > 0xffff ? 65534 : in->cuid;
    out->cgid = in->cgid > 0xffff ? 65534 : in->cgid;
    out->mode = in->mode;
    out->seq = in->seq;
}

int ipc_parse_version(int *command)
{
    int version = *command & IPC_64;
    *command &= ~IPC_64;
    return version;
}

int copy_perm_from_user(struct ipc64_perm *out, const void __user *buf, int version)
{
    struct ipc_perm old;
    if (version == IPC_64)
        return copy_from_user(out, buf, sizeof(*out)) ? -EFAULT : 0;
    if (copy_from_user(&old, buf, sizeof(old)))
        return -EFAULT;
    out->uid = old.uid;
    out->gid = old.gid;
    out->mode = old.mode;
    return 0;
}

int ipc_may_control(struct kern_ipc_perm *perm)
{
    return current->euid == perm->cuid || current->euid == perm->uid || capable(CAP_SYS_ADMIN);
}

void ipc_set_perm(struct kern_ipc_perm *perm, const struct ipc64_perm *from)
{
    perm->uid = from->uid;
    perm->gid = from->gid;
    perm->mode = (perm->mode & ~0777) | (from->mode & 0777);
}
