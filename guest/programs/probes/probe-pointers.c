// SPDX-License-Identifier: MIT
// Arguments that no correct program passes: the kernel must refuse each with the errno that Linux gives.
// Rows: U02 descriptors; U03 PIDs; U04 kernel addresses; U05 unmapped and foreign addresses; U06 read-only memory;
// U11 EFAULT; U13 neighbours of a filled buffer stay as they were.

#include "probe.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define KERNEL ((void *)0xC0100000)
#define UNMAPPED ((void *)0x10000)

static void fails(const char *what, long result, int wanted)
{
    int seen = errno;
    check(result == -1 && seen == wanted, "%s: %ld, errno %d (%s)", what, result, seen, strerror(seen));
}

static void descriptors(void)
{
    char byte = 0;
    fails("read(99)", read(99, &byte, 1), EBADF);
    fails("write(99)", write(99, &byte, 1), EBADF);
    fails("close(-1)", close(-1), EBADF);
    fails("dup(0x7fffffff)", dup(0x7fffffff), EBADF);
    int fd = open("/etc/passwd", O_RDONLY);
    fails("write to a descriptor opened O_RDONLY", write(fd, &byte, 1), EBADF);
    close(fd);
    fd = open("/tmp/probe-pointers.tmp", O_WRONLY | O_CREAT, 0600);
    fails("read from one opened O_WRONLY", read(fd, &byte, 1), EBADF);
    close(fd);
}

static void processes(void)
{
    fails("kill(30000, 0)", kill(30000, 0), ESRCH);
    fails("waitpid without a child", waitpid(-1, NULL, 0), ECHILD);
    fails("waitpid(getpid())", waitpid(getpid(), NULL, 0), ECHILD);
    fails("setpgid(30000, 0)", setpgid(30000, 0), ESRCH);
    fails("kill(getpid(), 65)", kill(getpid(), 65), EINVAL);
}

static void addresses(int file)
{
    int ends[2];
    pipe(ends);
    fails("write from kernel memory", write(ends[1], KERNEL, 4), EFAULT);
    fails("read into kernel memory", read(file, KERNEL, 4), EFAULT);
    fails("write from an unmapped page", write(ends[1], UNMAPPED, 4), EFAULT);
    fails("read into an unmapped page", read(file, UNMAPPED, 4), EFAULT);
    fails("write from the last byte of the address space", write(ends[1], (void *)0xFFFFFFFF, 4), EFAULT);
    fails("open with a kernel address as its name", open(KERNEL, O_RDONLY), EFAULT);
    fails("open with an unmapped name", open(UNMAPPED, O_RDONLY), EFAULT);
    fails("pipe into kernel memory", pipe(KERNEL), EFAULT);
    fails("stat into an unmapped page", stat("/", UNMAPPED), EFAULT);
    fails("uname into kernel memory", uname(KERNEL), EFAULT);
    close(ends[0]);
    close(ends[1]);
}

static const int constant_in_text = 0x12345678;

static void access_rights(int file)
{
    lseek(file, 0, SEEK_SET);
    fails("read into the program's text", read(file, (void *)&constant_in_text, 4), EFAULT);
    check(*(volatile const int *)&constant_in_text == 0x12345678, "which is unchanged");

    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(page, "kept");
    mprotect(page, 4096, PROT_READ);
    fails("read into a page made read-only", read(file, page, 4), EFAULT);
    check(strcmp(page, "kept") == 0, "which is unchanged");
    munmap(page, 4096);
}

/// A page that only the child maps: the child can pass it to the kernel, the parent cannot.
static void foreign_address(void)
{
    void *address = (void *)0x60000000;
    int to_parent[2], to_child[2], out[2];
    char byte;
    pipe(to_parent);
    pipe(to_child);
    pipe(out);
    pid_t pid = fork();
    if (pid == 0) {
        void *page = mmap(address, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        int good = page == address && write(out[1], address, 4) == 4;
        write(to_parent[1], "x", 1);
        read(to_child[0], &byte, 1);
        _exit(good ? 0 : 1);
    }
    read(to_parent[0], &byte, 1);
    fails("write from an address that only the child has mapped", write(out[1], address, 4), EFAULT);
    write(to_child[1], "x", 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "the child itself could write from it: status 0x%04x", status);
}

/// The kernel fills exactly its struct.
static void neighbours(void)
{
    struct {
        char before[16];
        struct stat stat;
        char after[16];
    } room;
    memset(&room, 0x5a, sizeof room);
    int good = stat("/", &room.stat) == 0;
    for (int i = 0; i < 16; i++)
        good &= room.before[i] == 0x5a && room.after[i] == 0x5a;
    check(good, "stat fills its 96 bytes and no others");

    int words[4] = {1, 2, 3, 4};
    good = pipe(words + 1) == 0 && words[0] == 1 && words[3] == 4;
    check(good, "pipe fills its 8 bytes and no others");
    close(words[1]);
    close(words[2]);
}

int main(void)
{
    static const char path[] = "/tmp/probe-pointers.tmp";
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, "0123456789", 10);
    lseek(file, 0, SEEK_SET);
    descriptors();
    processes();
    addresses(file);
    access_rights(file);
    foreign_address();
    neighbours();
    close(file);
    unlink(path);
    return finish();
}
