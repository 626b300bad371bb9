// SPDX-License-Identifier: MIT
// msgctl: looking at message queues, owners, sizes, removal. [linux-2.6.11] ipc/msg.c; msgctl(2).
#include "msg.h"
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <asm/uaccess.h>

static int copy_msqid_to_user(void __user *buf, struct msqid64_ds *in, int version)
{
    struct msqid_ds out;
    if (version == IPC_64)
        return copy_to_user(buf, in, sizeof(*in)) ? -EFAULT : 0;
    memset(&out, 0, sizeof(out));
    ipc64_perm_to_ipc_perm(&in->msg_perm, &out.msg_perm);
    out.msg_stime = in->msg_stime;
    out.msg_rtime = in->msg_rtime;
    out.msg_ctime = in->msg_ctime;
    out.msg_cbytes = min(in->msg_cbytes, 0xffffU);
    out.msg_lcbytes = in->msg_cbytes;
    out.msg_qnum = min(in->msg_qnum, 0xffffU);
    out.msg_qbytes = min(in->msg_qbytes, 0xffffU);
    out.msg_lqbytes = in->msg_qbytes;
    out.msg_lspid = in->msg_lspid;
    out.msg_lrpid = in->msg_lrpid;
    return copy_to_user(buf, &out, sizeof(out)) ? -EFAULT : 0;
}

static int msg_info(int cmd, void __user *buf)
{
    struct msginfo info = { .msgpool = MSGMNI * MSGMNB / 1024, .msgmap = MSGMNB, .msgmax = MSGMAX, .msgmnb = MSGMNB,
                            .msgmni = MSGMNI, .msgssz = 16, .msgtql = MSGMNB, .msgseg = 0xffff };
    if (cmd == MSG_INFO) {
        info.msgpool = msg_ids.in_use;
        info.msgmap = msg_hdrs;
        info.msgtql = msg_bytes;
    }
    return copy_to_user(buf, &info, sizeof(info)) ? -EFAULT : max(msg_ids.max_id, 0);
}

static int msg_stat(int id, int cmd, int version, void __user *buf)
{
    struct msqid64_ds tbuf;
    struct msg_queue *msq = cmd == MSG_STAT ? (id >= msg_ids.size ? NULL : msg_lock(id)) : msg_find(id);
    if (!msq)
        return -EINVAL;
    if (IS_ERR(msq))
        return PTR_ERR(msq);
    if (ipcperms(&msq->q_perm, S_IRUGO)) {
        msg_unlock(msq);
        return -EACCES;
    }
    int result = cmd == MSG_STAT ? ipc_buildid(id, msq->q_perm.seq) : 0;
    memset(&tbuf, 0, sizeof(tbuf));
    kernel_to_ipc64_perm(&msq->q_perm, &tbuf.msg_perm);
    tbuf.msg_stime = msq->q_stime;
    tbuf.msg_rtime = msq->q_rtime;
    tbuf.msg_ctime = msq->q_ctime;
    tbuf.msg_cbytes = msq->q_cbytes;
    tbuf.msg_qnum = msq->q_qnum;
    tbuf.msg_qbytes = msq->q_qbytes;
    tbuf.msg_lspid = msq->q_lspid;
    tbuf.msg_lrpid = msq->q_lrpid;
    msg_unlock(msq);
    return copy_msqid_to_user(buf, &tbuf, version) ? -EFAULT : result;
}

/// What IPC_SET changes: the owner, and how much the queue holds.
static int copy_msqid_from_user(struct ipc64_perm *perm, unsigned long *qbytes, const void __user *buf, int version)
{
    struct msqid64_ds wide;
    struct msqid_ds old;
    if (copy_perm_from_user(perm, buf, version))
        return -EFAULT;
    if (version == IPC_64 ? copy_from_user(&wide, buf, sizeof(wide)) : copy_from_user(&old, buf, sizeof(old)))
        return -EFAULT;
    *qbytes = version == IPC_64 ? wide.msg_qbytes : old.msg_qbytes ? old.msg_qbytes : old.msg_lqbytes;
    return 0;
}

/// IPC_RMID and IPC_SET.
static int msgctl_down(int id, int cmd, int version, void __user *buf)
{
    struct ipc64_perm set = { 0 };
    unsigned long qbytes = 0;
    if (cmd == IPC_SET && copy_msqid_from_user(&set, &qbytes, buf, version))
        return -EFAULT;
    struct msg_queue *msq = msg_find(id);
    if (IS_ERR(msq))
        return PTR_ERR(msq);
    if (!ipc_may_control(&msq->q_perm) || (qbytes > MSGMNB && !capable(CAP_SYS_RESOURCE))) {
        msg_unlock(msq);
        return -EPERM;
    }
    if (cmd == IPC_RMID) {
        freeque(msq, id);
        return 0;
    }
    ipc_set_perm(&msq->q_perm, &set);
    msq->q_qbytes = qbytes;
    msq->q_ctime = get_seconds();
    msg_wake(msq); // there may be room, or no more permission
    msg_unlock(msq);
    return 0;
}

asmlinkage long sys_msgctl(int msqid, int cmd, void __user *buf)
{
    if (msqid < 0 || cmd < 0)
        return -EINVAL;
    int version = ipc_parse_version(&cmd), result;
    switch (cmd) {
    case IPC_INFO:
    case MSG_INFO: return msg_info(cmd, buf);
    case IPC_STAT:
    case MSG_STAT: return msg_stat(msqid, cmd, version, buf);
    case IPC_RMID:
    case IPC_SET:
        down(&msg_ids.sem);
        result = msgctl_down(msqid, cmd, version, buf);
        up(&msg_ids.sem);
        return result;
    default: return -EINVAL;
    }
}
