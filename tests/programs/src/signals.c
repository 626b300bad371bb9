// SPDX-License-Identifier: MIT
// Signals by glibc's functions: stack overflow caught on another stack and left by siglongjmp, queues, interval timers,
// sigsuspend, abort, floating point in handlers, contexts. Same output everywhere.
#define _GNU_SOURCE
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int hits, code;
static char *volatile where;

static void handle(int signal, void (*function)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action = {.sa_sigaction = function, .sa_flags = SA_SIGINFO | flags};
    sigaction(signal, &action, NULL);
}

static void jump(int signal, siginfo_t *info, void *context)
{
    (void)context;
    hits++;
    code = info->si_code;
    where = info->si_addr;
    siglongjmp(back, signal);
}

static int deep(int n)
{
    volatile char room[1000];
    room[0] = n;
    return n < 0 ? 0 : deep(n + 1) + room[0];
}

static void overflow(void)
{
    stack_t stack = {.ss_sp = malloc(65536), .ss_size = 65536};
    sigaltstack(&stack, NULL);
    handle(SIGSEGV, jump, SA_ONSTACK);
    for (int i = 0; i < 3; i++)
        if (!sigsetjmp(back, 1))
            deep(0);
    printf("stack overflows survived: %d\n", hits);
    char *page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int signal = sigsetjmp(back, 1);
    if (!signal)
        page[4097] = 1;
    printf("read-only page: signal %d, code %d, at +%d\n", signal, code, (int)(where - page));
    munmap(page, 8192);
    signal = sigsetjmp(back, 1);
    if (!signal)
        page[1] = 1;
    printf("no page: signal %d, code %d, at +%d\n", signal, code, (int)(where - page));
    handle(SIGFPE, jump, 0);
    signal = sigsetjmp(back, 1);
    if (!signal)
        printf("%d\n", 7 / (int)(where - page - 1));
    printf("division: signal %d, code %d\n", signal, code);
    signal = sigsetjmp(back, 1);
    if (!signal) {
        const short unmasked = 0x37b; // division by zero
        __asm__ volatile("fldcw %0\n\tfld1\n\tfldz\n\tfdivrp\n\tfwait" : : "m"(unmasked));
    }
    __asm__ volatile("fninit");
    printf("x87 division: signal %d, code %d\n", signal, code);
}

static volatile double sum;
static void float_in_handler(int signal, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    double x = signal;
    for (int i = 0; i < 100; i++)
        x = x * 1.5 + 1 / (x + 1);
    sum += x > 1e300;
    hits++;
}

static void timers(void)
{
    hits = 0;
    handle(SIGALRM, float_in_handler, SA_RESTART);
    struct itimerval every = {{0, 2000}, {0, 2000}}, off = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
    double value = 1, want = 1;
    for (volatile int i = 0; hits < 10; i++) {
        value = value * 1.0000001 + 1e-9;
        value = (value - 1e-9) / 1.0000001;
    }
    setitimer(ITIMER_REAL, &off, NULL);
    printf("ten alarms, the sum is kept: %d\n", value - want < 1e-6 && want - value < 1e-6);
    handle(SIGVTALRM, float_in_handler, 0);
    hits = 0;
    every = (struct itimerval){{0, 0}, {0, 20000}};
    setitimer(ITIMER_VIRTUAL, &every, NULL);
    while (!hits)
        ;
    printf("a virtual timer, once: %d\n", hits);
    sigset_t set;
    int signal;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    ualarm(3000, 0);
    printf("sigwait: %d", sigwait(&set, &signal));
    printf(" %d\n", signal);
    ualarm(3000, 0);
    sigfillset(&set);
    sigdelset(&set, SIGALRM);
    hits = 0;
    int result = sigsuspend(&set);
    printf("sigsuspend: %d %s, handler %d\n", result, strerrorname_np(errno), hits);
}

static int sent[8], number;
static void record(int signal, siginfo_t *info, void *context)
{
    (void)context;
    sent[number++ & 7] = (signal - SIGRTMIN) * 100 + info->si_value.sival_int;
}

static void queues(void)
{
    sigset_t set, pending;
    sigemptyset(&set);
    for (int i = 0; i < 3; i++) {
        handle(SIGRTMIN + i, record, 0);
        sigaddset(&set, SIGRTMIN + i);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 2; i++)
        for (int signal = 2; signal >= 0; signal--)
            sigqueue(getpid(), SIGRTMIN + signal, (union sigval){.sival_int = i + 1});
    sigpending(&pending);
    printf("pending: %d%d%d", sigismember(&pending, SIGRTMIN), sigismember(&pending, SIGRTMIN + 1), sigismember(&pending, SIGRTMIN + 3));
    sigset_t first;
    siginfo_t info;
    sigemptyset(&first);
    sigaddset(&first, SIGRTMIN + 1);
    int signal = sigwaitinfo(&first, &info);
    printf(", waited for %d:%d", signal - SIGRTMIN, info.si_value.sival_int);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf(", handled");
    for (int i = 0; i < number; i++)
        printf(" %d", sent[i]);
    printf("\n");
}

static void refuse(int signal) { (void)!write(1, "abort's handler returns\n", 24), (void)signal; }
static void ends(void)
{
    int status;
    fflush(stdout);
    if (fork() == 0) {
        signal(SIGABRT, refuse);
        abort();
    }
    wait(&status);
    printf("abort: signal %d\n", WTERMSIG(status));
    fflush(stdout);
    if (fork() == 0) { // a fault in the handler of the same fault
        struct sigaction action = {.sa_handler = (void (*)(int))8};
        sigaction(SIGSEGV, &action, NULL);
        *(volatile int *)0 = 1;
    }
    wait(&status);
    printf("a handler that is nowhere: signal %d\n", WTERMSIG(status));
}

static ucontext_t here, there;
static void other(int a, int b)
{
    printf("in the other context: %d\n", a + b);
    swapcontext(&there, &here);
    printf("and once more\n");
}

static void contexts(void)
{
    getcontext(&there);
    there.uc_stack.ss_sp = malloc(32768);
    there.uc_stack.ss_size = 32768;
    there.uc_link = &here;
    makecontext(&there, (void (*)(void))other, 2, 20, 22);
    swapcontext(&here, &there);
    printf("back\n");
    swapcontext(&here, &there);
    printf("its end\n");
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    overflow();
    timers();
    queues();
    ends();
    contexts();
    return 0;
}
