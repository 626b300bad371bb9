// SPDX-License-Identifier: MIT
// Shared by msg.c (queues) and msgctl.c (their control).
#pragma once

#include "util.h"
#include <linux/msg.h>

extern struct ipc_ids msg_ids;
extern int msg_bytes, msg_hdrs; ///< of all queues
static inline struct msg_queue *msg_lock(int id) { return (struct msg_queue *)ipc_lock(&msg_ids, id); }
static inline void msg_unlock(struct msg_queue *msq) { ipc_unlock(&msq->q_perm); }
/// The queue with this id, locked, or an ERR_PTR.
struct msg_queue *msg_find(int id);
/// Everybody who sleeps at this queue looks again.
void msg_wake(struct msg_queue *msq);
/// Removes a queue that is locked, with msg_ids.sem held: sleepers get -EIDRM.
void freeque(struct msg_queue *msq, int id);
