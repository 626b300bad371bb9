// SPDX-License-Identifier: MIT
// A tracer follows its tracee's children, when it wants to and not otherwise; and the other events of PTRACE_SETOPTIONS.
// Rows: F05 X03 the child is traced on the tracer's wish, unless CLONE_UNTRACED; F10 the stop of the parent, F11 its message;
// X04 the child begins with SIGSTOP; P37 X06 without the wish it is not traced; X05 the real parent's wait is held back.

#include "tracee.h"

#include <sched.h>

#ifndef CLONE_UNTRACED
#define CLONE_UNTRACED 0x00800000
#endif

/// fork or clone by hand: no wrapper that could choose other flags. In the child the result is 0.
static long bare_clone(long flags) { return raw(__NR_clone, flags, 0, 0); }

static int wait_exit_code(long pid)
{
    int status = -1;
    waitpid(pid, &status, __WALL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

static int forks(void)
{
    long pid = raw(__NR_fork, 0, 0, 0);
    if (pid == 0)
        _exit(5);
    return wait_exit_code(pid);
}
static int vforks(void)
{
    pid_t pid = vfork();
    if (pid == 0)
        _exit(5);
    return wait_exit_code(pid);
}
static int clones(void)
{
    long pid = bare_clone(0); // no signal at the end: neither fork nor vfork
    if (pid == 0)
        _exit(5);
    return wait_exit_code(pid);
}
static int clones_untraced(void)
{
    long pid = bare_clone(CLONE_UNTRACED | SIGCHLD);
    if (pid == 0)
        _exit(5);
    return wait_exit_code(pid);
}

static unsigned long event_message(pid_t pid)
{
    unsigned long message = 0;
    ptrace(PTRACE_GETEVENTMSG, pid, NULL, &message);
    return message;
}

static pid_t start_with(int (*function)(void), long options)
{
    pid_t pid = start_tracee(function);
    long set = ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options);
    if (set)
        check(0, "PTRACE_SETOPTIONS %#lx: %ld", options, set);
    return pid;
}

/// One event with a child: the parent stops, the message is the child's pid, the child stops by SIGSTOP, both are let go.
static void follow(const char *name, int (*function)(void), long option, int event)
{
    pid_t pid = start_with(function, option);
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == EVENT(event), "%s: the parent stops with status 0x%x", name, status);
    pid_t child = event_message(pid);
    check(child > 1 && child != pid, "%s: GETEVENTMSG gives the child's pid: %d", name, child > 1 && child != pid);
    if (child <= 1) {
        end_tracee(pid);
        return;
    }
    int first = wait_for(child);
    check(first == STOPPED_BY(SIGSTOP), "%s: the child's first stop is SIGSTOP: status 0x%x", name, first);
    check(peek(child, USER(eax)) == 0, "%s: it has not run yet, eax is 0", name);
    int ended = go_on(child, PTRACE_CONT, 0);
    check(ended == 5 << 8, "%s: let go, it ends: status 0x%x", name, ended);
    status = go_on(pid, PTRACE_CONT, 0);
    if (status == STOPPED_BY(SIGCHLD)) // a tracee stops for every signal
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == 5 << 8, "%s: the parent has waited for it itself: status 0x%x", name, status);
}

/// No event, no child to wait for: it runs at full speed, and its parent ends with its code.
static void do_not_follow(const char *name, int (*function)(void), long options)
{
    pid_t pid = start_with(function, options);
    int status = go_on(pid, PTRACE_CONT, 0);
    if (status == STOPPED_BY(SIGCHLD))
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == 5 << 8, "%s: nobody stops: status 0x%x", name, status);
    check(waitpid(-1, NULL, __WALL) == -1 && errno == ECHILD, "%s: the tracer has got no other child", name);
}

/// The parent stops at each of its calls, the child at none: it does not inherit that either.
static void only_the_parents_calls(void)
{
    pid_t pid = start_with(forks, 0);
    int stops = 0, status = go_on(pid, PTRACE_SYSCALL, 0);
    for (; (status & 0xff) == 0x7f; stops++)
        status = go_on(pid, PTRACE_SYSCALL, status == STOPPED_BY(SIGCHLD) ? SIGCHLD : 0);
    check(status == 5 << 8 && stops >= 5, "fork while each call is traced: %s, status 0x%x",
          stops >= 5 ? "the parent stops often" : "hardly a stop", status);
    check(waitpid(-1, NULL, __WALL) == -1 && errno == ECHILD, "and the tracer has got no other child");
}

static void vfork_done(void)
{
    pid_t pid = start_with(vforks, PTRACE_O_TRACEVFORKDONE);
    int status = go_on(pid, PTRACE_CONT, 0);
    if (status == STOPPED_BY(SIGCHLD))
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == EVENT(PTRACE_EVENT_VFORK_DONE), "VFORK_DONE comes when the child has let go: status 0x%x", status);
    status = go_on(pid, PTRACE_CONT, 0);
    if (status == STOPPED_BY(SIGCHLD))
        status = go_on(pid, PTRACE_CONT, SIGCHLD);
    check(status == 5 << 8, "and the parent goes on: status 0x%x", status);
}

static int leaves(void) { return 7; }

static void exit_event(void)
{
    pid_t pid = start_with(leaves, PTRACE_O_TRACEEXIT);
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == EVENT(PTRACE_EVENT_EXIT), "EXIT: status 0x%x", status);
    check(event_message(pid) == 7 << 8, "EXIT: the message is the exit status: 0x%lx", event_message(pid));
    check(peek(pid, USER(orig_eax)) == __NR_exit_group || peek(pid, USER(orig_eax)) == __NR_exit,
          "EXIT: its registers can still be read: number %ld", peek(pid, USER(orig_eax)));
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == 7 << 8, "EXIT: then it ends: status 0x%x", status);
}

static int executes(void)
{
    execl("/proc/self/exe", "probe-ptrace-events", "leave", (char *)NULL);
    return 9;
}

static void exec_events(void)
{
    pid_t pid = start_with(executes, PTRACE_O_TRACEEXEC);
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == EVENT(PTRACE_EVENT_EXEC), "EXEC with the option: status 0x%x", status);
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == 3 << 8, "EXEC: the new program runs: status 0x%x", status);

    pid = start_with(executes, 0);
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == STOPPED_BY(SIGTRAP), "execve without the option: a plain SIGTRAP, status 0x%x", status);
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == 3 << 8, "the new program runs: status 0x%x", status);
}

static int calls(void)
{
    raw(__NR_getpid, 0, 0, 0);
    return 0;
}

static void sysgood(void)
{
    pid_t pid = start_with(calls, PTRACE_O_TRACESYSGOOD);
    int status = go_on(pid, PTRACE_SYSCALL, 0); // the end of raise() comes first if it was stopped in its call
    check(status == STOPPED_BY(SIGTRAP | 0x80), "SYSGOOD: a stop at a call has bit 7: status 0x%x", status);
    end_tracee(pid);

    pid = start_tracee(calls);
    long result = ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)0x70000000);
    check(result == -1 && errno == EINVAL, "unknown options give EINVAL");
    end_tracee(pid);
}

static int raises(void)
{
    raise(SIGUSR1);
    return 4;
}

static void signal_information(void)
{
    siginfo_t info;
    pid_t pid = start_tracee(raises);
    int status = go_on(pid, PTRACE_CONT, 0);
    check(status == STOPPED_BY(SIGUSR1), "a signal stops it before it is delivered: status 0x%x", status);
    memset(&info, 0, sizeof info);
    long got = ptrace(PTRACE_GETSIGINFO, pid, NULL, &info);
    check(got == 0 && info.si_signo == SIGUSR1 && info.si_code <= 0, "GETSIGINFO: signal %d, code %d", info.si_signo,
          info.si_code);
    info.si_signo = SIGUSR2;
    check(ptrace(PTRACE_SETSIGINFO, pid, NULL, &info) == 0, "SETSIGINFO is taken");
    memset(&info, 0, sizeof info);
    ptrace(PTRACE_GETSIGINFO, pid, NULL, &info);
    check(info.si_signo == SIGUSR2, "GETSIGINFO sees it: %d", info.si_signo);
    status = go_on(pid, PTRACE_CONT, 0);
    check(status == 4 << 8, "a tracer that passes no signal on has swallowed it: status 0x%x", status);

    pid = start_tracee(raises);
    go_on(pid, PTRACE_CONT, 0);
    status = go_on(pid, PTRACE_CONT, SIGTERM);
    check(status == SIGTERM, "it may pass on another one: status 0x%x", status);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 3;
    follow("fork", forks, PTRACE_O_TRACEFORK, PTRACE_EVENT_FORK);
    follow("vfork", vforks, PTRACE_O_TRACEVFORK, PTRACE_EVENT_VFORK);
    follow("clone", clones, PTRACE_O_TRACECLONE, PTRACE_EVENT_CLONE);
    do_not_follow("fork without the option", forks, 0);
    do_not_follow("fork with the option for clone", forks, PTRACE_O_TRACECLONE);
    do_not_follow("CLONE_UNTRACED", clones_untraced, PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE);
    only_the_parents_calls();
    vfork_done();
    exit_event();
    exec_events();
    sysgood();
    signal_information();
    return finish();
}
