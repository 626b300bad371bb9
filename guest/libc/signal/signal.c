// SPDX-License-Identifier: MIT
// Handlers and masks over the rt_ system calls, whose sets have 64 bits.

#include <errno.h>
#include <signal.h>
#include <unistd.h>

int __rt_sigaction(int signal, const struct sigaction *action, struct sigaction *old, size_t set_size);
int __rt_sigprocmask(int how, const sigset_t *set, sigset_t *old, size_t set_size);
int __rt_sigpending(sigset_t *set, size_t set_size);
int __rt_sigsuspend(const sigset_t *mask, size_t set_size);
void __restore(void);
void __restore_rt(void);

/// Adds the function to which the handler returns: the kernel builds one of two frames, so there are two of them.
int sigaction(int signal, const struct sigaction *action, struct sigaction *old)
{
    struct sigaction with_restorer;
    if (action) {
        with_restorer = *action;
        with_restorer.sa_flags |= SA_RESTORER;
        with_restorer.sa_restorer = action->sa_flags & SA_SIGINFO ? __restore_rt : __restore;
        action = &with_restorer;
    }
    return __rt_sigaction(signal, action, old, sizeof(sigset_t));
}

/// The BSD meaning: the handler stays, and interrupted calls go on.
sighandler_t signal(int signal, sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, old;
    return sigaction(signal, &action, &old) < 0 ? SIG_ERR : old.sa_handler;
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
    return __rt_sigprocmask(how, set, old, sizeof(sigset_t));
}

int sigpending(sigset_t *set)
{
    return __rt_sigpending(set, sizeof(sigset_t));
}

int sigsuspend(const sigset_t *mask)
{
    return __rt_sigsuspend(mask, sizeof(sigset_t));
}

int raise(int signal)
{
    return tkill(gettid(), signal);
}

int sigemptyset(sigset_t *set)
{
    set->bits[0] = set->bits[1] = 0;
    return 0;
}

int sigfillset(sigset_t *set)
{
    set->bits[0] = set->bits[1] = -1ul;
    return 0;
}

/// Signal n is bit n - 1.
static int find_bit(int signal, int *word, unsigned long *bit)
{
    if (signal < 1 || signal > _NSIG) {
        errno = EINVAL;
        return -1;
    }
    *word = (signal - 1) / 32;
    *bit = 1ul << (signal - 1) % 32;
    return 0;
}

int sigaddset(sigset_t *set, int signal)
{
    int word;
    unsigned long bit;
    if (find_bit(signal, &word, &bit) < 0)
        return -1;
    set->bits[word] |= bit;
    return 0;
}

int sigdelset(sigset_t *set, int signal)
{
    int word;
    unsigned long bit;
    if (find_bit(signal, &word, &bit) < 0)
        return -1;
    set->bits[word] &= ~bit;
    return 0;
}

int sigismember(const sigset_t *set, int signal)
{
    int word;
    unsigned long bit;
    if (find_bit(signal, &word, &bit) < 0)
        return -1;
    return (set->bits[word] & bit) != 0;
}
