// SPDX-License-Identifier: MIT
// The frozen list of system call numbers as "number name" lines with `probe-abi --list`; without it, a look whether
// calls with an unmistakable answer sit at their numbers in the running kernel. The numbers below are written out:
// this program must go on working as it was compiled once.
// Rows: D17 a number never changes; D11 listed entries;
// D14 read is 3.

#include "probe.h"

#include <sys/stat.h>
#include <time.h>

static void list(void)
{
#define ABI(number, name) printf("%d %s\n", number, #name);
#include "../../libc/abi/i386.def"
#undef ABI
}

static void answers(const char *name, long number, long result, int good)
{
    check(good, "%ld is %s: %ld", number, name, result);
}

static void files(void)
{
    char text[8] = "";
    long fd = raw(5, (long)"/etc/passwd", O_RDONLY, 0);
    answers("open", 5, fd, fd >= 0);
    long n = raw(3, fd, (long)text, 5);
    answers("read", 3, n, n == 5 && memcmp(text, "root:", 5) == 0);
    n = raw(19, fd, 2, SEEK_SET);
    answers("lseek", 19, n, n == 2);
    long copy = raw(41, fd, 0, 0);
    answers("dup", 41, copy, copy > fd);
    n = raw(63, fd, 60, 0);
    answers("dup2", 63, n, n == 60);
    n = raw(6, copy, 0, 0);
    answers("close", 6, n, n == 0 && raw(6, copy, 0, 0) == -EBADF);
    int ends[2];
    n = raw(42, (long)ends, 0, 0);
    answers("pipe", 42, n, n == 0 && raw(4, ends[1], (long)"abc", 3) == 3);
    n = raw(3, ends[0], (long)text, 8);
    answers("write (to read back)", 4, n, n == 3 && memcmp(text, "abc", 3) == 0);
}

static void names(void)
{
    long n = raw(39, (long)"/tmp/probe-abi", 0700, 0);
    answers("mkdir", 39, n, n == 0);
    n = raw(12, (long)"/tmp/probe-abi", 0, 0);
    answers("chdir", 12, n, n == 0);
    char text[64] = "";
    n = raw(183, (long)text, sizeof text, 0);
    answers("getcwd (with the zero byte)", 183, n, n == 15 && strcmp(text, "/tmp/probe-abi") == 0);
    raw(12, (long)"/", 0, 0);
    n = raw(40, (long)"/tmp/probe-abi", 0, 0);
    answers("rmdir", 40, n, n == 0);
    struct stat status;
    n = raw(195, (long)"/tmp", (long)&status, 0);
    answers("stat64", 195, n, n == 0 && S_ISDIR(status.st_mode));
    n = raw(33, (long)"/tmp", F_OK, 0);
    answers("access", 33, n, n == 0);
    n = raw(60, 0, 0, 0);
    answers("umask", 60, n, raw(60, n, 0, 0) == 0);
}

static void processes(void)
{
    answers("getpid", 20, raw(20, 0, 0, 0), raw(20, 0, 0, 0) == getpid());
    answers("getppid", 64, raw(64, 0, 0, 0), raw(64, 0, 0, 0) == getppid());
    answers("gettid", 224, raw(224, 0, 0, 0), raw(224, 0, 0, 0) == getpid());
    int status = -1;
    long pid = raw(2, 0, 0, 0);
    if (pid == 0)
        raw(1, 3, 0, 0);
    long n = raw(7, pid, (long)&status, 0);
    answers("fork, 1 exit, 7 waitpid", 2, n, n == pid && status == 3 << 8);
    pid = raw(2, 0, 0, 0);
    if (pid == 0)
        raw(252, 4, 0, 0);
    n = syscall(114, pid, &status, 0, 0);
    answers("exit_group, 114 wait4", 252, n, n == pid && status == 4 << 8);
    n = raw(37, getpid(), 0, 0);
    answers("kill", 37, n, n == 0);
    n = raw(158, 0, 0, 0);
    answers("sched_yield", 158, n, n == 0);
    struct utsname name;
    n = raw(122, (long)&name, 0, 0);
    answers("uname", 122, n, n == 0 && strcmp(name.sysname, "Linux") == 0);
    n = raw(45, 0, 0, 0);
    answers("brk", 45, n, (void *)n == sbrk(0));
    struct timespec moment = {0, 1};
    n = raw(162, (long)&moment, 0, 0);
    answers("nanosleep", 162, n, n == 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        list();
        return 0;
    }
    files();
    names();
    processes();
    return finish();
}
