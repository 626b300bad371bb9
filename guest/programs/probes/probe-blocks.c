// SPDX-License-Identifier: MIT
// Calls whose one register points to a block with all the arguments: old mmap, old select, socketcall.
// Rows: A02 the block is read, and a bad pointer is EFAULT, also when only a part of the block is there.

#include "probe.h"

#include <sys/calls.h>
#include <sys/mman.h>

/// The last `words` words before a page that is not mapped.
static unsigned long *before_the_gap(unsigned words)
{
    char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(pages + 4096, 4096);
    return (unsigned long *)(pages + 4096) - words;
}

static void bad_blocks(long number, long first, const char *name, unsigned words, const unsigned long *good)
{
    static void *const bad[] = {NULL, (void *)16, (void *)0xc0100000, (void *)-4};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        long block = (long)bad[i];
        long result = first ? raw(number, first, block, 0) : raw(number, block, 0, 0);
        check(result == -EFAULT, "%s with a block at %p: %ld", name, bad[i], result);
    }
    unsigned long *cut = before_the_gap(words - 1); // the last word lies in the gap
    memcpy(cut, good, (words - 1) * sizeof *cut);
    long result = first ? raw(number, first, (long)cut, 0) : raw(number, (long)cut, 0, 0);
    check(result == -EFAULT, "%s with a block whose last word is not there: %ld", name, result);
    unsigned long *fits = before_the_gap(words);
    memcpy(fits, good, words * sizeof *fits);
    result = first ? raw(number, first, (long)fits, 0) : raw(number, (long)fits, 0, 0);
    check(result != -EFAULT, "%s with one that just fits: %#lx", name, result);
}

static void old_mmap(void)
{
    int fd = open("/tmp/probe-blocks.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ftruncate(fd, 8192);
    pwrite64(fd, "second page", 11, 4096);
    unsigned long block[6] = {0, 4096, PROT_READ, MAP_PRIVATE, fd, 4096};
    char *page = (char *)raw(__NR_mmap, (long)block, 0, 0);
    check((unsigned long)page < -4095ul && strcmp(page, "second page") == 0, "old_mmap, six arguments in a block: %p", page);
    bad_blocks(__NR_mmap, 0, "old_mmap", 6, block);
    block[5] = 1;
    check(raw(__NR_mmap, (long)block, 0, 0) == -EINVAL, "old_mmap counts the offset in bytes, whole pages of them");
    close(fd);
    unlink("/tmp/probe-blocks.tmp");
}

static void old_select(void)
{
    int ends[2];
    pipe(ends);
    unsigned long readable[32] = {0}, timeout[2] = {0, 1000};
    readable[0] = 1ul << ends[0];
    unsigned long block[5] = {ends[0] + 1, (unsigned long)readable, 0, 0, (unsigned long)timeout};
    check(raw(__NR_select, (long)block, 0, 0) == 0 && readable[0] == 0, "old_select of an empty pipe: 0");
    write(ends[1], "x", 1);
    readable[0] = 1ul << ends[0];
    check(raw(__NR_select, (long)block, 0, 0) == 1 && readable[0] == 1ul << ends[0], "of a full one: 1, its bit is set");
    timeout[0] = timeout[1] = 0;
    bad_blocks(__NR_select, 0, "old_select", 5, block);
}

static void socket_calls(void)
{
    unsigned long family[3] = {12345, 1, 0}, bind[3] = {0, 0, 0};
    check(raw(__NR_socketcall, 1, (long)family, 0) == -EAFNOSUPPORT, "socketcall: socket of family 12345: EAFNOSUPPORT");
    bind[0] = open("/dev/null", O_RDONLY);
    check(raw(__NR_socketcall, 2, (long)bind, 0) == -ENOTSOCK, "bind of a file: ENOTSOCK");
    bind[0] = 77;
    check(raw(__NR_socketcall, 2, (long)bind, 0) == -EBADF, "bind of no descriptor: EBADF");
    check(raw(__NR_socketcall, 0, (long)family, 0) == -EINVAL, "no such call: EINVAL");
    bad_blocks(__NR_socketcall, 1, "socketcall", 3, family);
}

int main(void)
{
    old_mmap();
    old_select();
    socket_calls();
    return finish();
}
