// SPDX-License-Identifier: MIT
// epoll(7)'s words. Truth: epoll_ctl(2), the i386 layout of struct epoll_event (12 bytes).
#pragma once

#include <linux/types.h>

#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define EPOLLONESHOT (1U << 30)
#define EPOLLET (1U << 31)
#define EP_PRIVATE_BITS (EPOLLONESHOT | EPOLLET)
#define EP_MAX_EVENTS (0x7fffffff / (int)sizeof(struct epoll_event))

struct epoll_event {
    u32 events;
    u64 data;
};

struct file;
void eventpoll_release_file(struct file *file);
