// SPDX-License-Identifier: MIT
// errno: the kernel returns -errno in eax, the wrapper turns that into -1 and errno.  [W06] [W09] [W14]
// The kernel neither sets nor reads this variable, and a call that succeeds leaves it alone.
// Each thread that thrd_create made has one of its own, at gs:0 (thread/thread.h).  [W15]

#include "../thread/thread.h"

#include <errno.h>
#include <stddef.h>

static int the_errno;

/// Weak: a program without threads is linked without thread.c, and then there is only one errno.
extern unsigned short __thread_selector __attribute__((weak));

static unsigned short gs(void)
{
    unsigned short selector;
    __asm__("movw %%gs, %0" : "=r"(selector));
    return selector;
}

int *__errno_location(void)
{
    if (&__thread_selector == NULL || __thread_selector == 0 || gs() != __thread_selector)
        return &the_errno;
    struct __thread_block *block;
    __asm__("movl %%gs:0, %0" : "=r"(block));
    return &block->own_errno;
}

/// The stubs jump here with eax = -errno. It takes its argument in eax, so that the stubs need no extra push.
__attribute__((regparm(1))) long __syscall_error(long negative)
{
    errno = -negative;
    return -1;
}
