// SPDX-License-Identifier: MIT
// epoll: a set of files that is kept between waits. Each file of the set has an item, which hangs on the file's wait
// queues with a function of its own: news put the item on the ready list and wake who waits for the set.
//
//   eventpoll -- items (all) --> epitem -> file, events, data
//             -- ready -------->   |
//                                  +-- pwqlist: entries in the file's wait queues -> ep_poll_callback
//   file -- f_ep_links --> its items: a file that is closed leaves every set
//
// Level-triggered items go back on the ready list after each report, edge-triggered ones wait for news, one-shot ones are
// disabled. A set cannot contain a set. Truth: epoll(7), epoll_ctl(2), epoll_wait(2); names are Linux 2.6's. Row S07.
#include <linux/err.h>
#include <linux/eventpoll.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mount.h>
#include <linux/poll_wqueues.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/semaphore.h>
#include <asm/uaccess.h>

struct eventpoll {
    wait_queue_head_t wq; // epoll_wait sleeps here
    wait_queue_head_t poll_wait; // poll on the set itself
    struct list_head items;
    struct list_head ready; // touched by callbacks: only with interrupts off
};

struct epitem {
    struct list_head link, ready_link, file_link;
    struct list_head pwqlist;
    struct eventpoll *ep;
    struct file *file;
    int fd;
    struct epoll_event event;
};

struct eppoll_entry {
    struct list_head link;
    struct epitem *item;
    wait_queue_t wait;
    wait_queue_head_t *whead;
};

// While an item is being queued on its file: where poll_wait finds it.
struct ep_pqueue {
    poll_table pt;
    struct epitem *item;
    int error;
};

static DECLARE_MUTEX(epsem); // changes of any set, and the report of events: items stay while they are looked at
static struct vfsmount *eventpoll_mnt;
static const struct file_operations eventpoll_fops;

static void make_ready(struct epitem *item)
{
    unsigned long flags;

    local_irq_save(flags);
    if (list_empty(&item->ready_link))
        list_add_tail(&item->ready_link, &item->ep->ready);
    local_irq_restore(flags);
}

// There is news of a file. Interrupts are off.
static int ep_poll_callback(wait_queue_t *wait, unsigned mode, int sync, void *key)
{
    struct epitem *item = container_of(wait, struct eppoll_entry, wait)->item;

    if (!(item->event.events & ~EP_PRIVATE_BITS))
        return 1; // one-shot, and used up
    make_ready(item);
    wake_up(&item->ep->wq);
    wake_up(&item->ep->poll_wait);
    return 1;
}

static void ep_ptable_queue_proc(struct file *file, wait_queue_head_t *whead, poll_table *pt)
{
    struct ep_pqueue *queue = container_of(pt, struct ep_pqueue, pt);
    struct eppoll_entry *entry = kmalloc(sizeof(*entry), GFP_KERNEL);

    if (!entry) {
        queue->error = -ENOMEM;
        return;
    }
    init_waitqueue_func_entry(&entry->wait, ep_poll_callback);
    entry->whead = whead;
    entry->item = queue->item;
    add_wait_queue(whead, &entry->wait);
    list_add_tail(&entry->link, &queue->item->pwqlist);
}

static void ep_remove(struct epitem *item)
{
    struct eppoll_entry *entry, *next;
    unsigned long flags;

    list_for_each_entry_safe(entry, next, &item->pwqlist, link) {
        remove_wait_queue(entry->whead, &entry->wait);
        kfree(entry);
    }
    local_irq_save(flags);
    list_del_init(&item->ready_link);
    local_irq_restore(flags);
    list_del(&item->link);
    list_del(&item->file_link);
    kfree(item);
}

static unsigned int ready_events(struct epitem *item)
{
    return item->file->f_op->poll(item->file, NULL) & item->event.events;
}

static void look_at_once(struct epitem *item, unsigned int revents)
{
    if (!(revents & item->event.events))
        return;
    make_ready(item);
    wake_up(&item->ep->wq);
    wake_up(&item->ep->poll_wait);
}

static int ep_insert(struct eventpoll *ep, const struct epoll_event *event, struct file *file, int fd)
{
    struct ep_pqueue queue = { .pt.qproc = ep_ptable_queue_proc };
    struct epitem *item = kmalloc(sizeof(*item), GFP_KERNEL);
    unsigned int revents;

    if (!item)
        return -ENOMEM;
    INIT_LIST_HEAD(&item->ready_link);
    INIT_LIST_HEAD(&item->pwqlist);
    item->ep = ep;
    item->file = file;
    item->fd = fd;
    item->event = *event;
    list_add_tail(&item->link, &ep->items);
    list_add_tail(&item->file_link, &file->f_ep_links);
    queue.item = item;
    revents = file->f_op->poll(file, &queue.pt);
    if (queue.error) {
        ep_remove(item);
        return queue.error;
    }
    look_at_once(item, revents);
    return 0;
}

static int ep_modify(struct epitem *item, const struct epoll_event *event)
{
    item->event = *event;
    look_at_once(item, item->file->f_op->poll(item->file, NULL));
    return 0;
}

static struct epitem *ep_find(struct eventpoll *ep, struct file *file, int fd)
{
    struct epitem *item;

    list_for_each_entry(item, &ep->items, link)
        if (item->file == file && item->fd == fd)
            return item;
    return NULL;
}

static long change_set(struct eventpoll *ep, int op, struct file *file, int fd, struct epoll_event *event)
{
    struct epitem *item = ep_find(ep, file, fd);

    event->events |= POLLERR | POLLHUP;
    switch (op) {
    case EPOLL_CTL_ADD:
        return item ? -EEXIST : ep_insert(ep, event, file, fd);
    case EPOLL_CTL_MOD:
        return item ? ep_modify(item, event) : -ENOENT;
    case EPOLL_CTL_DEL:
        if (!item)
            return -ENOENT;
        ep_remove(item);
        return 0;
    default:
        return -EINVAL;
    }
}

asmlinkage long sys_epoll_ctl(int epfd, int op, int fd, struct epoll_event __user *uevent)
{
    struct epoll_event event = { 0, 0 };
    struct file *set, *file;
    long error = -EFAULT;

    if (op != EPOLL_CTL_DEL && copy_from_user(&event, uevent, sizeof(event)))
        return -EFAULT;
    set = fget(epfd);
    if (!set)
        return -EBADF;
    file = fget(fd);
    error = -EBADF;
    if (!file)
        goto out_set;
    error = -EPERM; // a file that is always ready
    if (!file->f_op || !file->f_op->poll)
        goto out_file;
    error = -EINVAL;
    if (set->f_op != &eventpoll_fops || file->f_op == &eventpoll_fops)
        goto out_file;
    down(&epsem);
    error = change_set(set->private_data, op, file, fd, &event);
    up(&epsem);
out_file:
    fput(file);
out_set:
    fput(set);
    return error;
}

// The next item of the ready list, off it; NULL after `last`, which was the end when the report began.
static struct epitem *take_ready(struct list_head *batch)
{
    struct epitem *item = NULL;
    unsigned long flags;

    local_irq_save(flags);
    if (!list_empty(batch)) {
        item = list_entry(batch->next, struct epitem, ready_link);
        list_del_init(&item->ready_link);
    }
    local_irq_restore(flags);
    return item;
}

static void put_batch_back(struct eventpoll *ep, struct list_head *batch)
{
    unsigned long flags;

    local_irq_save(flags);
    list_splice_init(batch, &ep->ready);
    local_irq_restore(flags);
}

// Tells what is still true of the ready items. How many, or -EFAULT if not even the first could be told.
static int ep_send_events(struct eventpoll *ep, struct epoll_event __user *events, int maxevents)
{
    LIST_HEAD(batch);
    struct epitem *item;
    unsigned long flags;
    int count = 0;

    down(&epsem);
    local_irq_save(flags);
    list_splice_init(&ep->ready, &batch);
    local_irq_restore(flags);
    while (count < maxevents && (item = take_ready(&batch))) {
        struct epoll_event told = { ready_events(item), item->event.data };

        if (!told.events)
            continue;
        if (copy_to_user(&events[count], &told, sizeof(told))) {
            make_ready(item);
            count = count ? count : -EFAULT;
            break;
        }
        count++;
        if (item->event.events & EPOLLONESHOT)
            item->event.events &= EP_PRIVATE_BITS;
        else if (!(item->event.events & EPOLLET))
            make_ready(item); // as long as it is true it is told again
    }
    put_batch_back(ep, &batch);
    up(&epsem);
    return count;
}

static int ep_poll(struct eventpoll *ep, struct epoll_event __user *events, int maxevents, long timeout)
{
    int count;

    for (;;) {
        if (timeout)
            timeout = wait_event_interruptible_timeout(ep->wq, !list_empty(&ep->ready), timeout);
        if (timeout < 0)
            return -EINTR;
        count = ep_send_events(ep, events, maxevents);
        if (count || !timeout)
            return count;
    }
}

asmlinkage long sys_epoll_wait(int epfd, struct epoll_event __user *events, int maxevents, int timeout)
{
    long ticks = timeout < 0 ? MAX_SCHEDULE_TIMEOUT : (long)msecs_to_jiffies(timeout);
    struct file *set;
    long error = -EINVAL;

    if (maxevents <= 0 || maxevents > EP_MAX_EVENTS)
        return -EINVAL;
    if (!access_ok(VERIFY_WRITE, events, maxevents * sizeof(*events)))
        return -EFAULT;
    set = fget(epfd);
    if (!set)
        return -EBADF;
    if (timeout > 0 && ticks < MAX_SCHEDULE_TIMEOUT)
        ticks++; // the tick that is under way doesn't count
    if (set->f_op == &eventpoll_fops)
        error = ep_poll(set->private_data, events, maxevents, ticks);
    fput(set);
    return error;
}

asmlinkage long sys_epoll_pwait(int epfd, struct epoll_event __user *events, int maxevents, int timeout,
                                const sigset_t __user *sigmask, size_t size)
{
    sigset_t saved;
    long ret;

    if (!sigmask)
        return sys_epoll_wait(epfd, events, maxevents, timeout);
    ret = set_wait_sigmask(sigmask, size, &saved);
    if (ret)
        return ret;
    ret = restore_wait_sigmask(sys_epoll_wait(epfd, events, maxevents, timeout), &saved);
    return ret == -ERESTARTNOHAND ? -EINTR : ret;
}

// --- the set as a file

static int ep_eventpoll_release(struct inode *inode, struct file *file)
{
    struct eventpoll *ep = file->private_data;

    down(&epsem);
    while (!list_empty(&ep->items))
        ep_remove(list_entry(ep->items.next, struct epitem, link));
    up(&epsem);
    kfree(ep);
    return 0;
}

static unsigned int ep_eventpoll_poll(struct file *file, poll_table *wait)
{
    struct eventpoll *ep = file->private_data;

    poll_wait(file, &ep->poll_wait, wait);
    return list_empty(&ep->ready) ? 0 : POLLIN | POLLRDNORM;
}

static const struct file_operations eventpoll_fops = {
    .release = ep_eventpoll_release,
    .poll = ep_eventpoll_poll,
};

// A file that somebody watches is closed for the last time.
void eventpoll_release_file(struct file *file)
{
    down(&epsem);
    while (!list_empty(&file->f_ep_links))
        ep_remove(list_entry(file->f_ep_links.next, struct epitem, file_link));
    up(&epsem);
}

static struct file *make_set_file(struct eventpoll *ep)
{
    struct inode *inode = new_inode(eventpoll_mnt->mnt_sb);
    struct dentry *dentry;
    struct file *file;

    if (!inode)
        return ERR_PTR(-ENFILE);
    inode->i_mode = S_IRUSR | S_IWUSR;
    inode->i_fop = &eventpoll_fops;
    dentry = d_alloc_anon(inode, "[eventpoll]");
    if (!dentry) {
        iput(inode);
        return ERR_PTR(-ENOMEM);
    }
    file = dentry_open(dentry, mntget(eventpoll_mnt), O_RDWR);
    if (!IS_ERR(file))
        file->private_data = ep;
    return file;
}

asmlinkage long sys_epoll_create1(int flags)
{
    struct eventpoll *ep;
    struct file *file;
    int fd;

    if (flags & ~O_CLOEXEC)
        return -EINVAL;
    ep = kmalloc(sizeof(*ep), GFP_KERNEL);
    if (!ep)
        return -ENOMEM;
    init_waitqueue_head(&ep->wq);
    init_waitqueue_head(&ep->poll_wait);
    INIT_LIST_HEAD(&ep->items);
    INIT_LIST_HEAD(&ep->ready);
    fd = get_unused_fd();
    if (fd < 0)
        goto out;
    file = make_set_file(ep);
    if (IS_ERR(file)) {
        put_unused_fd(fd);
        fd = PTR_ERR(file);
        goto out;
    }
    set_close_on_exec(fd, !!(flags & O_CLOEXEC));
    fd_install(fd, file);
    return fd;
out:
    kfree(ep);
    return fd;
}

asmlinkage long sys_epoll_create(int size)
{
    return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

static int eventpollfs_fill_super(struct super_block *sb, void *data)
{
    struct inode *root = new_inode(sb);

    if (!root)
        return -ENOMEM;
    sb->s_magic = 0x03111965;
    root->i_mode = S_IFDIR | S_IRUSR | S_IWUSR;
    sb->s_root = d_alloc_anon(root, "eventpoll:");
    return sb->s_root ? 0 : -ENOMEM;
}

static struct super_block *eventpollfs_get_sb(struct file_system_type *type, int flags, const char *dev_name,
                                              void *data)
{
    return get_sb_single(type, flags, data, eventpollfs_fill_super);
}

static struct file_system_type eventpoll_fs_type = {
    .name = "eventpollfs", .fs_flags = FS_SINGLE, .get_sb = eventpollfs_get_sb
};

static int __init eventpoll_init(void)
{
    int error = register_filesystem(&eventpoll_fs_type);

    if (!error) {
        eventpoll_mnt = kern_mount("eventpollfs");
        error = IS_ERR(eventpoll_mnt) ? PTR_ERR(eventpoll_mnt) : 0;
    }
    return error;
}

fs_initcall(eventpoll_init);
