// SPDX-License-Identifier: MIT
// System V message queues: typed messages, taken in order, by type, or by the lowest type. Who finds no room or no message
// sleeps at the queue and looks again after every change. [linux-2.6.11] ipc/msg.c; msgget(2), msgop(2). Control: msgctl.c.
#include "msg.h"
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <asm/uaccess.h>

struct ipc_ids msg_ids;
int msg_bytes, msg_hdrs;

struct msg_sleeper {
    struct list_head list;
    struct task_struct *task;
};

static int __init msg_init(void)
{
    ipc_init_ids(&msg_ids, MSGMNI);
    return 0;
}
core_initcall(msg_init);

static int newque(key_t key, int msgflg)
{
    struct msg_queue *msq = kzalloc(sizeof(*msq), GFP_KERNEL);
    if (!msq)
        return -ENOMEM;
    msq->q_perm.mode = msgflg & S_IRWXUGO;
    msq->q_perm.key = key;
    msq->q_ctime = get_seconds();
    msq->q_qbytes = MSGMNB;
    INIT_LIST_HEAD(&msq->q_messages);
    INIT_LIST_HEAD(&msq->q_sleepers);
    int place = ipc_addid(&msg_ids, &msq->q_perm);
    if (place == -1) {
        kfree(msq);
        return -ENOSPC;
    }
    int id = ipc_buildid(place, msq->q_perm.seq);
    msg_unlock(msq);
    return id;
}

asmlinkage long sys_msgget(key_t key, int msgflg)
{
    int result;
    down(&msg_ids.sem);
    int place = key == IPC_PRIVATE ? -1 : ipc_findkey(&msg_ids, key);
    if (place < 0) {
        result = key == IPC_PRIVATE || (msgflg & IPC_CREAT) ? newque(key, msgflg) : -ENOENT;
    } else if ((msgflg & IPC_CREAT) && (msgflg & IPC_EXCL)) {
        result = -EEXIST;
    } else {
        struct msg_queue *msq = msg_lock(place);
        result = ipcperms(&msq->q_perm, msgflg) ? -EACCES : ipc_buildid(place, msq->q_perm.seq);
        msg_unlock(msq);
    }
    up(&msg_ids.sem);
    return result;
}

struct msg_queue *msg_find(int id)
{
    struct msg_queue *msq = msg_lock(id);
    if (!msq)
        return ERR_PTR(-EINVAL);
    if (!ipc_checkid(&msq->q_perm, id))
        return msq;
    msg_unlock(msq);
    return ERR_PTR(-EIDRM);
}

void msg_wake(struct msg_queue *msq)
{
    struct msg_sleeper *sleeper, *next;
    list_for_each_entry_safe(sleeper, next, &msq->q_sleepers, list) {
        list_del_init(&sleeper->list); // after this a sleeper does not touch the queue, which may go
        wake_up_process(sleeper->task);
    }
}

/// Sleeps at a locked queue; unlocks it. 0 or -EINTR.
static int msg_sleep(struct msg_queue *msq)
{
    struct msg_sleeper sleeper = { .task = current };
    list_add_tail(&sleeper.list, &msq->q_sleepers);
    set_current_state(TASK_INTERRUPTIBLE);
    msg_unlock(msq);
    schedule();
    if (!list_empty(&sleeper.list))
        list_del(&sleeper.list);
    return signal_pending(current) ? -EINTR : 0;
}

static void free_message(struct msg_msg *msg)
{
    msg_bytes -= msg->m_ts;
    msg_hdrs--;
    kfree(msg);
}

void freeque(struct msg_queue *msq, int id)
{
    struct msg_msg *msg, *next;
    msg_wake(msq);
    list_for_each_entry_safe(msg, next, &msq->q_messages, m_list)
        free_message(msg);
    ipc_rmid(&msg_ids, id);
    msg_unlock(msq);
    kfree(msq);
}

static struct msg_msg *load_msg(const struct msgbuf __user *msgp, size_t size, long type)
{
    struct msg_msg *msg = kmalloc(sizeof(*msg) + size, GFP_KERNEL);
    if (!msg)
        return ERR_PTR(-ENOMEM);
    if (copy_from_user(msg->text, msgp->mtext, size)) {
        kfree(msg);
        return ERR_PTR(-EFAULT);
    }
    msg->m_type = type;
    msg->m_ts = size;
    return msg;
}

/// 1 if the message is in the queue, 0 after a sleep, else -errno.
static int try_send(int msqid, struct msg_msg *msg, int msgflg, int first)
{
    struct msg_queue *msq = msg_find(msqid);
    if (IS_ERR(msq))
        return first ? PTR_ERR(msq) : -EIDRM;
    int error = ipcperms(&msq->q_perm, S_IWUGO) ? -EACCES : 0;
    if (!error && (msg->m_ts + msq->q_cbytes > msq->q_qbytes || msq->q_qnum + 1 > msq->q_qbytes)) {
        if (!(msgflg & IPC_NOWAIT))
            return msg_sleep(msq);
        error = -EAGAIN;
    }
    if (!error) {
        list_add_tail(&msg->m_list, &msq->q_messages);
        msq->q_lspid = current->tgid;
        msq->q_stime = get_seconds();
        msq->q_cbytes += msg->m_ts;
        msq->q_qnum++;
        msg_bytes += msg->m_ts;
        msg_hdrs++;
        msg_wake(msq);
    }
    msg_unlock(msq);
    return error ? error : 1;
}

asmlinkage long sys_msgsnd(int msqid, struct msgbuf __user *msgp, size_t msgsz, int msgflg)
{
    long type;
    if (msgsz > MSGMAX || msqid < 0)
        return -EINVAL;
    if (get_user(type, &msgp->mtype))
        return -EFAULT;
    if (type < 1)
        return -EINVAL;
    struct msg_msg *msg = load_msg(msgp, msgsz, type);
    if (IS_ERR(msg))
        return PTR_ERR(msg);
    int result, first = 1;
    do {
        result = try_send(msqid, msg, msgflg, first);
        first = 0;
    } while (!result);
    if (result < 0)
        kfree(msg);
    return result < 0 ? result : 0;
}

/// The message that msgtyp asks for: 0 the first, > 0 the first of the type (MSG_EXCEPT: of another), < 0 the lowest type.
static struct msg_msg *choose(struct msg_queue *msq, long msgtyp, int msgflg)
{
    struct msg_msg *msg, *lowest = NULL;
    list_for_each_entry(msg, &msq->q_messages, m_list) {
        if (msgtyp == 0 || (msgtyp > 0 && (msg->m_type == msgtyp) == !(msgflg & MSG_EXCEPT)))
            return msg;
        if (msgtyp < 0 && msg->m_type <= -msgtyp && (!lowest || msg->m_type < lowest->m_type))
            lowest = msg;
    }
    return lowest;
}

/// A message that is out of the queue now, NULL after a sleep, or an ERR_PTR.
static struct msg_msg *try_receive(int msqid, size_t msgsz, long msgtyp, int msgflg, int first)
{
    struct msg_queue *msq = msg_find(msqid);
    struct msg_msg *msg;
    if (IS_ERR(msq))
        return first ? (void *)msq : ERR_PTR(-EIDRM);
    if (ipcperms(&msq->q_perm, S_IRUGO)) {
        msg = ERR_PTR(-EACCES);
    } else if (!(msg = choose(msq, msgtyp, msgflg))) {
        if (!(msgflg & IPC_NOWAIT))
            return ERR_PTR(msg_sleep(msq)); // ERR_PTR(0) is NULL
        msg = ERR_PTR(-ENOMSG);
    } else if (msgsz < (size_t)msg->m_ts && !(msgflg & MSG_NOERROR)) {
        msg = ERR_PTR(-E2BIG);
    } else {
        list_del(&msg->m_list);
        msq->q_qnum--;
        msq->q_cbytes -= msg->m_ts;
        msq->q_rtime = get_seconds();
        msq->q_lrpid = current->tgid;
        msg_wake(msq);
    }
    msg_unlock(msq);
    return msg;
}

asmlinkage long sys_msgrcv(int msqid, struct msgbuf __user *msgp, size_t msgsz, long msgtyp, int msgflg)
{
    struct msg_msg *msg;
    int first = 1;
    if (msqid < 0 || (long)msgsz < 0)
        return -EINVAL;
    do {
        msg = try_receive(msqid, msgsz, msgtyp, msgflg, first);
        first = 0;
    } while (!msg);
    if (IS_ERR(msg))
        return PTR_ERR(msg);
    long result = min(msgsz, (size_t)msg->m_ts);
    if (put_user(msg->m_type, &msgp->mtype) || copy_to_user(msgp->mtext, msg->text, result))
        result = -EFAULT; // and the message is lost, as everywhere
    free_message(msg);
    return result;
}
