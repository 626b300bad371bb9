// SPDX-License-Identifier: MIT
// Processes that die with signals in their queues, in a futex, in poll, on pseudo-terminals: nothing of that may stay behind.
// tests/guest/signal_leaks.cpp compares the kernel's ledgers between the marks. Rows: P20, L03; linux-facts "Signal frames".

#include "probe.h"
#include "ledger.h"

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define TIOCGPTN 0x80045430
#define TIOCSPTLCK 0x40045431

static void wait_until_asleep(void) { usleep(3000); }

static void queue(pid_t pid, int signal, int how_many)
{
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_code = -1;
    for (int i = 0; i < how_many; i++)
        raw(__NR_rt_sigqueueinfo, pid, signal, (long)&info);
}

static void block_all(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

/// A child does `function` and is killed in the middle of it after `meanwhile`.
static void killed_in(void (*function)(void), void (*meanwhile)(pid_t))
{
    pid_t pid = fork();
    if (pid == 0) {
        function();
        for (;;)
            pause();
    }
    wait_until_asleep();
    if (meanwhile)
        meanwhile(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void fill_queues(pid_t pid)
{
    queue(pid, 40, 50);
    queue(pid, 41, 50);
    tkill(pid, SIGUSR1);
    kill(pid, SIGUSR2);
    kill(pid, SIGSTOP);
}
static void queues(void) { killed_in(block_all, fill_queues); }

/// Blocked and queued, then ignored: the queue is emptied at once.
static void ignored(void)
{
    block_all();
    queue(getpid(), 42, 30);
    signal(42, SIG_IGN);
    signal(42, SIG_DFL);
    queue(getpid(), 42, 3);
    sigset_t none;
    sigemptyset(&none);
    signal(42, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(42, SIG_DFL);
}

static int words[2];
static void in_futex(void)
{
    long timeout[2] = {100, 0};
    futex(words, 0, 0, timeout, NULL, 0);
}
static void futexes(void) { killed_in(in_futex, NULL); }

static int ends[2];
static void in_poll(void)
{
    struct pollfd two[2] = {{ends[0], POLLIN, 0}, {0, POLLIN, 0}};
    poll(two, 1, 100000);
}
static void stop_and_go(pid_t pid)
{
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    kill(pid, SIGCONT);
    wait_until_asleep();
}
static void polls(void) { killed_in(in_poll, stop_and_go); }

/// One watched file is closed before, one dies with the set, one outlives it.
static void in_epoll(void)
{
    unsigned long event[3] = {POLLIN, 1, 2};
    int set = syscall(__NR_epoll_create, 1), more[2];
    pipe(more);
    syscall(__NR_epoll_ctl, set, 1, ends[0], event);
    syscall(__NR_epoll_ctl, set, 1, more[0], event);
    syscall(__NR_epoll_ctl, set, 1, more[1], event);
    close(more[0]);
    event[0] = 0;
    syscall(__NR_epoll_wait, set, event, 1, 0);
    close(more[1]);
    syscall(__NR_epoll_wait, set, event, 1, -1);
}
static void epolls(void) { killed_in(in_epoll, stop_and_go); }

static int open_pair(char *name, size_t size)
{
    int number = 0, zero = 0, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(fd, TIOCGPTN, &number);
    ioctl(fd, TIOCSPTLCK, &zero);
    snprintf(name, size, "/dev/pts/%d", number);
    return fd;
}

static char slave[32];
static int master;
static void on_terminal(void)
{
    char byte;
    setsid();
    close(master);
    int fd = open(slave, O_RDWR);
    write(fd, "hello", 5);
    read(fd, &byte, 1);
}

static void killed_on_terminal(void)
{
    master = open_pair(slave, sizeof slave);
    killed_in(on_terminal, NULL);
    close(master);
}

/// The master goes first: hang-up. The slave's file is closed by the dying child.
static void hang_up(pid_t pid)
{
    (void)pid;
    close(master);
    wait_until_asleep();
}
static void ignoring(void)
{
    signal(SIGHUP, SIG_IGN);
    on_terminal();
}
static void hung_up_terminal(void)
{
    master = open_pair(slave, sizeof slave);
    killed_in(ignoring, hang_up);
}

/// A slave that outlives its master, and names that are looked up in vain.
static void odd_orders(void)
{
    char name[32];
    int first = open_pair(name, sizeof name), fd = open(name, O_RDWR | O_NOCTTY), again = open(name, O_RDWR | O_NOCTTY);
    close(first);
    close(fd);
    int second = open_pair(name, sizeof name);
    close(again);
    open("/dev/pts/77", O_RDWR);
    close(second);
}

static void overflow(int signal)
{
    volatile int room[1024];
    room[0] = signal;
    if (room[0] == signal)
        overflow(signal + 0 * room[0]);
}
static void overflows(void)
{
    signal(SIGSEGV, overflow); // its frame finds no stack
    overflow(0);
}
static void stack_overflow(void) { killed_in(overflows, NULL); }

/// Timers by the process' and the thread's CPU time, armed, one of them waiting in the queue: gone with the process.
static void cpu_timers(void)
{
    int status;
    if (fork() == 0) {
        int event[16] = {0, 36, 0}, id;
        long setting[4] = {0, 1000000, 0, 1000000};
        unsigned long block[2] = {0, 1UL << (36 - 33)};
        syscall(__NR_rt_sigprocmask, 0, block, NULL, 8);
        for (int clock = 2; clock <= 3; clock++) {
            syscall(__NR_timer_create, clock, event, &id);
            syscall(__NR_timer_settime, id, 0, setting, NULL);
        }
        for (volatile int i = 0; i < 100000; i++)
            ;
        _exit(0);
    }
    wait(&status);
    check(status == 0, "its timers end with it: status %x", status);
}

static const struct {
    const char *name;
    void (*function)(void);
} topics[] = {
    {"timers by CPU time", cpu_timers},
    {"queued signals of a killed process", queues}, {"queued signals that become ignored", ignored},
    {"a futex", futexes},                           {"poll", polls},
    {"epoll", epolls},
    {"a terminal", killed_on_terminal},             {"a terminal that was hung up", hung_up_terminal},
    {"pairs closed in odd orders", odd_orders},     {"no stack for a handler", stack_overflow},
};

int main(void)
{
    pipe(ends);
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        ledger_twice(topics[i].name, topics[i].function);
    check(1, "all topics ended");
    return finish();
}
