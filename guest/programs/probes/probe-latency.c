// SPDX-License-Identifier: MIT
// A process makes long system calls, one kind after the other; another, a real-time one, sleeps and wakes all the time.
// How long that one has to wait when its time is up is what the host measures, from the kernel's wake-up to awake().
// Row S08.

#include "probe.h"

#include <sched.h>
#include <sys/calls.h>
#include <sys/mman.h>
#include <time.h>

enum { BYTES = 4 << 20, PAGE = 4096, ARGUMENTS = 1000 };

/// The host counts here.
void awake(const char *call);
__attribute__((noinline, noclone)) void awake(const char *call) { __asm__ volatile("" : : "r"(call) : "memory"); }
/// The kind of call that comes now, for both processes.
static const char *volatile *long_call;

static char *memory;

static void urgent(void)
{
    struct sched_param priority = {50};
    struct timespec moment = {0, 100000};
    if (sched_setscheduler(0, SCHED_FIFO, &priority))
        _exit(1);
    for (;;) {
        nanosleep(&moment, NULL);
        const char *call = *long_call;
        (void)*(const volatile char *)call; // here, so that the host can read it
        awake(call);
    }
}

static void big_write(void)
{
    int fd = open("/big", O_RDWR | O_CREAT | O_TRUNC, 0600);
    check(write(fd, memory, BYTES) == BYTES, "a write of %d bytes", BYTES);
    close(fd);
}

static void big_read(void)
{
    int fd = open("/big", O_RDONLY);
    check(read(fd, memory, BYTES) == BYTES, "a read of %d bytes", BYTES);
    close(fd);
}

static void big_fork(void)
{
    int status = -1;
    pid_t pid = fork();
    if (!pid)
        _exit(7);
    waitpid(pid, &status, 0);
    check(status == 7 << 8, "a fork of %d pages", BYTES / PAGE);
}

static void big_unmap(void)
{
    char *more = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x8000 /* MAP_POPULATE */, -1, 0);
    check(more != MAP_FAILED && munmap(more, BYTES) == 0, "%d pages mapped and unmapped", BYTES / PAGE);
}

/// The program's own file with very many arguments: main returns at once.
static void big_exec(void)
{
    static char *arguments[ARGUMENTS + 2], filler[100];
    memset(filler, 'x', sizeof filler - 1);
    arguments[0] = "probe-latency";
    for (int i = 1; i <= ARGUMENTS; i++)
        arguments[i] = filler;
    int status = -1;
    pid_t pid = fork();
    if (!pid) {
        execve("/proc/self/exe", arguments, NULL);
        _exit(1);
    }
    waitpid(pid, &status, 0);
    check(status == 3 << 8, "an exec with %d arguments: status 0x%04x", ARGUMENTS, status);
}

int main(int argc, char **argv __attribute__((unused)))
{
    if (argc > ARGUMENTS)
        return 3;
    long_call = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    memory = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(memory, 1, BYTES);
    *long_call = "";
    pid_t pid = fork();
    if (!pid)
        urgent();
    static const struct {
        const char *name;
        void (*make)(void);
    } calls[] = {{"write", big_write}, {"read", big_read}, {"fork", big_fork}, {"mmap", big_unmap}, {"execve", big_exec}};
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
        for (int times = 0; times < 3; times++) {
            *long_call = calls[i].name;
            calls[i].make();
        }
    *long_call = "";
    kill(pid, SIGKILL);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == SIGKILL, "the urgent one has been there to the end: status 0x%04x", status);
    return finish();
}
