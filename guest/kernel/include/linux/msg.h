// SPDX-License-Identifier: MIT
// System V message queues. Layouts and numbers: msgctl(2), msgop(2) on i386.
#pragma once

#include <linux/ipc.h>
#include <linux/list.h>

#define MSG_STAT 11
#define MSG_INFO 12
#define MSG_NOERROR 010000
#define MSG_EXCEPT 020000
#define MSGMNI 16
#define MSGMAX 8192
#define MSGMNB 16384

struct msgbuf {
    long mtype;
    char mtext[1];
};
struct msqid_ds {
    struct ipc_perm msg_perm;
    u32 kernel_pointers[2];
    time_t msg_stime, msg_rtime, msg_ctime;
    u32 msg_lcbytes, msg_lqbytes;
    u16 msg_cbytes, msg_qnum, msg_qbytes, msg_lspid, msg_lrpid;
};
struct msqid64_ds {
    struct ipc64_perm msg_perm;
    time_t msg_stime;
    u32 unused1;
    time_t msg_rtime;
    u32 unused2;
    time_t msg_ctime;
    u32 unused3, msg_cbytes, msg_qnum, msg_qbytes;
    pid_t msg_lspid, msg_lrpid;
    u32 unused4, unused5;
};
struct msginfo {
    int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
    u16 msgseg;
};
/// One message, followed by its text.
struct msg_msg {
    struct list_head m_list;
    long m_type;
    int m_ts;
    char text[];
};
struct msg_queue {
    struct kern_ipc_perm q_perm;
    time_t q_stime, q_rtime, q_ctime;
    unsigned long q_cbytes, q_qnum, q_qbytes;
    pid_t q_lspid, q_lrpid;
    struct list_head q_messages;
    struct list_head q_sleepers; ///< msg_sleeper: senders without room, receivers without a message
};
