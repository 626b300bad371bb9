// SPDX-License-Identifier: MIT
// errno: the kernel returns -errno in eax, the wrapper turns that into -1 and errno.  [W06] [W09] [W14]
// The kernel neither sets nor reads this variable, and a call that succeeds leaves it alone.

#include <errno.h>

static int the_errno;

int *__errno_location(void)
{
    return &the_errno;
}

/// The stubs jump here with eax = -errno. It takes its argument in eax, so that the stubs need no extra push.
__attribute__((regparm(1))) long __syscall_error(long negative)
{
    errno = -negative;
    return -1;
}
