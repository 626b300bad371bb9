// SPDX-License-Identifier: MIT
// The caller's side of poll: a set of wait-queue entries, and the time that select and poll may sleep.
// Truth: names are Linux 2.6's.
#pragma once

#include <linux/poll.h>
#include <linux/signal.h>
#include <linux/time.h>

struct poll_table_page;

struct poll_wqueues {
    poll_table pt;
    struct poll_table_page *table;
    int error;
};

void poll_initwait(struct poll_wqueues *pwq);
void poll_freewait(struct poll_wqueues *pwq);

// ppoll and pselect: another signal mask while waiting.
int set_wait_sigmask(const sigset_t __user *mask, size_t size, sigset_t *saved);
long restore_wait_sigmask(long ret, sigset_t *saved);
