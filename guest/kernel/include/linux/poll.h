// SPDX-License-Identifier: MIT
// poll(2)'s bits, and how a file's poll function says which wait queues will tell of news: it calls poll_wait for each
// and returns what is ready now. Truth: poll(2); names are Linux 2.6's.
#pragma once

#include <linux/wait.h>

struct file;

#define POLLIN 0x0001
#define POLLPRI 0x0002
#define POLLOUT 0x0004
#define POLLERR 0x0008
#define POLLHUP 0x0010
#define POLLNVAL 0x0020
#define POLLRDNORM 0x0040
#define POLLRDBAND 0x0080
#define POLLWRNORM 0x0100
#define POLLWRBAND 0x0200
#define POLLMSG 0x0400

#define DEFAULT_POLLMASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

struct pollfd {
    int fd;
    short events, revents;
};

// qproc is NULL once the caller needn't be queued any more.
typedef struct poll_table_struct {
    void (*qproc)(struct file *, wait_queue_head_t *, struct poll_table_struct *);
} poll_table;

static inline void poll_wait(struct file *filp, wait_queue_head_t *wait_address, poll_table *p)
{
    if (p && p->qproc && wait_address)
        p->qproc(filp, wait_address, p);
}
