// SPDX-License-Identifier: MIT
// Each named flag of clone, by what it makes different: one child with it and, where that can be, one without.
// Rows: C05; also P18, P28, P36, V02.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

static char stack[16384] __attribute__((aligned(16)));
#define TOP (stack + sizeof stack)

static volatile int value;
static volatile int ptid, ctid;

static int set_value(void *argument)
{
    value = (long)argument;
    return 0;
}

static int chdir_to_tmp(void *argument)
{
    (void)argument;
    return chdir("/tmp");
}

static void handler(int signal)
{
    (void)signal;
}

static int handle_usr2(void *argument)
{
    (void)argument;
    signal(SIGUSR2, handler);
    return 0;
}

static int tell_parent(void *argument)
{
    (void)argument;
    return getppid() & 0xff;
}

/// Runs `function` in a child made with these flags; its exit code, or -1.
static int child(int flags, int (*function)(void *), long argument)
{
    int status = -1;
    pid_t pid = clone(function, TOP, flags | SIGCHLD, (void *)argument, (int *)&ptid, NULL, (int *)&ctid);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void vm(void)
{
    value = 1;
    child(0, set_value, 2);
    int without = value;
    child(CLONE_VM, set_value, 3);
    check(without == 1 && value == 3, "CLONE_VM: memory is shared; without it %d stays", without);
}

static void fs(void)
{
    char before[64] = "", with[64] = "";
    chdir("/");
    child(0, chdir_to_tmp, 0);
    getcwd(before, sizeof before);
    child(CLONE_FS, chdir_to_tmp, 0);
    getcwd(with, sizeof with);
    chdir("/");
    check(!strcmp(before, "/") && !strcmp(with, "/tmp"), "CLONE_FS: the child's chdir is ours: %s, %s", before, with);
}

static void sighand(void)
{
    signal(SIGUSR2, SIG_DFL);
    child(CLONE_VM, handle_usr2, 0);
    int without = signal(SIGUSR2, SIG_DFL) == handler;
    child(CLONE_VM | CLONE_SIGHAND, handle_usr2, 0);
    int with = signal(SIGUSR2, SIG_DFL) == handler;
    check(!without && with, "CLONE_SIGHAND: the child's handler is ours");
}

static volatile int thread_pid;

static int note_pid(void *argument)
{
    (void)argument;
    thread_pid = raw(__NR_getpid, 0, 0, 0);
    return 0;
}

static void thread(void)
{
    ctid = -1;
    int flags = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID;
    pid_t tid = clone(note_pid, TOP, flags, NULL, NULL, NULL, (int *)&ctid);
    while (tid > 0 && ctid)
        sched_yield();
    check(thread_pid == getpid() && tid != getpid(), "CLONE_THREAD: its getpid is ours, its tid its own");
    check(waitpid(tid, NULL, __WALL) == -1 && errno == ECHILD, "and it is not waited for");
    check(ctid == 0, "CLONE_CHILD_CLEARTID: the word is 0 at its end");
}

static int mount_something(void *argument)
{
    (void)argument;
    return mount("none", "/tmp/mounted", "ramfs", 0, NULL) < 0 ? 1 : mkdir("/tmp/mounted/there", 0755) < 0 ? 2 : 0;
}

static void newns(void)
{
    struct stat st;
    mkdir("/tmp/mounted", 0755);
    int code = child(CLONE_NEWNS, mount_something, 0);
    int seen = stat("/tmp/mounted/there", &st) == 0;
    check(code == 0 && !seen, "CLONE_NEWNS: what the child mounts only it sees (exit code %d)", code);
    rmdir("/tmp/mounted");
}

static void vfork_flag(void)
{
    value = 0;
    pid_t pid = clone(set_value, TOP, CLONE_VM | CLONE_VFORK | SIGCHLD, (void *)4, NULL, NULL, NULL);
    int at_once = value;
    waitpid(pid, NULL, 0);
    check(at_once == 4, "CLONE_VFORK: clone returns when the child has ended");
}

static void parent_flag(void)
{
    pid_t grandparent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        pid_t sibling = clone(tell_parent, TOP, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
        _exit(!(waitpid(sibling, NULL, 0) == -1 && errno == ECHILD));
    }
    int status, own = -1, others = -1;
    for (int i = 0; i < 2; i++)
        if (wait(&status) == pid)
            own = status;
        else
            others = status;
    check(own == 0 && others == (grandparent & 0xff) << 8, "CLONE_PARENT: our child's child is ours: 0x%04x", others);
}

static void settls(void)
{
    static struct {
        unsigned entry, base, limit, flags;
    } tls = {6, 0, 0xfffff, 0x51};
    static volatile int word = 0x1234;
    tls.base = (unsigned)&word;
    long result;
    // The child has no stack of its own here: it looks through %gs and ends with what it found.
    __asm__ volatile("int $0x80\n\t"
                     "testl %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "movl $0x33, %%eax\n\t"
                     "movl %%eax, %%gs\n\t"
                     "movzbl %%gs:0, %%ebx\n\t"
                     "movl $1, %%eax\n\t"
                     "int $0x80\n"
                     "1:"
                     : "=a"(result)
                     : "a"(__NR_clone), "b"(CLONE_SETTLS | SIGCHLD), "c"(0), "d"(0), "S"(&tls), "D"(0)
                     : "memory");
    int status = -1;
    waitpid(result, &status, 0);
    check(status == 0x34 << 8 || native(), "CLONE_SETTLS: the child's %%gs reaches its block: 0x%04x", status);
}

static void tids(void)
{
    ptid = ctid = 0;
    pid_t pid = clone(set_value, TOP, CLONE_PARENT_SETTID | SIGCHLD, NULL, (int *)&ptid, NULL, (int *)&ctid);
    check(ptid == pid && ctid == 0, "CLONE_PARENT_SETTID: our word is %d, the child's stays 0", ptid);
    waitpid(pid, NULL, 0);
    ptid = ctid = 0;
    pid = clone(set_value, TOP, CLONE_VM | CLONE_CHILD_SETTID | SIGCHLD, NULL, (int *)&ptid, NULL, (int *)&ctid);
    waitpid(pid, NULL, 0);
    check(ctid == pid && ptid == 0, "CLONE_CHILD_SETTID: the word in the child's memory is %d", ctid);
}

static void stopped(void)
{
    int status = -1;
    value = 0;
    pid_t pid = clone(set_value, TOP, CLONE_VM | CLONE_STOPPED | SIGCHLD, (void *)5, NULL, NULL, NULL);
    for (int i = 0; i < 20; i++)
        sched_yield();
    int before = value;
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    check((before == 0 || native()) && value == 5 && status == 0, "CLONE_STOPPED: nothing until SIGCONT, then 0x%04x", status);
}

// ---- CLONE_PTRACE and CLONE_UNTRACED: who is traced after a clone of a traced process?

/// The tracer's side: lets all stops go on until `pid` has ended; how many other processes stopped.
static int others_that_stopped(pid_t pid, long options)
{
    int status, others = 0, first = 1;
    pid_t last_other = 0;
    for (;;) {
        pid_t got = waitpid(-1, &status, __WALL);
        if (got < 0 || (got == pid && !WIFSTOPPED(status)))
            return others;
        if (!WIFSTOPPED(status))
            continue;
        if (got == pid && first) {
            ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options);
            first = 0;
        }
        if (got != pid && got != last_other)
            others++, last_other = got;
        int signal = WSTOPSIG(status);
        ptrace(PTRACE_CONT, got, NULL, (void *)(long)(signal == SIGSTOP || signal == SIGTRAP ? 0 : signal));
    }
}

static int traced_clone(int flags, long options)
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        pid_t other = clone(set_value, TOP, flags | SIGCHLD, NULL, NULL, NULL, NULL);
        while (waitpid(other, NULL, __WALL) != other && errno == EINTR)
            ;
        _exit(0);
    }
    return others_that_stopped(pid, options);
}

static void tracing(void)
{
    enum { TRACEFORK = 2 };
    int plain = traced_clone(0, 0), handed = traced_clone(CLONE_PTRACE, 0);
    check(plain == 0 && handed == 1, "CLONE_PTRACE: the tracer gets the child: %d, without %d", handed, plain);
    int followed = traced_clone(0, TRACEFORK), untraced = traced_clone(CLONE_UNTRACED, TRACEFORK);
    check(followed == 1 && untraced == 0, "CLONE_UNTRACED: PTRACE_O_TRACEFORK does not get it: %d, without %d", untraced, followed);
}

int main(void)
{
    mkdir("/tmp", 01777);
    vm();
    fs();
    sighand();
    thread();
    vfork_flag();
    parent_flag();
    settls();
    tids();
    stopped();
    tracing();
    if (!native())
        newns();
    return finish();
}
