// SPDX-License-Identifier: MIT
// Streams: opening, closing, flushing, the three standard ones.

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE in = {.fd = 0, .mode = -1}, out = {.fd = 1, .mode = -1, .following = &in},
            err = {.fd = 2, .mode = _IONBF, .following = &out};
FILE *const stdin = &in;
FILE *const stdout = &out;
FILE *const stderr = &err;

static FILE *all = &err;

/// Decided at first use: asking costs a system call, and the program may have called setvbuf.
static void decide_mode(FILE *file)
{
    if (file->mode < 0) {
        int old_errno = errno; // "not a terminal" is no failure of the caller's
        file->mode = isatty(file->fd) ? _IOLBF : _IOFBF;
        errno = old_errno;
    }
    if (!file->buffer) {
        file->buffer = file->small;
        file->size = sizeof file->small;
    }
}

int __write_out(FILE *file)
{
    size_t done = 0;
    while (done < file->filled) {
        ssize_t n = write(file->fd, file->buffer + done, file->filled - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            file->error = 1;
            file->filled = 0;
            return EOF;
        }
        done += n;
    }
    file->filled = 0;
    return 0;
}

/// Bytes that were read ahead but not handed out are given back to the file, where that is possible.
static void unread(FILE *file)
{
    int old_errno = errno;
    if (file->next < file->filled)
        lseek(file->fd, -(off_t)(file->filled - file->next), SEEK_CUR);
    errno = old_errno;
    file->next = file->filled = 0;
}

int __turn_to(FILE *file, enum direction direction)
{
    decide_mode(file);
    if (file->direction == direction)
        return 0;
    int result = 0;
    if (file->direction == WRITING)
        result = __write_out(file);
    else if (file->direction == READING)
        unread(file);
    file->direction = direction;
    return result;
}

int fflush(FILE *file)
{
    if (file)
        return file->direction == WRITING ? __write_out(file) : 0;
    int result = 0;
    for (FILE *each = all; each; each = each->following)
        if (each->direction == WRITING && __write_out(each) < 0)
            result = EOF;
    return result;
}

static int open_flags(const char *mode)
{
    int update = strchr(mode, '+') != NULL;
    if (mode[0] == 'w')
        return (update ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
    if (mode[0] == 'a')
        return (update ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
    return update ? O_RDWR : O_RDONLY;
}

FILE *fdopen(int fd, const char *mode)
{
    (void)mode;
    FILE *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    file->fd = fd;
    file->mode = -1;
    file->following = all;
    all = file;
    return file;
}

FILE *fopen(const char *path, const char *mode)
{
    int fd = open(path, open_flags(mode), 0666);
    if (fd < 0)
        return NULL;
    FILE *file = fdopen(fd, mode);
    if (!file)
        close(fd);
    return file;
}

int fclose(FILE *file)
{
    int result = __turn_to(file, IDLE);
    if (close(file->fd) < 0)
        result = EOF;
    for (FILE **link = &all; *link; link = &(*link)->following)
        if (*link == file) {
            *link = file->following;
            break;
        }
    if (file->owns_buffer)
        free(file->buffer);
    if (file != &in && file != &out && file != &err)
        free(file);
    return result;
}

int setvbuf(FILE *file, char *buffer, int mode, size_t size)
{
    if (__turn_to(file, IDLE) < 0)
        return EOF;
    if (mode != _IONBF && size) {
        file->owns_buffer = !buffer;
        file->buffer = buffer ? buffer : malloc(size);
        if (!file->buffer)
            return EOF;
        file->size = size;
    }
    file->mode = mode;
    return 0;
}

int fseek(FILE *file, long offset, int whence)
{
    if (__turn_to(file, IDLE) < 0 || lseek(file->fd, offset, whence) < 0)
        return -1;
    file->end_of_file = 0;
    return 0;
}

long ftell(FILE *file)
{
    return __turn_to(file, IDLE) < 0 ? -1 : lseek(file->fd, 0, SEEK_CUR);
}

void rewind(FILE *file)
{
    fseek(file, 0, SEEK_SET);
    file->error = 0;
}

int fileno(FILE *file)
{
    return file->fd;
}

int feof(FILE *file)
{
    return file->end_of_file;
}

int ferror(FILE *file)
{
    return file->error;
}

void clearerr(FILE *file)
{
    file->end_of_file = file->error = 0;
}
