// SPDX-License-Identifier: MIT
// Core files: who leaves one, under what name, and what is in it. Children crash on purpose; the parent reads what they left.
// Truth: core(5), elf(5); [linux-2.6.11] fs/exec.c: do_coredump, fs/binfmt_elf.c: elf_core_dump. On a host's Linux it needs a
// core_pattern of "core", and programs that share memory outlive each other there.
// Symbols: core_trap, where the child of `probe-core --cat` dies; that one prints the core file itself. `--inject`: a crash between
// two ledger_mark, again and again. `--crash` crashes at once.

#include "probe.h"

#include "ledger.h"
#include "probe-core.h"

#include <sched.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

#define SEGV_CORE (SIGSEGV | 0x80)
static char self[256];

// ---- who leaves one

static void plain(void)
{
    struct crash crash = {.limit = 0};
    check(crash_child(&crash) == SIGSEGV && !exists("core"), "without RLIMIT_CORE none is left: status %x", crash.status);
    crash.limit = 4095;
    check(crash_child(&crash) == SIGSEGV && !exists("core"), "nor with less than a page");
    crash.limit = UNLIMITED;
    check(crash_child(&crash) == SEGV_CORE && exists("core"), "a core is dumped: status %x", crash.status);
    struct stat st;
    stat("core", &st);
    check((st.st_mode & 07777) == 0600 && st.st_nlink == 1, "for its owner only: mode %o", st.st_mode);
    check_contents("core", crash.pid, 1);
    crash.signal = SIGQUIT;
    check(crash_child(&crash) == (SIGQUIT | 0x80), "SIGQUIT dumps: status %x", crash.status);
    unlink("core");
    crash.signal = SIGTERM;
    check(crash_child(&crash) == SIGTERM && !exists("core"), "SIGTERM does not");
}

static void small_limit(void)
{
    struct crash crash = {.limit = 12288};
    struct stat st = {0};
    check(crash_child(&crash) == SEGV_CORE, "a core that is cut off is one");
    stat("core", &st);
    check(st.st_blocks > 0 && st.st_blocks * 512 <= 12288, "at most 12288 bytes of it: %ld", (long)st.st_blocks * 512);
    unlink("core");
}

static void named(const char *pattern, const char *uses_pid, const char *expected)
{
    char name[200];
    struct crash crash = {.limit = UNLIMITED};
    write_file("/proc/sys/kernel/core_pattern", pattern);
    write_file("/proc/sys/kernel/core_uses_pid", uses_pid);
    crash_child(&crash);
    snprintf(name, sizeof name, expected, crash.pid);
    check(exists(name), "pattern %s, uses_pid %s: the file is %s", pattern, uses_pid, name);
    unlink(name);
    write_file("/proc/sys/kernel/core_pattern", "core");
    write_file("/proc/sys/kernel/core_uses_pid", "0");
}

static void names(void)
{
    named("core", "1", "core.%d");
    named("it-%e-%s-%u-%g-%p", "1", "it-probe-core-11-0-0-%d");
    named("100%%-%q", "0", "100%%-");
    named("/tmp/probe-core/elsewhere", "0", "/tmp/probe-core/elsewhere");
    named("a-name-of-63-characters-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaZcut-off", "1",
          "a-name-of-63-characters-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaZ");
}

/// Something that is called core is there already, and stays as it is.
static void refused(const char *what)
{
    char text[20] = "";
    struct crash crash = {.limit = UNLIMITED};
    check(crash_child(&crash) == SIGSEGV, "no core through %s: status %x", what, crash.status);
    int fd = open("precious", O_RDONLY);
    read(fd, text, sizeof text - 1);
    close(fd);
    check(strcmp(text, "precious") == 0, "what %s leads to is not touched", what);
    unlink("core");
}

static void links(void)
{
    struct crash crash = {.limit = UNLIMITED};
    write_file("precious", "precious");
    symlink("precious", "core");
    refused("a symbolic link");
    symlink("not-there", "core");
    refused("a dangling link");
    check(!exists("not-there"), "and makes nothing");
    link("precious", "core");
    refused("a hard link");
    mknod("core", S_IFIFO | 0666, 0);
    int fifo = open("core", O_RDWR);
    refused("a fifo");
    close(fifo);
    mkdir("core", 0777);
    refused("a directory");
    rmdir("core");
    unlink("precious");
    write_file("core", "a core of old");
    check(crash_child(&crash) == SEGV_CORE, "an old core is replaced");
    check_contents("core", crash.pid, 1);
}

static void rights(void)
{
    struct crash crash = {.limit = UNLIMITED, .uid = 1000, .stays_dumpable = 1};
    struct stat st = {0};
    check(crash_child(&crash) == SEGV_CORE && !stat("core", &st) && st.st_uid == 1000, "a user's core is the user's");
    unlink("core");
    crash.stays_dumpable = 0;
    check(crash_child(&crash) == SIGSEGV && !exists("core"), "who has changed its user leaves none");
    crash.stays_dumpable = 1;
    chmod(".", 0755);
    check(crash_child(&crash) == SIGSEGV && !exists("core"), "nor who may not write here");
    chmod(".", 0777);
    write_file("core", "root's");
    chmod("core", 0644);
    check(crash_child(&crash) == SIGSEGV, "nor over another user's file");
    unlink("core");
    crash.program = "./unreadable";
    copy_file(self, crash.program, 0711);
    check(crash_child(&crash) == SIGSEGV && !exists("core"), "a program that may not be read shows nothing");
    chmod(crash.program, 0755);
    check(crash_child(&crash) == SEGV_CORE, "one that may does: status %x", crash.status);
    unlink("core");
    unlink(crash.program);
}

static void full_disk(void)
{
    static char block[65536];
    int fd = open("filler", O_WRONLY | O_CREAT, 0600);
    while (write(fd, block, sizeof block) == sizeof block)
        ;
    close(fd);
    struct crash crash = {.limit = UNLIMITED};
    struct stat st = {.st_size = -1};
    check((crash_child(&crash) & 0x7f) == SIGSEGV, "the disk is full: status %x", crash.status);
    check(stat("core", &st) || st.st_size < 8192, "what did not fit is not there: %ld bytes", (long)st.st_size);
    unlink("filler");
    unlink("core");
}

// ---- others who run in the same memory

static void threads(void)
{
    struct crash crash = {.limit = UNLIMITED, .threads = 3};
    char name[40];
    check(crash_child(&crash) == SEGV_CORE, "a thread's crash ends all four: status %x", crash.status);
    snprintf(name, sizeof name, "core.%d", crash.pid);
    check(exists(name) && !exists("core"), "with threads the number is in the name");
    check_contents(name, crash.pid, 4);
    crash.limit = 0;
    check(crash_child(&crash) == SIGSEGV && !exists(name), "without a core, too");
}

static int crash_from_vfork(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (vfork() == 0)
            *(volatile int *)4 = 1;
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static char stack[16384];
static int traced_sleeper(void *unused)
{
    ptrace(PTRACE_TRACEME, 0, unused, NULL);
    raise(SIGSTOP);
    for (;;)
        pause();
    return 0;
}

/// A tracer and its tracee share their memory. The tracee would stop in its exit, for its tracer, which waits for it.
static void crash_of_tracer(void)
{
    int status;
    pid_t tracee = clone(traced_sleeper, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL, NULL, NULL, NULL);
    waitpid(tracee, &status, 0);
    ptrace(PTRACE_SETOPTIONS, tracee, NULL, (void *)PTRACE_O_TRACEEXIT);
    ptrace(PTRACE_CONT, tracee, NULL, NULL);
    set_core_limit(UNLIMITED);
    *(volatile int *)4 = 1;
}

static void shared_memory(void)
{
    if (!native())
        check(crash_from_vfork() == SIGKILL, "a child of vfork takes its parent, whose memory it had, with it");
    int status = in_child(crash_of_tracer);
    check(status == SEGV_CORE, "a tracer and its tracee in one memory both end: status %x", status);
    remove_cores();
    long moment[2] = {0, 20000000}; // init has adopted what they left
    raw(__NR_nanosleep, (long)moment, 0, 0);
}

// ---- for the host

static void print_core(void)
{
    struct crash crash = {.limit = UNLIMITED, .threads = 2};
    char name[40], buffer[4096];
    crash_child(&crash);
    snprintf(name, sizeof name, "core.%d", crash.pid);
    int fd = open(name, O_RDONLY);
    for (int n; (n = read(fd, buffer, sizeof buffer)) > 0;)
        write(1, buffer, n);
    _exit(fd < 0);
}

static volatile int result;
static void crash_for_ever(void)
{
    for (;;) {
        struct crash crash = {.limit = UNLIMITED, .threads = 1};
        ledger_mark();
        result = crash_child(&crash);
        remove_cores();
        ledger_mark();
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--crash") == 0)
        die_with_known_registers();
    self[readlink("/proc/self/exe", self, sizeof self - 1)] = 0;
    mkdir("/tmp/probe-core", 0777);
    chdir("/tmp/probe-core");
    chmod(".", 0777);
    if (argc > 1 && strcmp(argv[1], "--cat") == 0)
        print_core();
    if (argc > 1 && strcmp(argv[1], "--inject") == 0)
        crash_for_ever();
    ledger_twice("plain", plain);
    ledger_twice("small limit", small_limit);
    ledger_twice("names", names);
    ledger_twice("links", links);
    ledger_twice("rights", rights);
    ledger_twice("threads", threads);
    ledger_twice("shared memory", shared_memory);
    ledger_twice("full disk", full_disk);
    return finish();
}
