// SPDX-License-Identifier: MIT
// Memory mapped, shared, locked, and programs that cannot be executed, again and again: the host compares what the kernel has
// given out before and after (tests/guest/memory_leaks.cpp). Symbols: those of ledger.h.

#include "probe.h"

#include "ledger.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE 4096
enum { SEMOP = 1, SEMGET, SEMCTL, MSGSND = 11, MSGRCV, MSGGET, MSGCTL, SHMAT = 21, SHMDT, SHMGET, SHMCTL };
#define PRIVATE_NEW 01600

static long ipc(long call, long a, long b, long c, const void *pointer)
{
    return syscall(__NR_ipc, call, a, b, c, (long)pointer, 0);
}
static void reap(void)
{
    int status;
    while (wait(&status) > 0)
        ;
}

static void semaphores(void)
{
    struct {
        unsigned short number;
        short add, flags;
    } up = {0, 1, 0x1000};
    long none = 0, id = ipc(SEMGET, 0, 3, PRIVATE_NEW, NULL);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(ipc(SEMOP, id, 1, 0, &up)); // its undo list goes with it
    reap();
    if (fork() == 0) {
        ipc(SEMOP, id, 1, 0, &up);
        ipc(SEMCTL, id, 0, 0, &none); // the set goes before the list
        _exit(0);
    }
    reap();
    check(ipc(SEMCTL, id, 0, 12, &none) == -1, "the set is gone");
}

static void segments_and_messages(void)
{
    struct {
        long type;
        char text[100];
    } message = {1, "left in the queue"};
    unsigned long address = 0;
    long id = ipc(SHMGET, 0, 5 * PAGE, PRIVATE_NEW, NULL), queue = ipc(MSGGET, 0, PRIVATE_NEW, 0, NULL);
    ipc(SHMAT, id, 0, (long)&address, NULL);
    memset((void *)address, 1, 5 * PAGE);
    if (fork() == 0) {
        ipc(SHMAT, id, 0, (long)&address, NULL);
        munmap((char *)address + PAGE, PAGE); // an attachment in two pieces
        _exit(0);
    }
    reap();
    ipc(SHMCTL, id, 0, 0, NULL);
    check(*(char *)address == 1 && ipc(SHMDT, 0, 0, 0, (void *)address) == 0, "a segment outlives its removal");
    for (int i = 0; i < 5; i++)
        ipc(MSGSND, queue, 100, 0, &message);
    ipc(MSGSND, queue, 100, 0, (void *)0x10000);
    check(ipc(MSGCTL, queue, 0, 0, NULL) == 0, "a queue goes with what is in it");
}

static void mappings(void)
{
    int fd = open("/tmp/probe-leaks-memory.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ftruncate(fd, 8 * PAGE);
    char *shared = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char *copy = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    memset(shared, 1, 8 * PAGE);
    memset(copy, 2, 8 * PAGE);
    mprotect(copy + PAGE, PAGE, PROT_READ); // three areas
    ftruncate(fd, 3 * PAGE);
    if (fork() == 0) {
        copy[0] = 3;
        syscall(__NR_mremap, shared, 8 * PAGE, 64 * PAGE, 1, 0);
        *(char *)mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) = 1;
        _exit(0);
    }
    reap();
    munmap(shared, 8 * PAGE);
    munmap(copy, 8 * PAGE);
    close(fd);
    check(unlink("/tmp/probe-leaks-memory.tmp") == 0, "a file mapped in every way is gone");
}

static void locked(void)
{
    if (fork() == 0) {
        char *area = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        syscall(__NR_mlock, area + PAGE, 3 * PAGE);
        syscall(__NR_mlockall, 3);
        syscall(__NR_munlock, area, 2 * PAGE);
        _exit(0);
    }
    reap();
}

static void try_exec(const char *name, char *const argv[])
{
    if (fork() == 0) {
        execve(name, argv, (char *[]){NULL});
        _exit(1);
    }
    reap();
}

/// Programs that are refused early, late, and killed when the old one is gone.
static void bad_programs(void)
{
    static char self[256], bytes[300000], big[200000];
    static const char name[] = "/tmp/probe-leaks-memory.elf";
    readlink("/proc/self/exe", self, sizeof self - 1);
    int fd = open(self, O_RDONLY), length = read(fd, bytes, sizeof bytes);
    close(fd);
    memset(big, 'x', sizeof big - 1);
    for (int broken = 0; broken < 4; broken++) {
        int *header = (int *)(bytes + *(int *)(bytes + 28)), old = header[broken == 3 ? 0 : 1 + broken];
        header[broken == 3 ? 0 : 1 + broken] = broken == 3 ? 3 : 0x30001000; // offset, address, ...; or PT_INTERP
        fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0755);
        write(fd, bytes, length);
        close(fd);
        header[broken == 3 ? 0 : 1 + broken] = old;
        try_exec(name, (char *[]){"x", NULL});
        unlink(name);
    }
    try_exec(self, (char *[]){"x", big, NULL});
    try_exec(self, (char *[]){"x", (char *)0x10000, NULL});
    try_exec("/tmp", (char *[]){"x", NULL});
}

int main(int argc, char **argv)
{
    if (argc != 1 || strcmp(argv[0], "x") == 0)
        return 0;
    ledger_twice("semaphores", semaphores);
    ledger_twice("shared memory and messages", segments_and_messages);
    ledger_twice("mappings of a file", mappings);
    ledger_twice("locked memory", locked);
    ledger_twice("programs that cannot be executed", bad_programs);
    return finish();
}
