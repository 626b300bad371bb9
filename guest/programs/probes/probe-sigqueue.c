// SPDX-License-Identifier: MIT
// Which signals wait, in which order, with what information, and what the flags of a handler do.
// Rows: R12; linux-facts "Signal frames" and tiers. The same answers on a host's Linux.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#define SIGRTMIN 32
#define SI_QUEUE -1
#define SI_TKILL -6
#define RLIMIT_SIGPENDING 11

static int order[64], values[64], codes[64], pids[64], statuses[64];
static void *addresses[64];
static volatile int count;
static volatile int on_stack, nested, deepest;

/// si_value lies behind pid and uid.
static int value_of(const siginfo_t *info) { return info->pad[2]; }

static void record(int signal, siginfo_t *info, void *context)
{
    (void)context;
    int i = count++ & 63;
    order[i] = signal;
    codes[i] = info->si_code;
    pids[i] = info->si_pid;
    values[i] = value_of(info);
    statuses[i] = info->si_status;
    addresses[i] = info->si_addr;
}

static void handle(int signal, void (*function)(int, siginfo_t *, void *), unsigned long flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = function;
    action.sa_flags = flags | SA_SIGINFO;
    sigaction(signal, &action, NULL);
}

static long queue(int pid, int signal, int value, int code)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = code;
    info.si_pid = getpid();
    info.pad[2] = value;
    return raw(__NR_rt_sigqueueinfo, pid, signal, (long)&info);
}

static void block(int how, int first, ...)
{
    sigset_t set;
    va_list args;
    sigemptyset(&set);
    va_start(args, first);
    for (int signal = first; signal; signal = va_arg(args, int))
        sigaddset(&set, signal);
    va_end(args);
    sigprocmask(how, &set, NULL);
}

static void queues(void)
{
    for (int signal = 34; signal < 40; signal++)
        handle(signal, record, 0);
    handle(SIGUSR1, record, 0);
    block(SIG_BLOCK, SIGUSR1, 34, 35, 36, 0);
    count = 0;
    queue(getpid(), 36, 360, SI_QUEUE);
    for (int i = 0; i < 3; i++)
        queue(getpid(), 34, 340 + i, SI_QUEUE);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR1);
    queue(getpid(), 35, 350, SI_QUEUE);
    block(SIG_UNBLOCK, SIGUSR1, 34, 35, 36, 0);
    // Linux builds the frames lowest number first, so the handlers run highest first; a number waits for its own handler.
    check(count == 6, "one SIGUSR1 of two and each real-time signal is delivered: %d", count);
    int fine = order[5] == SIGUSR1 && order[0] == 36;
    for (int i = 0; i < 3; i++)
        fine = fine && order[2 + i] == 34 && values[2 + i] == 340 + i && codes[2 + i] == SI_QUEUE;
    check(fine, "lowest number first, each number in the order it was sent, with its value: %d %d %d %d %d %d", order[0],
          order[1], order[2], order[3], order[4], order[5]);
    check(codes[5] == 0 && pids[5] == getpid(), "kill() gives SI_USER and the sender: %d, %d", codes[5], pids[5]);
    count = 0;
    tkill(gettid(), 34);
    check(count == 1 && codes[0] == SI_TKILL, "tkill() gives SI_TKILL: %d", codes[0]);
    check(queue(getpid() == 1 ? 2 : 1, 34, 0, 0) == -EPERM, "nobody may queue with a kernel's code");
    check(tgkill(getpid() + 1, getpid(), 34) == -1 && errno == ESRCH, "tgkill() compares the group: errno %d", errno);
    check(tgkill(getpid(), getpid(), 65) == -1 && errno == EINVAL, "signal 65: errno %d", errno);
}

static void limit(void)
{
    unsigned long old[2], few[2] = {5, 5};
    raw(__NR_ugetrlimit, RLIMIT_SIGPENDING, (long)old, 0);
    few[1] = old[1];
    raw(__NR_setrlimit, RLIMIT_SIGPENDING, (long)few, 0);
    block(SIG_BLOCK, 37, SIGUSR1, 0);
    int queued = 0;
    long result = 0;
    while (queued < 100 && (result = queue(getpid(), 37, queued, SI_QUEUE)) == 0)
        queued++;
    check(queued <= 5 && result == -EAGAIN, "RLIMIT_SIGPENDING: %d queued, then %ld", queued, result);
    check(kill(getpid(), SIGUSR1) == 0, "a signal below SIGRTMIN still arrives");
    count = 0;
    block(SIG_UNBLOCK, 37, SIGUSR1, 0);
    check(count == queued + 1, "all are delivered: %d", count);
    // a host's user may have other processes with queues
    check((queue(getpid(), 37, 0, SI_QUEUE) == 0 && count == queued + 2) || native(), "and there is room again");
    raw(__NR_setrlimit, RLIMIT_SIGPENDING, (long)old, 0);
}

static void waiting(void)
{
    siginfo_t info;
    sigset_t set;
    struct timespec none = {0, 0}, little = {0, 20000000};
    sigemptyset(&set);
    sigaddset(&set, 38);
    block(SIG_BLOCK, 38, 0);
    long result = syscall(__NR_rt_sigtimedwait, &set, &info, &none, 8);
    check(result == -1 && errno == EAGAIN, "sigtimedwait, nothing there: errno %d", errno);
    result = syscall(__NR_rt_sigtimedwait, &set, &info, &little, 8);
    check(result == -1 && errno == EAGAIN, "after its time: errno %d", errno);
    queue(getpid(), 38, 380, SI_QUEUE);
    queue(getpid(), 38, 381, SI_QUEUE);
    result = syscall(__NR_rt_sigtimedwait, &set, &info, NULL, 8);
    check(result == 38 && value_of(&info) == 380, "the first of two: %ld, value %d", result, value_of(&info));
    result = syscall(__NR_rt_sigtimedwait, &set, &info, &little, 8);
    check(result == 38 && value_of(&info) == 381, "the second: %ld, value %d", result, value_of(&info));
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        usleep(20000);
        queue(parent, 38, 382, SI_QUEUE);
        _exit(0);
    }
    result = syscall(__NR_rt_sigtimedwait, &set, &info, NULL, 8);
    check(result == 38 && value_of(&info) == 382 && info.si_pid == pid, "one that comes later: %ld", result);
    waitpid(pid, NULL, 0);
    struct timespec bad = {0, 1000000000};
    result = syscall(__NR_rt_sigtimedwait, &set, &info, &bad, 8);
    check(result == -1 && errno == EINVAL, "a bad time: errno %d", errno);
    handle(38, record, 0);
    pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, SIGUSR1);
        _exit(0);
    }
    result = syscall(__NR_rt_sigtimedwait, &set, &info, NULL, 8);
    check(result == -1 && errno == EINTR, "another signal's handler ends it: errno %d", errno);
    waitpid(pid, NULL, 0);
    block(SIG_UNBLOCK, 38, 0);
}

static char other_stack[16384] __attribute__((aligned(16)));

static void where(int signal, siginfo_t *info, void *context)
{
    char here;
    stack_t now, same;
    ucontext_t *uc = context;
    (void)info;
    on_stack = &here >= other_stack && &here < other_stack + sizeof other_stack;
    sigaltstack(NULL, &now);
    check(now.ss_flags == (on_stack ? 1 : 0), "inside the handler ss_flags is %d", now.ss_flags);
    check(uc->uc_stack.ss_sp == other_stack && uc->uc_stack.ss_size == sizeof other_stack, "the frame names the stack");
    same.ss_sp = other_stack;
    same.ss_size = sizeof other_stack;
    same.ss_flags = 0;
    int result = sigaltstack(&same, NULL);
    if (on_stack)
        check(result == -1 && errno == EPERM, "it cannot be changed while in use: errno %d", errno);
    if (signal == SIGUSR1 && on_stack && !nested) {
        nested = 1;
        raise(SIGUSR2); // its frame lies below ours on the same stack
        check(on_stack, "a second handler goes on on the same stack");
    }
}

static void alternate_stack(void)
{
    stack_t stack = {other_stack, 0, sizeof other_stack}, old;
    check(sigaltstack(&stack, &old) == 0 && old.ss_flags == 2, "at first there is none: flags %d", old.ss_flags);
    handle(SIGUSR1, where, SA_ONSTACK);
    handle(SIGUSR2, where, SA_ONSTACK);
    raise(SIGUSR1);
    check(on_stack && nested, "SA_ONSTACK: the handler ran on the other stack");
    handle(SIGUSR1, where, 0);
    raise(SIGUSR1);
    check(!on_stack, "without it on the usual one");
    stack.ss_size = 2047;
    check(sigaltstack(&stack, NULL) == -1 && errno == ENOMEM, "2047 bytes are too few: errno %d", errno);
    stack.ss_size = 2048;
    stack.ss_flags = 4;
    check(sigaltstack(&stack, NULL) == -1 && errno == EINVAL, "unknown flags: errno %d", errno);
    stack.ss_flags = 2;
    check(sigaltstack(&stack, NULL) == 0, "SS_DISABLE");
    sigaltstack(NULL, &old);
    check(old.ss_flags == 2 && old.ss_size == 0, "no stack any more: flags %d", old.ss_flags);
}

static void deeper(int signal, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (++nested > deepest)
        deepest = nested;
    if (nested < 3)
        raise(signal);
    nested--;
}

static void flags(void)
{
    nested = deepest = 0;
    handle(SIGUSR1, deeper, SA_NODEFER);
    raise(SIGUSR1);
    check(deepest == 3, "SA_NODEFER: the handler can be interrupted by its own signal: %d", deepest);
    deepest = 0;
    count = 0;
    handle(SIGUSR1, record, SA_RESETHAND);
    raise(SIGUSR1);
    struct sigaction action;
    sigaction(SIGUSR1, NULL, &action);
    check(count == 1 && action.sa_handler == SIG_DFL, "SA_RESETHAND: the default action is back");
    handle(SIGUSR1, record, 0);
}

static void exits(void) { _exit(7); }
static void stops(void)
{
    raise(SIGSTOP);
    usleep(50000); // or the parent would get one SIGCHLD for both
}

/// Until so many handlers have run; pause() could come too late.
static void wait_for(int handlers)
{
    for (int i = 0; i < 1000 && count < handlers; i++)
        usleep(5000);
}

static int child(void (*function)(void))
{
    pid_t pid = fork();
    if (pid == 0) {
        usleep(10000);
        function();
        _exit(0);
    }
    return pid;
}

static void children(void)
{
    int status;
    handle(SIGCHLD, record, 0);
    count = 0;
    pid_t pid = child(exits);
    wait_for(1);
    check(codes[0] == 1 && pids[0] == pid && statuses[0] == 7, "SIGCHLD: CLD_EXITED, pid, status: %d %d", codes[0],
          statuses[0]);
    waitpid(pid, &status, 0);
    count = 0;
    pid = child(stops);
    wait_for(1);
    check(codes[0] == 5 && statuses[0] == SIGSTOP, "CLD_STOPPED: %d %d", codes[0], statuses[0]);
    kill(pid, SIGCONT);
    wait_for(3);
    check(codes[1] == 6 && statuses[1] == SIGCONT && codes[2] == 1, "CLD_CONTINUED, then CLD_EXITED: %d %d", codes[1], codes[2]);
    waitpid(pid, &status, 0);
    handle(SIGCHLD, record, SA_NOCLDSTOP);
    count = 0;
    pid = child(stops);
    check(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status), "waitpid still sees the stop");
    kill(pid, SIGKILL);
    wait_for(1);
    check(count == 1 && codes[0] == 2 && statuses[0] == SIGKILL, "SA_NOCLDSTOP: only CLD_KILLED is told: %d", codes[0]);
    waitpid(pid, &status, 0);
    handle(SIGCHLD, record, SA_NOCLDWAIT);
    count = 0;
    pid = child(exits);
    wait_for(1);
    check(waitpid(pid, &status, 0) == -1 && errno == ECHILD, "SA_NOCLDWAIT: no zombie: errno %d", errno);
    signal(SIGCHLD, SIG_IGN);
    pid = child(exits);
    check(waitpid(pid, &status, 0) == -1 && errno == ECHILD, "SIG_IGN: waitpid() waits and finds nobody: errno %d", errno);
    signal(SIGCHLD, SIG_DFL);
}

static char *page;
static void skip(int signal, siginfo_t *info, void *context)
{
    record(signal, info, context);
    ((ucontext_t *)context)->uc_mcontext.eip += 2; // every fault below is two bytes long
}

static void fault(const char *what, void *address, int kind, int signal, int code)
{
    count = 0;
    if (kind == 0)
        __asm__ volatile("movb %%al, (%%ecx)" : : "c"(address), "a"(0));
    else if (kind == 1)
        __asm__ volatile("div %%cl" : : "c"(0), "a"(1));
    else if (kind == 2)
        __asm__ volatile("ud2");
    else
        __asm__ volatile("int $0x20");
    check(count == 1 && order[0] == signal && codes[0] == code, "%s: signal %d, code %d", what, order[0], codes[0]);
    if (kind == 0)
        check(addresses[0] == address, "at its address: %p", addresses[0]);
}

static void faults(void)
{
    handle(SIGSEGV, skip, 0);
    handle(SIGFPE, skip, 0);
    handle(SIGILL, skip, 0);
    page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fault("a write to nothing", (void *)0x3510, 0, SIGSEGV, 1);
    fault("a write to a page that can only be read", page + 5, 0, SIGSEGV, 2);
    fault("division by zero", NULL, 1, SIGFPE, 1);
    fault("ud2", NULL, 2, SIGILL, 2);
    fault("int $0x20", NULL, 3, SIGSEGV, 0x80);
}

/// Signals that the kernel sends for other reasons: their codes.
static void sources(void)
{
    int ends[2];
    handle(SIGPIPE, record, 0);
    handle(SIGALRM, record, 0);
    handle(SIGTRAP, record, 0);
    handle(SIGBUS, record, 0);
    pipe(ends);
    close(ends[0]);
    count = 0;
    int result = write(ends[1], "x", 1);
    check(result == -1 && errno == EPIPE && count == 1 && codes[0] == 0 && pids[0] == getpid(), "SIGPIPE is one's own: %d", codes[0]);
    close(ends[1]);
    count = 0;
    alarm(1);
    wait_for(1);
    check(order[0] == SIGALRM && codes[0] == 0x80, "SIGALRM is the kernel's: %d", codes[0]);
    count = 0;
    __asm__ volatile("int3");
    check(count == 1 && order[0] == SIGTRAP && codes[0] == 0x80, "int3: signal %d, code %d", order[0], codes[0]);
    count = 0;
    // 2.6.11 says TRAP_BRKPT (1) of every debug exception
    __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl\n\tnop\n\tpushfl\n\tandl $~0x100, (%%esp)\n\tpopfl" : : : "memory", "cc");
    check(count >= 2 && order[0] == SIGTRAP && codes[0] == (native() ? 2 : 1), "single steps: %d of them, code %d", count, codes[0]);
    handle(SIGSEGV, record, 0);
    count = 0;
    __asm__ volatile("movb $0x7f, %%al\n\taddb $1, %%al\n\tinto" : : : "eax", "cc");
    check(count == 1 && order[0] == SIGSEGV && codes[0] == 0x80, "into: signal %d, code %d", order[0], codes[0]);
    int fd = open("/tmp/probe-sigqueue", O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(fd, "short", 5);
    page = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    handle(SIGBUS, skip, 0);
    count = 0;
    __asm__ volatile("movb (%%ecx), %%al" : : "c"(page + 4096) : "eax");
    check(count == 1 && order[0] == SIGBUS && codes[0] == 2 && addresses[0] == page + 4096, "behind the end of a file: signal %d, code %d",
          order[0], codes[0]);
    munmap(page, 8192);
    close(fd);
    unlink("/tmp/probe-sigqueue");
}

int main(void)
{
    queues();
    limit();
    waiting();
    alternate_stack();
    flags();
    children();
    faults();
    sources();
    return finish();
}
