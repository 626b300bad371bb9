// SPDX-License-Identifier: MIT
// How a failure travels: the kernel returns -errno in eax, the wrapper makes -1 and errno of it, perror makes a
// sentence.
// Rows: W06 and W07 the two conventions; W10 where errors end; W12 perror; W14 success leaves errno alone; W15 printf
// may change it.

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/// open() without the library: what the kernel left in eax.
static long bare_open(const char *path)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(__NR_open), "b"(path), "c"(O_RDONLY), "d"(0) : "memory");
    return result;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // one order for both streams
    int good = bare_open("/none") == -ENOENT;
    printf("the kernel: open(\"/none\") leaves eax = %ld\n", bare_open("/none"));

    int result = open("/none", O_RDONLY);
    int kept = errno; // before printf, which may change it
    good &= result == -1 && kept == ENOENT;
    printf("the wrapper: it returns %d, errno is %d, \"%s\"\n", result, kept, strerror(kept));

    errno = kept;
    getpid();
    good &= errno == ENOENT;
    kept = errno;
    printf("after a getpid() that succeeded errno is still %d\n", kept);

    void *top = (void *)0xfffff000; // -4096: a "negative" number that is no error
    printf("as unsigned numbers, errors are 0x%08lx to 0x%08lx; %p is none\n", -4095ul, -1ul, top);

    errno = kept;
    perror("perror says");
    return good ? 0 : 1;
}
