// SPDX-License-Identifier: MIT
// Streams: reading.

#include "file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/// Reads the next piece into the empty buffer. 0, or EOF with the reason noted in the stream.
static int refill(FILE *file)
{
    if (__turn_to(file, READING) < 0)
        return EOF;
    if (stdout->mode == _IOLBF)
        fflush(stdout); // whoever waits for input should have seen the question
    ssize_t n;
    do
        n = read(file->fd, file->buffer, file->mode == _IONBF ? 1 : file->size);
    while (n < 0 && errno == EINTR);
    file->next = 0;
    file->filled = n > 0 ? n : 0;
    if (n == 0)
        file->end_of_file = 1;
    if (n < 0)
        file->error = 1;
    return n > 0 ? 0 : EOF;
}

int fgetc(FILE *file)
{
    if ((file->direction != READING || file->next == file->filled) && refill(file) < 0)
        return EOF;
    return (unsigned char)file->buffer[file->next++];
}

int getc(FILE *file)
{
    return fgetc(file);
}

int getchar(void)
{
    return fgetc(stdin);
}

/// One character can always be put back after one was read.
int ungetc(int c, FILE *file)
{
    if (c == EOF || file->direction != READING || file->next == 0)
        return EOF;
    file->buffer[--file->next] = c;
    file->end_of_file = 0;
    return c;
}

char *fgets(char *line, int size, FILE *file)
{
    int length = 0;
    while (length < size - 1) {
        int c = fgetc(file);
        if (c == EOF)
            break;
        line[length++] = c;
        if (c == '\n')
            break;
    }
    line[length] = 0;
    return length ? line : NULL;
}

size_t fread(void *to, size_t size, size_t count, FILE *file)
{
    size_t wanted = size * count, done = 0;
    while (done < wanted) {
        if ((file->direction != READING || file->next == file->filled) && refill(file) < 0)
            break;
        size_t n = file->filled - file->next;
        if (n > wanted - done)
            n = wanted - done;
        memcpy((char *)to + done, file->buffer + file->next, n);
        file->next += n;
        done += n;
    }
    return size ? done / size : 0;
}
