// SPDX-License-Identifier: MIT
// Processes made and ended in every way, each again and again: the host compares what the kernel has given out before and
// after (tests/guest/ledger.hpp). From inside: every child ends as it should.
// Rows: P11, P18, P45, C01 to C03, I01, L03.

#include "probe.h"

#include "ledger.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/types.h>

static char stack[16384] __attribute__((aligned(16)));

static int ends_with(pid_t pid, int wanted)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid && status == wanted;
}

static void just_exit(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(3);
    check(ends_with(pid, 3 << 8), "fork and exit");
}

static void full_of_things(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        int ends[2];
        for (int i = 0; i < 20; i++)
            pipe(ends);
        write(ends[1], "left behind", 11);
        open("/tmp", O_RDONLY);
        char *area = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        char *shared = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        memset(area, 1, 1 << 20);
        memset(shared, 2, 1 << 16);
        signal(SIGUSR1, SIG_IGN);
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_BLOCK, &all, NULL);
        kill(getpid(), SIGUSR2);
        _exit(4);
    }
    check(ends_with(pid, 4 << 8), "a child that leaves pipes, files, areas and a pending signal behind");
}

static void run_a_program(void)
{
    pid_t pid = vfork();
    if (pid == 0) {
        execl("/nowhere", "nowhere", (char *)NULL);
        execl("/proc/self/exe", "probe-leaks", "--exit-5", (char *)NULL);
        _exit(1);
    }
    check(ends_with(pid, 5 << 8), "vfork and execve, once in vain");
}

static void crash(void)
{
    pid_t pid = fork();
    if (pid == 0)
        *(volatile int *)0 = 1;
    check(ends_with(pid, SIGSEGV) || native(), "a child that crashes");
}

static void stop_and_kill(void)
{
    pid_t pid = fork();
    int status = 0;
    if (pid == 0)
        for (;;)
            raise(SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGCONT);
    waitpid(pid, &status, WUNTRACED | 8);
    kill(pid, SIGKILL);
    check(ends_with(pid, SIGKILL), "a child that is stopped, continued and killed");
}

/// The grandchild becomes init's child; whoever waits for the pipe's end waits for its end.
static void orphan(void)
{
    int ends[2];
    char byte;
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        if (fork() == 0) {
            while (getppid() != 1 && !native())
                sched_yield();
            _exit(0);
        }
        _exit(6);
    }
    close(ends[1]);
    check(ends_with(pid, 6 << 8), "a child that leaves a child behind");
    read(ends[0], &byte, 1);
    close(ends[0]);
    for (int i = 0; i < 50; i++) // init reaps it
        sched_yield();
}

static void session(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (setsid() < 0)
            _exit(1);
        pid_t other = fork();
        if (other == 0) {
            setpgid(0, 0);
            _exit(0);
        }
        setpgid(other, other);
        _exit(!ends_with(other, 0));
    }
    check(ends_with(pid, 0), "a session with two groups");
}

static void another_user(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (raw(__NR_setresuid32, 1000, 1000, 1000))
            _exit(1);
        pid_t other = fork();
        if (other == 0)
            _exit(0);
        _exit(!ends_with(other, 0));
    }
    check(ends_with(pid, 0) || native(), "a child that becomes user 1000 and has a child");
}

static int thread(void *argument)
{
    (void)argument;
    return 0;
}

static volatile int cleared;

static void threads(void)
{
    const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                      CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    cleared = -1;
    pid_t tid = clone(thread, stack + sizeof stack, flags, NULL, (int *)&cleared, NULL, (int *)&cleared);
    while (tid > 0 && cleared)
        sched_yield();
    for (int i = 0; i < 5; i++)
        sched_yield();
    check(tid > 0, "a thread");
}

static int sleep_on(void *argument)
{
    for (;;)
        pause();
    return argument != NULL;
}

static void group_that_is_killed(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
        clone(sleep_on, stack + 8192, flags, NULL, NULL, NULL, NULL);
        clone(sleep_on, stack + sizeof stack, flags, NULL, NULL, NULL, NULL);
        sched_yield();
        kill(getpid(), SIGTERM);
        pause();
    }
    check(ends_with(pid, SIGTERM), "a group of three threads that is killed");
}

static int become_another(void *argument)
{
    (void)argument;
    execl("/proc/self/exe", "probe-leaks", "--exit-5", (char *)NULL);
    return 1;
}

static void thread_that_executes(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
        clone(sleep_on, stack + 8192, flags, NULL, NULL, NULL, NULL);
        clone(become_another, stack + sizeof stack, flags, NULL, NULL, NULL, NULL);
        for (;;)
            pause();
    }
    check(ends_with(pid, 5 << 8), "a thread that executes another program has its leader's pid");
}

static void clone_in_vain(void)
{
    static const long flags[] = {
        CLONE_NEWNS | CLONE_FS, CLONE_THREAD | CLONE_VM, CLONE_SIGHAND, CLONE_THREAD,
        CLONE_NEWNS | CLONE_FS | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD,
    };
    int refused = 0;
    for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++)
        refused += raw(__NR_clone, flags[i] | SIGCHLD, 0, 0) == -EINVAL;
    check(refused == 5, "clone with flags that contradict each other: %d of 5 refused", refused);
    if (!native()) // later kernels do not look whether it could be written
        check(raw(__NR_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, 16) == -EFAULT, "clone that cannot write *parent_tidptr");
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "no child came of it");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--exit-5") == 0)
        return 5;
    ledger_twice("fork and exit", just_exit);
    ledger_twice("a child full of things", full_of_things);
    ledger_twice("vfork and execve", run_a_program);
    ledger_twice("a crash", crash);
    ledger_twice("stop, continue, kill", stop_and_kill);
    ledger_twice("an orphan", orphan);
    ledger_twice("sessions and groups", session);
    ledger_twice("another user", another_user);
    ledger_twice("threads", threads);
    ledger_twice("a group that is killed", group_that_is_killed);
    ledger_twice("a thread that executes", thread_that_executes);
    ledger_twice("clone in vain", clone_in_vain);
    return finish();
}
