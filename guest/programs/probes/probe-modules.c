// SPDX-License-Identifier: MIT
// Use counts of modules, seen from a process that is in a module's execution domain: forks count, a module that is going
// away lets no child in, and waits for the last task. Row P12.
//
// For a test that looks from outside: look_here(n) is called at moments that are worth a look.

#include "probe.h"

#define MY_PER_LINUX32 8

__attribute__((noinline)) void look_here(int moment) { __asm__ volatile("" : : "r"(moment)); }
__attribute__((noinline)) void before_refusal(void) { __asm__ volatile(""); }
__attribute__((noinline)) void after_refusal(void) { __asm__ volatile(""); }

static long delete_module(const char *name, int flags) { return raw(__NR_delete_module, (long)name, flags, 0); }
static long personality(long wanted) { return raw(__NR_personality, wanted, 0, 0); }

static void nothing(void) { }

static void counted(void)
{
    look_here(0);
    check(personality(MY_PER_LINUX32) == 0 && personality(-1) == MY_PER_LINUX32, "into the domain of PER_LINUX32");
    look_here(1);
    personality(MY_PER_LINUX32);
    look_here(2); // the same again is no second use
    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        read(ends[0], &byte, 1);
        _exit(0);
    }
    look_here(3); // two
    check(delete_module("exec_linux32", O_NONBLOCK) == -EWOULDBLOCK, "a module in use is not removed");
    write(ends[1], "x", 1);
    waitpid(pid, NULL, 0);
    look_here(4); // one again
    close(ends[0]), close(ends[1]);
}

static void refused(void)
{
    check(delete_module("no such", 0) == -ENOENT, "delete_module of a name that nobody has: ENOENT");
    check(delete_module((char *)8, 0) == -EFAULT, "of a bad pointer: EFAULT");
    check(delete_module("binfmt_elf", 0) == -EBUSY, "a module that cannot go: EBUSY");
    pid_t remover = fork();
    if (remover == 0) {
        personality(0); // not one of those it waits for
        _exit(delete_module("exec_linux32", 0) != 0);
    }
    usleep(20000); // now it sleeps: the module is going, and waits for us
    before_refusal();
    long pid = raw(__NR_fork, 0, 0, 0);
    if (pid == 0)
        _exit(1);
    after_refusal();
    check(pid == -EAGAIN, "fork in the domain of a module that is going: %ld", pid);
    check(waitpid(remover, NULL, WNOHANG) == 0, "its remover waits");
    look_here(5); // one: we
    personality(0);
    int status = -1;
    check(waitpid(remover, &status, 0) == remover && status == 0, "until the last task has left: status 0x%04x", status);
    look_here(6);
    check(in_child(nothing) == 0, "fork works again");
    personality(MY_PER_LINUX32);
    look_here(7); // nobody's: the default domain takes it
    check(delete_module("exec_linux32", 0) == -ENOENT, "and it is gone");
}

int main(void)
{
    counted();
    refused();
    return finish();
}
