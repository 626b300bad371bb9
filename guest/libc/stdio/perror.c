// SPDX-License-Identifier: MIT
// Messages about errno, and the stdio function that is about names.  [W12]

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void perror(const char *what)
{
    if (what && *what)
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
    else
        fprintf(stderr, "%s\n", strerror(errno));
}

int remove(const char *path)
{
    return unlink(path) == 0 ? 0 : rmdir(path);
}
