// SPDX-License-Identifier: MIT
// Who may trace whom, what attaching and detaching do, which of the two parents hears what, and a tracer that goes away.
// Rows: X05 the debugger becomes ->parent: its wait sees the child, the real parent's is held back; E10.

#include "tracee.h"

#include <sched.h>
#include <sys/stat.h>
#include <time.h>

static void nap(void)
{
    struct timespec a_little = {0, 20000000};
    nanosleep(&a_little, NULL);
}

/// A child that sleeps until somebody kills it, then 0.
static pid_t sleeper(void)
{
    pid_t pid = fork();
    while (pid == 0)
        pause();
    nap();
    return pid;
}

static long attach(pid_t pid) { return ptrace(PTRACE_ATTACH, pid, NULL, NULL) ? -errno : 0; }
static long detach(pid_t pid) { return ptrace(PTRACE_DETACH, pid, NULL, NULL) ? -errno : 0; }

static void attach_and_detach(void)
{
    pid_t pid = sleeper();
    long word = 0;
    check(ptrace(PTRACE_PEEKDATA, pid, (void *)&failures, &word) == -1 && errno == ESRCH, "no tracee of ours: ESRCH");
    check(attach(pid) == 0, "ATTACH");
    int status = wait_for(pid);
    check(status == STOPPED_BY(SIGSTOP), "it stops by SIGSTOP: status 0x%x", status);
    check(state_of(pid) == 't' || state_of(pid) == 'T', "its state is %c", state_of(pid));
    check(ptrace(PTRACE_PEEKDATA, pid, (void *)&failures, &word) == 0, "its memory can be read");
    check(attach(pid) == -EPERM, "a second ATTACH: EPERM");
    check(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0, "CONT");
    nap();
    check(ptrace(PTRACE_PEEKDATA, pid, (void *)&failures, &word) == -1 && errno == ESRCH, "while it runs: ESRCH");
    kill(pid, SIGUSR1);
    status = wait_for(pid);
    check(status == STOPPED_BY(SIGUSR1), "a signal stops it: status 0x%x", status);
    check(detach(pid) == 0, "DETACH, without the signal");
    nap();
    check(state_of(pid) == 'S', "it sleeps again, state %c", state_of(pid));
    kill(pid, SIGTERM);
    status = wait_for(pid);
    check(status == SIGTERM, "and dies like everybody: status 0x%x", status);
}

static void attach_to_stopped(void)
{
    pid_t pid = sleeper();
    kill(pid, SIGSTOP);
    int status = -1;
    waitpid(pid, &status, WUNTRACED);
    check(attach(pid) == 0, "ATTACH to a stopped process");
    status = wait_for(pid);
    check(status == STOPPED_BY(SIGSTOP), "its tracer sees a stop: status 0x%x", status);
    detach(pid);
    kill(pid, SIGCONT);
    nap();
    check(state_of(pid) == 'S', "after DETACH and SIGCONT it goes on, state %c", state_of(pid));
    kill(pid, SIGKILL);
    wait_for(pid);
}

static void permissions(void)
{
    check(attach(getpid()) == -EPERM, "nobody traces itself");
    check(attach(30000) == -ESRCH, "a process that is not there: ESRCH");
    check(native() || attach(1) == -EPERM, "init belongs to nobody");
    if (geteuid() != 0 || native())
        return;
    pid_t roots = sleeper(), tracer = fork();
    if (tracer == 0) {
        if (setgid(1000) || setuid(1000))
            _exit(1);
        if (attach(roots) != -EPERM)
            _exit(2);
        pid_t own = sleeper(); // its memory may hold what root knew: not dumpable
        if (attach(own) != -EPERM)
            _exit(4);
        kill(own, SIGKILL);
        raw(__NR_prctl, 4, 1, 0); // PR_SET_DUMPABLE
        own = sleeper();
        if (attach(own) != 0 || wait_for(own) != STOPPED_BY(SIGSTOP))
            _exit(3);
        kill(own, SIGKILL);
        _exit(0);
    }
    int status = wait_for(tracer);
    check(status == 0, "user 1000 may trace its own processes only: status 0x%x", status);
    kill(roots, SIGKILL);
    wait_for(roots);
}

/// A child that makes a child, tells us its number, and does what it is told by bytes in a pipe.
struct family {
    pid_t parent, child;
    int orders[2], answers[2], child_orders[2];
};

static void be_child(struct family *f)
{
    char order;
    close(f->orders[1]);
    close(f->child_orders[1]);
    _exit(read(f->child_orders[0], &order, 1) == 1 ? 6 : 7);
}

static void be_parent(struct family *f)
{
    char order;
    f->child = fork();
    if (f->child == 0)
        be_child(f);
    write(f->answers[1], &f->child, sizeof f->child);
    close(f->child_orders[1]);
    close(f->orders[1]);
    while (read(f->orders[0], &order, 1) == 1) {
        long answer[2] = {0, -1};
        answer[0] = waitpid(f->child, (int *)&answer[1], WNOHANG | WUNTRACED);
        write(f->answers[1], answer, sizeof answer);
    }
    _exit(0);
}

static void make_family(struct family *f)
{
    pipe(f->orders);
    pipe(f->answers);
    pipe(f->child_orders);
    f->parent = fork();
    if (f->parent == 0)
        be_parent(f);
    read(f->answers[0], &f->child, sizeof f->child);
}

/// What waitpid(child, WNOHANG | WUNTRACED) of the real parent says.
static long parents_wait(struct family *f, long *status)
{
    long answer[2] = {-99, -1};
    write(f->orders[1], "w", 1);
    read(f->answers[0], answer, sizeof answer);
    *status = answer[1];
    return answer[0];
}

static void end_family(struct family *f)
{
    close(f->orders[1]);
    close(f->child_orders[1]);
    wait_for(f->parent);
}

static void two_parents(void)
{
    struct family f;
    long status, pid;
    make_family(&f);
    nap();
    check(attach(f.child) == 0 && wait_for(f.child) == STOPPED_BY(SIGSTOP), "a grandchild is traced; we see its stop");
    pid = parents_wait(&f, &status);
    check(pid == 0, "its real parent does not: waitpid gives %ld", pid);
    ptrace(PTRACE_CONT, f.child, NULL, NULL);
    write(f.child_orders[1], "x", 1);
    nap();
    pid = parents_wait(&f, &status);
    check(pid == 0, "it has ended: the real parent's wait is held back, waitpid gives %ld", pid);
    int seen = wait_for(f.child);
    check(seen == 6 << 8, "the tracer sees the end first: status 0x%x", seen);
    pid = parents_wait(&f, &status);
    check(pid == f.child && status == 6 << 8, "now the real parent gets it: waitpid gives %s, status 0x%lx",
          pid == f.child ? "the child" : "something else", status);
    end_family(&f);
}

static void tracer_goes_away(void)
{
    struct family f;
    long status, pid;
    make_family(&f);
    nap();
    pid_t tracer = fork();
    if (tracer == 0) {
        if (attach(f.child) || wait_for(f.child) != STOPPED_BY(SIGSTOP))
            _exit(1);
        ptrace(PTRACE_SYSCALL, f.child, NULL, NULL);
        wait_for(f.child); // the interrupted read() begins again
        _exit(0);
    }
    int seen = wait_for(tracer);
    check(seen == 0, "a tracer ends while its tracee is stopped: status 0x%x", seen);
    nap();
    check(state_of(f.child) == 'S', "the tracee sleeps in its call, state %c", state_of(f.child));
    write(f.child_orders[1], "x", 1);
    nap();
    pid = parents_wait(&f, &status);
    check(pid == f.child && status == 6 << 8, "it goes on, untraced, to its end: status 0x%lx", status);
    end_family(&f);
}

/// The real parent ignores SIGCHLD: when the tracer has seen the end, nothing is left of the child.
static void parent_who_does_not_ask(void)
{
    struct family f;
    signal(SIGCHLD, SIG_IGN); // inherited by the family
    make_family(&f);
    signal(SIGCHLD, SIG_DFL);
    nap();
    check(attach(f.child) == 0 && wait_for(f.child) == STOPPED_BY(SIGSTOP), "a grandchild whose parent ignores SIGCHLD");
    ptrace(PTRACE_CONT, f.child, NULL, NULL);
    write(f.child_orders[1], "x", 1);
    int seen = wait_for(f.child);
    check(seen == 6 << 8, "its tracer sees the end: status 0x%x", seen);
    check(kill(f.child, 0) == -1 && errno == ESRCH, "and it is gone");
    end_family(&f);
}

static volatile int thread_id;
static char thread_stack[8192] __attribute__((aligned(16)));
static int thread_body(void *order)
{
    char byte;
    read(((int *)order)[0], &byte, 1);
    raw(__NR_exit, 0, 0, 0);
    return 0;
}

/// A process with two threads; the number of the second is written to `answer`.
static pid_t two_threads(int *order, int answer)
{
    pid_t pid = fork();
    if (pid == 0) {
        enum { THREAD = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 }; // CLONE_VM FS FILES SIGHAND THREAD
        thread_id = clone(thread_body, thread_stack + sizeof thread_stack, THREAD, order, NULL, NULL, NULL);
        write(answer, (int *)&thread_id, sizeof thread_id);
        nap();
        nap();
        nap();
        nap();
        raw(__NR_exit, 4, 0, 0); // this thread only: the process ends with its last
    }
    return pid;
}

/// A traced thread has ended, and its tracer ends without having asked: the process can still be waited for.
static void tracer_of_a_thread_goes_away(void)
{
    int order[2], answer[2], thread;
    pipe(order);
    pipe(answer);
    pid_t pid = two_threads(order, answer[1]), tracer;
    read(answer[0], &thread, sizeof thread);
    tracer = fork();
    if (tracer == 0) {
        if (attach(thread) || wait_for(thread) != STOPPED_BY(SIGSTOP))
            _exit(1);
        ptrace(PTRACE_CONT, thread, NULL, NULL);
        write(order[1], "x", 1);
        nap();
        _exit(0);
    }
    int seen = wait_for(tracer);
    check(seen == 0, "the tracer of a thread does not ask for its end: status 0x%x", seen);
    int status = -1;
    for (int tries = 0; tries < 20 && waitpid(pid, &status, WNOHANG) == 0; tries++)
        nap();
    check(status == 4 << 8, "the process ends and is waited for: status 0x%x", status);
}

/// Who may not become root gets nobody to do so by tracing a program that does.
static void setuid_program(void)
{
    if (geteuid() != 0 || native())
        return;
    char program[] = "/tmp/probe-ptrace-attach.suid";
    static char bytes[4096];
    int from = open("/proc/self/exe", O_RDONLY), to = open(program, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    for (long n; (n = read(from, bytes, sizeof bytes)) > 0;)
        write(to, bytes, n);
    close(to);
    chmod(program, 04755);
    for (int traced = 0; traced < 2; traced++) {
        pid_t pid = fork();
        if (pid == 0) {
            setgid(1000);
            setuid(1000);
            pid_t child = fork();
            if (child == 0) {
                if (traced)
                    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
                execl(program, program, "who", (char *)NULL);
                _exit(9);
            }
            int status = wait_for(child);
            while (WIFSTOPPED(status))
                status = go_on(child, PTRACE_CONT, 0);
            _exit(WEXITSTATUS(status));
        }
        int status = wait_for(pid);
        check(status == (traced ? 1 : 0) << 8, "a set-user-id program %s root: status 0x%x",
              traced ? "that is traced does not become" : "becomes", status);
    }
    unlink(program);
}

/// A tracee of ours that is killed while it is stopped.
static int never_runs(void) { return 1; }
static void kill_while_stopped(void)
{
    pid_t pid = start_tracee(never_runs);
    kill(pid, SIGCONT);
    nap();
    check(state_of(pid) == 't' || state_of(pid) == 'T', "SIGCONT does not end a traced stop: state %c", state_of(pid));
    kill(pid, SIGKILL);
    int status = wait_for(pid);
    check(status == SIGKILL, "SIGKILL does: status 0x%x", status);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return geteuid() != 0;
    attach_and_detach();
    attach_to_stopped();
    permissions();
    two_parents();
    tracer_goes_away();
    parent_who_does_not_ask();
    tracer_of_a_thread_goes_away();
    setuid_program();
    kill_while_stopped();
    return finish();
}
