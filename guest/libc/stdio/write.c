// SPDX-License-Identifier: MIT
// Streams: writing. A line-buffered stream is written out after each newline, an unbuffered one at the end of each
// call, so that one fprintf(stderr, ...) is one write().

#include "file.h"

#include <string.h>

size_t fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    size_t wanted = size * count, done = 0;
    if (__turn_to(file, WRITING) < 0)
        return 0;
    while (done < wanted) {
        if (file->filled == file->size && __write_out(file) < 0)
            return done / size;
        size_t n = file->size - file->filled;
        if (n > wanted - done)
            n = wanted - done;
        memcpy(file->buffer + file->filled, (const char *)from + done, n);
        file->filled += n;
        done += n;
    }
    if (file->mode == _IONBF || (file->mode == _IOLBF && memchr(from, '\n', wanted)))
        if (__write_out(file) < 0)
            return 0;
    return count;
}

int fputc(int c, FILE *file)
{
    char byte = c;
    return fwrite(&byte, 1, 1, file) == 1 ? (unsigned char)c : EOF;
}

int putc(int c, FILE *file)
{
    return fputc(c, file);
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int fputs(const char *s, FILE *file)
{
    size_t length = strlen(s);
    return fwrite(s, 1, length, file) == length ? 0 : EOF;
}

int puts(const char *s)
{
    return fputs(s, stdout) == EOF ? EOF : putchar('\n') == EOF ? EOF : 0;
}
