// SPDX-License-Identifier: MIT
// The same program by either entry. Every call goes through the library, which enters by int $0x80, or by
// AT_SYSINFO when the kernel gives one (boot word `nosysenter`: it does not). The output must be the same, and so
// must the kernel functions that a trace shows from the dispatch on.
// Rows: H16; E11 one handler for all calls; W02
// wrappers.

#include "probe.h"

#include <sys/mman.h>

int main(void)
{
    static const char path[] = "/tmp/probe-calls.tmp";
    char text[16] = "";

    check(getpid() > 0 && getppid() != getpid(), "getpid and getppid");
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(fd >= 0, "open: %d", fd);
    check(write(fd, "twelve bytes", 12) == 12, "write: 12 bytes");
    check(lseek(fd, 7, SEEK_SET) == 7, "lseek: to 7");
    check(read(fd, text, sizeof text) == 5 && strcmp(text, "bytes") == 0, "read: \"%s\"", text);
    check(lseek64(fd, 0x123456789ll, SEEK_SET) == 0x123456789ll, "_llseek, five arguments: to 0x123456789");
    check(close(fd) == 0, "close");
    check(close(fd) == -1 && errno == EBADF, "close again: errno %d", errno);
    check(unlink(path) == 0, "unlink");

    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(page != MAP_FAILED, "mmap2, six arguments");
    page[4095] = 1;
    check(munmap(page, 4096) == 0, "munmap");

    struct utsname name;
    check(uname(&name) == 0 && name.sysname[0], "uname: %s", name.sysname);
    check(sbrk(4096) != (void *)-1 && sbrk(-4096) != (void *)-1, "brk up and down");

    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(9);
    check(waitpid(pid, &status, 0) == pid && status == 9 << 8, "fork, exit and waitpid: status 0x%04x", status);
    return finish();
}
