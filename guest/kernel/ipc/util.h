// SPDX-License-Identifier: MIT
// Tables of System V objects: shared by sem.c, shm.c and msg.c.
#pragma once

#include <linux/ipc.h>
#include <asm/semaphore.h>

#define SEQ_MULTIPLIER 32768 ///< id = place in the table + sequence number * this
#define IPCMNI 32768

struct ipc_ids {
    int size, in_use, max_id;
    unsigned short seq, seq_max;
    struct semaphore sem; ///< held while objects come and go
    struct kern_ipc_perm **entries;
};
void ipc_init_ids(struct ipc_ids *ids, int size);
/// The place of a key in the table, or -1. Needs ids->sem.
int ipc_findkey(struct ipc_ids *ids, key_t key);
/// Puts a new object into the table, locked; its place, or -1 if the table is full. Needs ids->sem.
int ipc_addid(struct ipc_ids *ids, struct kern_ipc_perm *perm);
/// Takes the object with this id out, which was locked by ipc_lock. Needs ids->sem.
struct kern_ipc_perm *ipc_rmid(struct ipc_ids *ids, int id);
/// The object in this place of the table, locked, or NULL. The id's sequence number is ipc_checkid's to compare.
struct kern_ipc_perm *ipc_lock(struct ipc_ids *ids, int id);
void ipc_unlock(struct kern_ipc_perm *perm);
int ipc_buildid(int id, int seq);
int ipc_checkid(struct kern_ipc_perm *perm, int id);
/// May current have this access (S_IRUGO | S_IWUGO bits, or a flag word whose low 9 bits are)? 0 or -1.
int ipcperms(struct kern_ipc_perm *perm, int flag);
void kernel_to_ipc64_perm(struct kern_ipc_perm *in, struct ipc64_perm *out);
void ipc64_perm_to_ipc_perm(const struct ipc64_perm *in, struct ipc_perm *out);
/// IPC_64 or IPC_OLD; takes the bit out of the command.
int ipc_parse_version(int *command);
/// Reads uid, gid and mode for IPC_SET from either form of structure (they begin with the permissions).
int copy_perm_from_user(struct ipc64_perm *out, const void __user *buf, int version);
/// IPC_SET and IPC_RMID are the owner's, the creator's and root's.
int ipc_may_control(struct kern_ipc_perm *perm);
void ipc_set_perm(struct kern_ipc_perm *perm, const struct ipc64_perm *from);
