// SPDX-License-Identifier: MIT
// The printf functions: the formatter with a stream, a descriptor or a string as its sink.

#include "file.h"
#include "format.h"

#include <string.h>
#include <unistd.h>

static void put_to_file(void *target, const char *text, size_t length)
{
    fwrite(text, 1, length, target);
}

/// An unbuffered stream gets a buffer for the time of one call, so that the text is written in one piece.
int vfprintf(FILE *file, const char *format, va_list args)
{
    if (__turn_to(file, WRITING) < 0)
        return -1;
    int mode = file->mode;
    if (mode == _IONBF)
        file->mode = _IOFBF;
    int count = __format(put_to_file, file, format, args);
    if (mode == _IONBF) {
        file->mode = mode;
        __write_out(file);
    }
    return file->error ? -1 : count;
}

int vprintf(const char *format, va_list args)
{
    return vfprintf(stdout, format, args);
}

int printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vfprintf(stdout, format, args);
    va_end(args);
    return count;
}

int fprintf(FILE *file, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vfprintf(file, format, args);
    va_end(args);
    return count;
}

/// Text straight to a descriptor, in one write: for a child that must not share a stream's buffer with its parent.
int dprintf(int fd, const char *format, ...)
{
    char text[BUFSIZ];
    va_list args;
    va_start(args, format);
    int count = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (count > (int)sizeof text - 1)
        count = sizeof text - 1;
    return write(fd, text, count);
}

struct string_sink {
    char *at;
    size_t room; // without the final zero byte
};

static void put_to_string(void *target, const char *text, size_t length)
{
    struct string_sink *string = target;
    size_t n = length < string->room ? length : string->room;
    memcpy(string->at, text, n);
    string->at += n;
    string->room -= n;
}

int vsnprintf(char *to, size_t size, const char *format, va_list args)
{
    struct string_sink string = {to, size ? size - 1 : 0};
    int count = __format(put_to_string, &string, format, args);
    if (size)
        *string.at = 0;
    return count;
}

int snprintf(char *to, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsnprintf(to, size, format, args);
    va_end(args);
    return count;
}

int sprintf(char *to, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int count = vsnprintf(to, 0x7fffffff, format, args);
    va_end(args);
    return count;
}
