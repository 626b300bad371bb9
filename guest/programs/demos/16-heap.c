// SPDX-License-Identifier: MIT
// malloc() is no system call. The library keeps a heap and asks the kernel for more, by brk, only when there is none left; when the
// end of the heap is free again, brk gives it back. calloc, realloc and free are the same call, or none.
// Rows: W16 W18 several functions, one call; W19 the heap grows and shrinks; G05 a function is not a call.
//
// Look at it:  trapgate strace demos/16-heap

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *begin;

static int say(const char *what, long expected)
{
    static char *before;
    char *now = sbrk(0);
    long change = before ? now - before : 0;
    before = now;
    printf("%-34s the break is at +%ld KB, %+ld KB\n", what, (long)(now - begin) / 1024, change / 1024);
    return change / 1024 == expected;
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0); // or printf would ask malloc
    begin = sbrk(0);
    int good = say("at first:", 0);
    char *small = malloc(16);
    good &= say("malloc(16) asks for a store:", 64);
    char *another = malloc(16), *third = malloc(16);
    good &= say("two more are served from it:", 0);
    char *large = calloc(1024, 1024);
    good &= say("calloc of 1 MB:", 1024);
    free(another);
    good &= say("free() of one in the middle:", 0);
    good &= malloc(16) == another;
    good &= say("malloc(16) takes the hole:", 0);
    int zero = large[0] == 0 && large[1024 * 1024 - 1] == 0;
    free(large);
    good &= say("free() of 1 MB at the end:", -1024);
    printf("calloc's bytes were %s; the small blocks lie %ld bytes apart\n", zero ? "zero" : "not zero?", (long)(another - small));
    return good && zero && third ? 0 : 1;
}
