// SPDX-License-Identifier: MIT
// Shared by sem.c (sets), semctl.c (their control) and sem_undo.c (what an exit takes back).
#pragma once

#include "util.h"
#include <linux/sem.h>

extern struct ipc_ids sem_ids;
extern int used_sems; ///< semaphores of all sets
static inline struct sem_array *sem_lock(int id) { return (struct sem_array *)ipc_lock(&sem_ids, id); }
static inline void sem_unlock(struct sem_array *sma) { ipc_unlock(&sma->sem_perm); }
static inline int sem_checkid(struct sem_array *sma, int id) { return ipc_checkid(&sma->sem_perm, id); }
/// Lets every sleeper try again that can go on now.
void update_queue(struct sem_array *sma);
/// The set with this id, locked, or an ERR_PTR.
struct sem_array *sem_find(int id);
/// Removes a set that is locked, with sem_ids.sem held: all sleepers get -EIDRM.
void freeary(struct sem_array *sma, int id);
/// The caller's record for a set, made if need be; may sleep.
struct sem_undo *find_undo(int semid);
