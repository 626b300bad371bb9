// SPDX-License-Identifier: MIT
// The end of the data segment. The system call takes the wanted end and returns the end it is at, changed or not;
// brk() and sbrk() give that the usual faces.  [W18]

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

long __brk(void *end);

static char *current;

int brk(void *end)
{
    current = (char *)__brk(end);
    if (current == end)
        return 0;
    errno = ENOMEM;
    return -1;
}

void *sbrk(intptr_t increment)
{
    if (!current)
        current = (char *)__brk(NULL);
    char *old = current;
    if (increment && brk(old + increment) < 0)
        return (void *)-1;
    return old;
}
