// SPDX-License-Identifier: MIT
// strace, inside the guest and by ptrace alone: the system calls, signals and ends of a program and its children.
// Rows: X01 two stops a call; X03 F05 F10 F11 children are followed by PTRACE_O_TRACEFORK, VFORK and CLONE; X06 without -f they
// run untraced; E03 the number is ORIG_EAX.
//
//     strace [-f] [-c] [-o FILE] [-s LENGTH] [-e trace=NAME,...] PROGRAM [ARGS...]
//     strace [the same] -p PID            attaches; ^C lets it go again
//
// A line is printed when its call has ended, so calls of several processes never mix; [pid N] says whose it is.
// How each argument is shown stands in strace-calls.h.

#include "strace-calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __WALL
#define __WALL 0x40000000
#endif

enum { TRACEES = 256, CALLS = 512, LINE = 1024 };

/// One process that is traced, and the call that it is in.
struct tracee {
    pid_t pid;
    int in_call, fresh; ///< fresh: its first stop, by SIGSTOP, is still to come
    struct user_regs_struct entry;
    char line[LINE];    ///< the call so far: name(arguments
    unsigned used;
    long started; ///< microseconds
};

static struct tracee tracees[TRACEES];
static int tracee_count, follow, count_only, attached;
static const char *wanted; ///< of -e trace=
static FILE *out;
static struct { long calls, errors, microseconds; } counts[CALLS];
static volatile int interrupted;

static long now(void)
{
    struct timeval time;
    gettimeofday(&time, NULL);
    return time.tv_sec * 1000000 + time.tv_usec;
}

static struct tracee *find(pid_t pid)
{
    for (int i = 0; i < TRACEES; i++)
        if (tracees[i].pid == pid)
            return &tracees[i];
    return NULL;
}

static struct tracee *add(pid_t pid)
{
    struct tracee *t = find(0);
    if (!t) {
        fprintf(stderr, "strace: more than %d processes\n", TRACEES);
        exit(1);
    }
    memset(t, 0, sizeof *t);
    t->pid = pid;
    t->fresh = 1;
    tracee_count++;
    return t;
}

static void drop(struct tracee *t)
{
    t->pid = 0;
    tracee_count--;
}

static void print_pid(struct tracee *t)
{
    static int several;
    several |= tracee_count > 1;
    if (several || (follow && out != stderr))
        fprintf(out, out == stderr ? "[pid %d] " : "%d ", t->pid);
}

/// Is the call one of -e trace=NAME,NAME or of its group (file, process, signal)?
static int is_wanted(long number)
{
    const char *name = call_name(number);
    for (const char *at = wanted; at && *at;) {
        size_t length = strcspn(at, ",");
        if ((strlen(name) == length && strncmp(at, name, length) == 0) || in_group(number, at, length))
            return 1;
        at += length + (at[length] == ',');
    }
    return !wanted;
}

static void print_result(struct tracee *t, long result)
{
    if (result < 0 && result >= -4095) {
        const char *name = error_name(-result);
        fprintf(out, -result >= 512 ? ") = ? %s (To be restarted)\n" : ") = -1 %s (%s)\n", name ? name : "?",
                strerror(-result));
    } else if (result_is_address(t->entry.orig_eax)) {
        fprintf(out, ") = %#lx\n", result);
    } else {
        fprintf(out, ") = %ld\n", result);
    }
}

static void begin_call(struct tracee *t)
{
    ptrace(PTRACE_GETREGS, t->pid, NULL, &t->entry);
    t->in_call = 1;
    t->started = now();
    t->used = describe_call(t->pid, &t->entry, t->line, sizeof t->line);
    long number = t->entry.orig_eax;
    if (!call_returns(number) && is_wanted(number) && !count_only) {
        print_pid(t);
        fprintf(out, "%s) = ?\n", t->line);
    }
}

static void end_call(struct tracee *t)
{
    struct user_regs_struct regs;
    ptrace(PTRACE_GETREGS, t->pid, NULL, &regs);
    long number = t->entry.orig_eax;
    t->in_call = 0;
    if (number >= 0 && number < CALLS && is_wanted(number)) {
        counts[number].calls++;
        counts[number].errors += regs.eax < 0 && regs.eax >= -4095;
        counts[number].microseconds += now() - t->started;
    }
    if (count_only || !is_wanted(number))
        return;
    describe_outputs(t->pid, &t->entry, regs.eax, t->line + t->used, sizeof t->line - t->used);
    print_pid(t);
    fputs(t->line, out);
    print_result(t, regs.eax);
}

/// A process that ends in the middle of a call never comes to end_call.
static void unfinished(struct tracee *t)
{
    if (!t->in_call || count_only || !is_wanted(t->entry.orig_eax) || !call_returns(t->entry.orig_eax))
        return;
    print_pid(t);
    fprintf(out, "%s <unfinished ...>\n", t->line);
}

/// The signal to deliver when it goes on.
static int signal_stop(struct tracee *t, int signal)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    int by_job_control = ptrace(PTRACE_GETSIGINFO, t->pid, NULL, &info) != 0;
    if (!count_only) {
        print_pid(t);
        if (by_job_control)
            fprintf(out, "--- stopped by %s ---\n", signal_name(signal));
        else if (signal == SIGCHLD && info.si_code > 0)
            fprintf(out, "--- SIGCHLD {si_code=%d, si_pid=%d, si_uid=%d, si_status=%d} ---\n", info.si_code,
                    info.si_pid, info.si_uid, info.si_status);
        else if (info.si_code <= 0)
            fprintf(out, "--- %s {si_code=%d, si_pid=%d, si_uid=%d} ---\n", signal_name(signal), info.si_code,
                    info.si_pid, info.si_uid);
        else
            fprintf(out, "--- %s {si_code=%d, si_addr=%p} ---\n", signal_name(signal), info.si_code, info.si_addr);
    }
    return by_job_control ? 0 : signal;
}

static void set_options(pid_t pid)
{
    long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
    if (follow)
        options |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    if (ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)options))
        perror("strace: PTRACE_SETOPTIONS");
}

static void stopped(pid_t pid, int status)
{
    struct tracee *t = find(pid);
    int signal = WSTOPSIG(status), deliver = 0;
    if (!t)
        t = add(pid); // a child that is born traced may stop before its parent tells of it
    if (t->fresh && signal == SIGSTOP) {
        t->fresh = 0;
        set_options(pid);
    } else if (signal == (SIGTRAP | 0x80)) {
        if (t->in_call)
            end_call(t);
        else
            begin_call(t);
    } else if (!(status >> 16)) {
        deliver = signal_stop(t, signal);
    }
    ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)deliver);
}

static void ended(pid_t pid, int status)
{
    struct tracee *t = find(pid);
    if (!t)
        return;
    unfinished(t);
    if (!count_only) {
        print_pid(t);
        if (WIFSIGNALED(status))
            fprintf(out, "+++ killed by %s +++\n", signal_name(WTERMSIG(status)));
        else
            fprintf(out, "+++ exited with %d +++\n", WEXITSTATUS(status));
    }
    drop(t);
}

static void detach_all(void)
{
    for (int i = 0; i < TRACEES; i++) {
        pid_t pid = tracees[i].pid;
        int status;
        if (!pid)
            continue;
        kill(pid, SIGSTOP);
        while (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status) && WSTOPSIG(status) != SIGSTOP)
            ptrace(PTRACE_CONT, pid, NULL, (void *)(long)(WSTOPSIG(status) & 0x80 ? 0 : WSTOPSIG(status)));
        ptrace(PTRACE_DETACH, pid, NULL, NULL);
        fprintf(stderr, "strace: process %d detached\n", pid);
    }
}

/// Until the last tracee has ended; the wait status of `first`.
static int trace(pid_t first)
{
    int status, result = 0;
    while (tracee_count > 0 && !interrupted) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0) {
            if (errno == EINTR)
                continue;
            break;
        }
        if (WIFSTOPPED(status)) {
            stopped(pid, status);
            continue;
        }
        ended(pid, status);
        if (pid == first)
            result = status;
    }
    if (interrupted)
        detach_all();
    return result;
}

static pid_t start(char **command)
{
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        kill(getpid(), SIGSTOP);
        execvp(command[0], command);
        fprintf(stderr, "strace: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    return pid;
}

static void print_counts(void)
{
    long calls = 0, errors = 0;
    fprintf(out, "     seconds     calls    errors syscall\n------------ --------- --------- ----------------\n");
    for (;;) {
        int most = -1;
        for (int i = 0; i < CALLS; i++)
            if (counts[i].calls && (most < 0 || counts[i].calls > counts[most].calls))
                most = i;
        if (most < 0)
            break;
        fprintf(out, "%5ld.%06ld %9ld %9ld %s\n", counts[most].microseconds / 1000000,
                counts[most].microseconds % 1000000, counts[most].calls, counts[most].errors, call_name(most));
        calls += counts[most].calls;
        errors += counts[most].errors;
        counts[most].calls = 0;
    }
    fprintf(out, "------------ --------- --------- ----------------\n             %9ld %9ld total\n", calls, errors);
}

static void usage(void)
{
    fputs("usage: strace [-f] [-c] [-o FILE] [-s LENGTH] [-e trace=NAME,...] {-p PID | PROGRAM [ARGS...]}\n", stderr);
    exit(1);
}

static void on_interrupt(int signal) { interrupted = signal; }

/// The index of the first word that is no option; *pid from -p.
static int options(int argc, char **argv, pid_t *pid)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        char option = argv[i][1];
        if (option == 'f')
            follow = 1;
        else if (option == 'c')
            count_only = 1;
        else if (i + 1 == argc)
            usage();
        else if (option == 'o')
            out = fopen(argv[++i], "w");
        else if (option == 's')
            string_limit = atoi(argv[++i]);
        else if (option == 'p')
            *pid = atoi(argv[++i]);
        else if (option == 'e' && strncmp(argv[++i], "trace=", 6) == 0)
            wanted = argv[i] + 6;
        else
            usage();
        if (!out) {
            perror("strace: -o");
            exit(1);
        }
    }
    return i;
}

int main(int argc, char **argv)
{
    pid_t pid = 0;
    out = stderr;
    int first = options(argc, argv, &pid);
    if (!pid == (first == argc)) // one of the two
        usage();
    attached = pid != 0;
    if (attached && ptrace(PTRACE_ATTACH, pid, NULL, NULL)) {
        fprintf(stderr, "strace: attach to %d: %s\n", pid, strerror(errno));
        return 1;
    }
    if (attached) {
        struct sigaction action = {0};
        action.sa_handler = on_interrupt; // no SA_RESTART: waitpid shall end
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
    } else {
        pid = start(argv + first);
    }
    add(pid);
    int status = trace(pid);
    if (count_only)
        print_counts();
    fflush(out);
    if (attached)
        return 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
