// SPDX-License-Identifier: MIT
// From the kernel's negative result to errno.
// Rows: W06 and W07 -errno becomes -1 and errno; W08 reasons; W10 exactly -4095 to -1 are errors; W12 perror;
// W14 success leaves errno alone; W15 printf may change it; W18 and W19 malloc and brk; W20 _syscallN; W22 no
// library.

#include "probe.h"

#include <sys/mman.h>

// Functions made by the macros, under numbers of their own names.
#define __NR_macro_getpid __NR_getpid
#define __NR_macro_close __NR_close
#define __NR_macro_dup2 __NR_dup2
#define __NR_macro_open __NR_open
#define __NR_macro_wait4 __NR_wait4
#define __NR_macro_llseek __NR__llseek
#define __NR_macro_mmap2 __NR_mmap2
static _syscall0(long, macro_getpid) static _syscall1(long, macro_close, int, fd) static _syscall2(
    long, macro_dup2, int, from, int,
    to) static _syscall3(long, macro_open, const char *, filename, int, flags, int,
                         mode) static _syscall4(long, macro_wait4, int, pid, int *, status, int, options, void *,
                                                usage) static _syscall5(long, macro_llseek, int, fd, long, high,
                                                                        long, low, loff_t *, result, int,
                                                                        whence) static _syscall6(long, macro_mmap2,
                                                                                                 long, address,
                                                                                                 long, length, long,
                                                                                                 protection, long,
                                                                                                 flags, long, fd,
                                                                                                 long, page)

    static void macros(void) {
    check(macro_getpid() == getpid(), "_syscall0: getpid");
    long fd = macro_open("/etc/passwd", O_RDONLY, 0);
    check(fd >= 0, "_syscall3: open gives descriptor %ld", fd);
    check(macro_dup2(fd, 50) == 50, "_syscall2: dup2");
    check(macro_close(50) == 0, "_syscall1: close");
    check(macro_close(50) == -1 && errno == EBADF, "_syscall1: close again, errno %d", errno);
    check(macro_wait4(-1, NULL, 0, NULL) == -1 && errno == ECHILD, "_syscall4: wait4 without a child, errno %d",
          errno);
    loff_t where = -1;
    check(macro_llseek(fd, 0, 3, &where, SEEK_SET) == 0 && where == 3, "_syscall5: _llseek to %lld", where);
    long page = macro_mmap2(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    check((page & 4095) == 0 && *(char *)page == 'r', "_syscall6: mmap2 of /etc/passwd, first byte %c",
          *(char *)page);
    munmap((void *)page, 4096);
    close(fd);
}

static void results(void)
{
    check(raw(__NR_open, (long)"/none", 0, 0) == -2, "bare open(\"/none\"): eax is -2");
    int result = open("/none", O_RDONLY);
    check(result == -1 && errno == 2, "open(\"/none\"): %d, errno %d", result, errno);
    check(getpid() > 0 && errno == 2, "errno after a getpid() that succeeds: %d", errno);
    check(lseek(1, 0, 77) == -1 && (errno == EINVAL || errno == ESPIPE), "lseek with a bad whence: errno %d",
          errno);

    // The wrapper's comparison itself: a result in eax as the stubs leave it.
    extern long __probe_return(long eax);
    errno = 0;
    check(__probe_return(-4095) == -1 && errno == 4095, "eax = -4095: -1, errno %d", errno);
    errno = 0;
    check(__probe_return(-4096) == -4096 && errno == 0, "eax = -4096: returned as it is, errno %d", errno);
    check(__probe_return(-1) == -1 && errno == 1, "eax = -1: -1, errno %d", errno);
}

/// The end of every stub (RETURN_OR_ERRNO of syscall/enter.h), without the trap.
__asm__("    .text\n"
        "    .globl __probe_return\n"
        "__probe_return:\n"
        "    movl 4(%esp), %eax\n"
        "    cmpl $-4095, %eax\n"
        "    jae __syscall_error\n"
        "    ret\n");

static void perror_text(void)
{
    int ends[2], kept = dup(2);
    char text[64] = "";
    pipe(ends);
    dup2(ends[1], 2);
    errno = ENOENT;
    perror("x");
    dup2(kept, 2);
    long n = read(ends[0], text, sizeof text - 1);
    check(n == 29 && strcmp(text, "x: No such file or directory\n") == 0, "perror(\"x\"): %ld bytes", n);
    close(ends[0]);
    close(ends[1]);
    close(kept);
}

static void stale_errno(void)
{
    FILE *file = fdopen(77, "w"); // no such descriptor
    setvbuf(file, NULL, _IONBF, 0);
    errno = ENOENT;
    fprintf(file, "text");
    check(errno == EBADF, "errno after fprintf to a closed descriptor: %d", errno);
}

static void heap(void)
{
    char *before = sbrk(0);
    char *block = malloc(1 << 20);
    char *during = sbrk(0);
    memset(block, 1, 1 << 20);
    check(during - before >= 1 << 20, "malloc(1 MB) raises the break by %ld", (long)(during - before));
    free(block);
    check((char *)sbrk(0) < during, "free() lowers it again by %ld", (long)(during - (char *)sbrk(0)));
    void *a = malloc(16);
    during = sbrk(0);
    void *b = malloc(16);
    check(a && b && a != b && sbrk(0) == during, "a second malloc(16) leaves it alone");
    free(a);
    free(b);
}

int main(void)
{
    results();
    perror_text();
    stale_errno();
    macros();
    heap();
    return finish();
}
