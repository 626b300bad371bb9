// SPDX-License-Identifier: MIT
// A signal wakes a process that sleeps inside a system call. Its handler runs first, on the way back to user mode; then the call
// either says EINTR or begins again, as the handler's flags say. Beginning again is the kernel's work: it puts the number back into
// eax and the eip back onto `int $0x80`, or has restart_syscall (number 0) take up what was left.
// Rows: R12 handlers run before user code goes on; D12 restart_syscall; S07 sleeping in a call.
//
// Look at it:  trapgate strace demos/11-signals

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int handled;

static void handler(int signal)
{
    handled = signal;
}

/// A child that sends us two signals once we sleep, and writes to the pipe later.
static pid_t disturb(int signal, int then, int pipe_end)
{
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        usleep(50000);
        kill(parent, signal);
        usleep(50000);
        kill(parent, then);
        write(pipe_end, "data", 4);
        _exit(0);
    }
    return child;
}

static long read_with(int flags, const char *what)
{
    int ends[2];
    char text[8];
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    sigaction(SIGUSR1, &action, NULL);
    pipe(ends);
    handled = 0;
    pid_t child = disturb(SIGUSR1, 0, ends[1]);
    long result = read(ends[0], text, sizeof text);
    int error = result < 0 ? errno : 0;
    printf("read() with %s: handler ran: %s, then %s\n", what, handled ? "yes" : "no",
           error ? strerror(error) : "it went on and got 4 bytes");
    waitpid(child, NULL, 0);
    return error ? -error : result;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    int good = read_with(0, "a plain handler") == -EINTR;
    good &= read_with(SA_RESTART, "SA_RESTART    ") == 4;

    int ends[2];
    struct timespec before, after;
    pipe(ends);
    clock_gettime(CLOCK_MONOTONIC, &before);
    pid_t child = disturb(SIGSTOP, SIGCONT, ends[1]); // no handler: the program need not know
    good &= usleep(200000) == 0;
    clock_gettime(CLOCK_MONOTONIC, &after);
    long milliseconds = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    printf("usleep(200000), stopped and continued in the middle: %s, by restart_syscall\n",
           milliseconds >= 200 ? "it slept out what was left" : "too short?");
    waitpid(child, NULL, 0);
    return good && milliseconds >= 200 ? 0 : 1;
}
