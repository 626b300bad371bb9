// SPDX-License-Identifier: MIT
// Copies between the kernel and a user that end early, fault on the way or sleep, and privileges.
// Rows: U10 a copy says how much is left; U12 page faults inside copies, and sleeping there; U13 filled buffers; U14 and U16
// privileges; U11 the errno. Symbols: a function `..._next` is called right before what it names.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#define KERNEL ((void *)0xC0100000)
#define PAGE 4096
#define MARK(name)                                                                                                     \
    __attribute__((noinline)) void name(void) { __asm__ volatile(""); }
MARK(hole_read_next)
MARK(hole_timer_next)
MARK(kernel_timer_next)
MARK(demand_zero_next)
MARK(file_page_next)
MARK(copy_on_write_next)
MARK(unmap_next)
MARK(unmapped)
MARK(before_privilege)
MARK(after_privilege)

char *straddle; ///< 10 bytes before a hole
char *sleepers_page;
static const char path[] = "/tmp/probe-uaccess.tmp";
static int file;

static void *pages(int n) { return mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

static void holes(void)
{
    char *two = pages(2);
    munmap(two + PAGE, PAGE);
    straddle = two + PAGE - 10;
    memset(straddle, '-', 10);
    lseek(file, 0, SEEK_SET);
    hole_read_next();
    long got = read(file, straddle, 16);
    check(got == 10 && memcmp(straddle, "0123456789", 10) == 0, "read of 16 bytes with 10 before a hole: %ld", got);
    hole_timer_next();
    got = setitimer(ITIMER_REAL, (void *)straddle, NULL);
    check(got == -1 && errno == EFAULT, "a struct that ends in a hole: %ld, %s", got, strerror(errno));
    kernel_timer_next();
    got = setitimer(ITIMER_REAL, KERNEL, NULL);
    check(got == -1 && errno == EFAULT && strcmp(strerror(errno), "Bad address") == 0, "a struct of the kernel's: %s", strerror(errno));
}

static void faults(void)
{
    char *fresh = pages(1);
    int ends[2];
    pipe(ends);
    lseek(file, 0, SEEK_SET);
    demand_zero_next();
    check(read(file, fresh + 100, 16) == 16 && memcmp(fresh + 100, "0123456789abcdef", 16) == 0 && fresh[99] == 0,
          "read into a page that is not there yet");
    char *mapped = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
    file_page_next();
    check(write(ends[1], mapped, 16) == 16 && read(ends[0], fresh, 16) == 16 && memcmp(fresh, "0123456789abcdef", 16) == 0,
          "write from a page of a file that nobody has touched");
    strcpy(fresh, "the parent's");
    pid_t pid = fork();
    if (pid == 0) {
        lseek(file, 0, SEEK_SET);
        copy_on_write_next();
        _exit(read(file, fresh, 4) == 4 && memcmp(fresh, "0123parent's", 12) == 0 ? 0 : 1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0 && strcmp(fresh, "the parent's") == 0, "read into a page shared by copy-on-write: 0x%04x", status);
}

static volatile int stop, sleeper_read;

/// Shares the address space: reads into a page that is not there, again and again, until it met the other's munmap.
static int sleeper(void *unused)
{
    struct timespec soon = {0, 1000000};
    for (int i = 0; !stop; i++) {
        nanosleep(&soon, NULL);
        if (syscall(__NR_pread64, file, sleepers_page + (i % 4096) * PAGE, 4, 0, 0) != 4)
            return 1;
        sleeper_read++;
    }
    (void)unused;
    return 0;
}

/// One thread unmaps much, which takes longer than the other one sleeps; both need the address space.
static void two_threads(void)
{
    char *stack = pages(4);
    sleepers_page = pages(4096);
    long pid = clone(sleeper, stack + 4 * PAGE, CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL);
    nice(10); // the sleeper runs as soon as it wakes, in the middle of munmap
    for (int round = 0; round < 4; round++) {
        char *much = pages(6000);
        for (int i = 0; i < 6000; i++)
            much[i * PAGE] = 1;
        unmap_next();
        munmap(much, 6000 * PAGE);
        unmapped();
    }
    stop = 1;
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0 && sleeper_read > 0, "a thread that faults while another unmaps: 0x%04x", status);
    _exit(failures != 0);
}

static void filled(void)
{
    struct {
        char before[8];
        struct utsname name;
        char after[8];
    } room;
    int words[3] = {7, -1, 9};
    memset(&room, 0x5a, sizeof room);
    check(uname(&room.name) == 0 && !memcmp(room.before, "ZZZZZZZZ", 8) && !memcmp(room.after, "ZZZZZZZZ", 8), "uname fills its struct only");
    if (fork() == 0)
        _exit(5);
    check(wait(&words[1]) > 0 && words[0] == 7 && words[1] == 0x500 && words[2] == 9, "wait fills its word only");
}

static void as_user(void)
{
    if (setuid(1000))
        _exit(9);
    check(nice(-5) == -1 && errno == EPERM, "nice(-5) by user 1000: %s", strerror(errno));
    errno = 0;
    check(nice(5) != -1 || errno == 0, "nice(5) by user 1000");
    check(open("/tmp/probe-secret", O_RDONLY) == -1 && errno == EACCES, "a file of root's, mode 0600: %s", strerror(errno));
    check(kill(getppid(), 0) == -1 && errno == EPERM, "a signal to a process of root's: %s", strerror(errno));
    _exit(failures != 0);
}

static void as_root(void)
{
    before_privilege();
    errno = 0;
    check(nice(-5) != -1 || errno == 0, "nice(-5) by root");
    after_privilege();
    errno = 0;
    check(nice(5) != -1 || errno == 0, "nice(5) by root");
    _exit(failures != 0);
}

int main(void)
{
    file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, "0123456789abcdef", 16);
    holes();
    faults();
    check(in_child(two_threads) == 0, "two threads");
    filled();
    if (getuid() == 0) {
        close(open("/tmp/probe-secret", O_CREAT | O_RDWR, 0600));
        check(in_child(as_root) == 0, "root's privileges");
        check(in_child(as_user) == 0, "user 1000's privileges");
        unlink("/tmp/probe-secret");
    }
    unlink(path);
    return finish();
}
