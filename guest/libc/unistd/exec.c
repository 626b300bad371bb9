// SPDX-License-Identifier: MIT
// The exec functions that are not system calls: they search PATH or collect arguments, then call execve.

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int execv(const char *path, char *const argv[])
{
    return execve(path, argv, environ);
}

/// A directory of PATH (an empty one is the current directory), a slash and the name. 0 when that is too long.
static int join(char *to, const char *directory, size_t length, const char *file)
{
    if (length + strlen(file) + 2 > PATH_MAX)
        return 0;
    memcpy(to, directory, length);
    if (length)
        to[length++] = '/';
    strcpy(to + length, file);
    return 1;
}

/// A name with a slash is taken as it is; another is tried in each directory of PATH. A file that is there but may
/// not be run decides the error, when nothing better is found.
int execvp(const char *file, char *const argv[])
{
    if (strchr(file, '/'))
        return execv(file, argv);
    const char *path = getenv("PATH");
    if (!path)
        path = "/bin:/usr/bin";

    int error = ENOENT;
    for (const char *directory = path;; directory++) {
        size_t length = strcspn(directory, ":");
        char candidate[PATH_MAX];
        if (join(candidate, directory, length, file))
            execv(candidate, argv);
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES)
            return -1;
        if (errno == EACCES)
            error = EACCES;
        directory += length;
        if (!*directory)
            break;
    }
    errno = error;
    return -1;
}

enum { MAX_LIST = 64 };

/// The arguments of execl and execlp as a vector. They lie on the stack one after the other.
static void collect(char **argv, const char *first, va_list rest)
{
    int count = 0;
    argv[count++] = (char *)first;
    while (argv[count - 1] && count < MAX_LIST)
        argv[count++] = va_arg(rest, char *);
    argv[count - 1] = NULL;
}

int execl(const char *path, const char *arg, ...)
{
    char *argv[MAX_LIST];
    va_list rest;
    va_start(rest, arg);
    collect(argv, arg, rest);
    va_end(rest);
    return execv(path, argv);
}

int execlp(const char *file, const char *arg, ...)
{
    char *argv[MAX_LIST];
    va_list rest;
    va_start(rest, arg);
    collect(argv, arg, rest);
    va_end(rest);
    return execvp(file, argv);
}
