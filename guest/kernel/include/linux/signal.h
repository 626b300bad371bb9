// SPDX-License-Identifier: MIT
// Signal sets and queues inside the kernel.
#pragma once

#include <linux/list.h>
#include <linux/string.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <asm/bitops.h>

struct user_struct;
struct sigqueue {
    struct list_head list;
    int flags; ///< SIGQUEUE_PREALLOC: belongs to a timer
    siginfo_t info;
    struct user_struct *user;
};
struct sigpending {
    struct list_head list;
    sigset_t signal;
};
static inline void init_sigpending(struct sigpending *s)
{
    s->signal.sig[0] = s->signal.sig[1] = 0;
    INIT_LIST_HEAD(&s->list);
}
static inline void sigaddset(sigset_t *set, int sig) { set->sig[(sig - 1) >> 5] |= 1UL << ((sig - 1) & 31); }
static inline void sigdelset(sigset_t *set, int sig) { set->sig[(sig - 1) >> 5] &= ~(1UL << ((sig - 1) & 31)); }
static inline int sigismember(const sigset_t *set, int sig)
{
    return 1 & (set->sig[(sig - 1) >> 5] >> ((sig - 1) & 31));
}
static inline void sigemptyset(sigset_t *set) { set->sig[0] = set->sig[1] = 0; }
static inline void sigfillset(sigset_t *set) { set->sig[0] = set->sig[1] = ~0UL; }
static inline void siginitset(sigset_t *set, unsigned long mask) { set->sig[0] = mask; set->sig[1] = 0; }
static inline void siginitsetinv(sigset_t *set, unsigned long mask) { set->sig[0] = ~mask; set->sig[1] = ~0UL; }
static inline void sigorsets(sigset_t *r, const sigset_t *a, const sigset_t *b)
{
    r->sig[0] = a->sig[0] | b->sig[0];
    r->sig[1] = a->sig[1] | b->sig[1];
}
static inline void sigandsets(sigset_t *r, const sigset_t *a, const sigset_t *b)
{
    r->sig[0] = a->sig[0] & b->sig[0];
    r->sig[1] = a->sig[1] & b->sig[1];
}
static inline void signandsets(sigset_t *r, const sigset_t *a, const sigset_t *b)
{
    r->sig[0] = a->sig[0] & ~b->sig[0];
    r->sig[1] = a->sig[1] & ~b->sig[1];
}
static inline void sigaddsetmask(sigset_t *set, unsigned long mask) { set->sig[0] |= mask; }
static inline void sigdelsetmask(sigset_t *set, unsigned long mask) { set->sig[0] &= ~mask; }
static inline int sigtestsetmask(sigset_t *set, unsigned long mask) { return (set->sig[0] & mask) != 0; }
#define sigmask(sig) (1UL << ((sig) - 1))
#define valid_signal(sig) ((unsigned long)(sig) <= _NSIG)
