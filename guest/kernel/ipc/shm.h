// SPDX-License-Identifier: MIT
// Shared by shm.c (segments) and shmctl.c (their control).
#pragma once

#include "util.h"
#include <linux/shm.h>

extern struct ipc_ids shm_ids;
extern unsigned long shm_tot; ///< pages of all segments
static inline struct shmid_kernel *shm_lock(int id) { return (struct shmid_kernel *)ipc_lock(&shm_ids, id); }
static inline void shm_unlock(struct shmid_kernel *shp) { ipc_unlock(&shp->shm_perm); }
/// The segment with this id, locked, or an ERR_PTR.
struct shmid_kernel *shm_find(int id);
/// Removes a segment that is locked and that nobody has attached.
void shm_destroy(struct shmid_kernel *shp);
