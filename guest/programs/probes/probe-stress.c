// SPDX-License-Identifier: MIT
// Much of everything at once: many processes, pipes, signals, timer interrupts and page faults, and memory used up.
// Rows: S07 processes sleep in calls and are woken; U12 page faults inside copying; G03 nobody sees another's data;
// K07, P26 and W24 again and again; R06 registers survive interrupts.

#include "probe.h"

#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

/// Forks one after the other; each child changes what it inherited, on many pages.
static void many_forks(void)
{
    enum { FORKS = 300, PAGES = 16 };
    static int data[PAGES * 1024];
    for (int i = 0; i < PAGES * 1024; i++)
        data[i] = i;
    int right = 0;
    for (int n = 0; n < FORKS; n++) {
        pid_t pid = fork();
        if (pid == 0) {
            int sum = 0;
            for (int page = 0; page < PAGES; page++) {
                data[page * 1024 + n] += n;
                sum += data[page * 1024 + n] - page * 1024;
            }
            _exit(sum == PAGES * 2 * n ? n & 0x7f : 255);
        }
        int status = -1;
        right += waitpid(pid, &status, 0) == pid && status == (n & 0x7f) << 8;
    }
    int kept = 1;
    for (int i = 0; i < PAGES * 1024; i++)
        kept &= data[i] == i;
    check(right == FORKS && kept, "%d of %d children changed their own copy, the parent's is whole", right, FORKS);
}

/// A ring of processes passes a counter on through pipes.
static void ring(void)
{
    enum { PROCESSES = 20, TURNS = 50 };
    int first[2], in;
    pipe(first);
    in = first[0];
    for (int i = 0; i < PROCESSES; i++) {
        int ends[2];
        pipe(ends);
        if (fork() == 0) {
            int counter;
            while (read(in, &counter, sizeof counter) == sizeof counter && counter >= 0) {
                counter++;
                write(ends[1], &counter, sizeof counter);
            }
            counter = -1;
            write(ends[1], &counter, sizeof counter);
            _exit(0);
        }
        close(ends[1]);
        if (i)
            close(in);
        in = ends[0];
    }
    int counter = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        write(first[1], &counter, sizeof counter);
        read(in, &counter, sizeof counter);
    }
    check(counter == PROCESSES * TURNS, "a counter went %d times round %d processes: %d", TURNS, PROCESSES, counter);
    counter = -1;
    write(first[1], &counter, sizeof counter);
    int ended = 0;
    while (wait(NULL) > 0)
        ended++;
    check(ended == PROCESSES, "all %d ended", ended);
    close(first[0]);
    close(first[1]);
    close(in);
}

/// Several writers fill one pipe; each record must arrive whole.
static void crowded_pipe(void)
{
    enum { WRITERS = 8, RECORDS = 100, SIZE = 64 };
    int ends[2];
    pipe(ends);
    for (int writer = 0; writer < WRITERS; writer++)
        if (fork() == 0) {
            char record[SIZE];
            memset(record, 'a' + writer, SIZE);
            for (int i = 0; i < RECORDS; i++)
                write(ends[1], record, SIZE);
            _exit(0);
        }
    close(ends[1]);
    char record[SIZE];
    int whole = 0, counts[WRITERS] = {0};
    for (;;) {
        int length = 0, n;
        while (length < SIZE && (n = read(ends[0], record + length, SIZE - length)) > 0)
            length += n;
        if (length == 0)
            break;
        int same = length == SIZE;
        for (int i = 1; i < length; i++)
            same &= record[i] == record[0];
        whole += same;
        counts[record[0] - 'a']++;
    }
    int equal = 1;
    for (int i = 0; i < WRITERS; i++)
        equal &= counts[i] == RECORDS;
    check(whole == WRITERS * RECORDS && equal, "%d records of %d writers came whole out of one pipe", whole, WRITERS);
    close(ends[0]);
    while (wait(NULL) > 0)
        ;
}

static volatile int alarms;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
}

/// Computes while a timer's signals interrupt; the result is the one without them.
static void interrupted_computation(void)
{
    signal(SIGALRM, on_alarm);
    struct itimerval timer = {{0, 5000}, {0, 5000}};
    unsigned result[2];
    for (int turn = 0; turn < 2; turn++) {
        if (turn)
            setitimer(ITIMER_REAL, &timer, NULL);
        unsigned x = 1;
        for (int i = 0; i < 3000000 || (turn && alarms < 10); i++)
            if (i < 3000000)
                x = x * 1664525 + 1013904223 + (x >> 7);
        result[turn] = x;
    }
    memset(&timer, 0, sizeof timer);
    setitimer(ITIMER_REAL, &timer, NULL);
    check(result[0] == result[1] && alarms >= 10, "a computation interrupted by signals gives the same number");
}

/// Two busy processes must both get on, although neither ever makes a system call.
static void time_slices(void)
{
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            shared[0]++;
    int others_turns = 0, last = 0;
    while (others_turns < 3) // each turn came while we were computing
        if (shared[0] != last) {
            last = shared[0];
            others_turns++;
        }
    kill(pid, SIGKILL);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == SIGKILL, "two busy processes share the processor, and one is killed");
    munmap((void *)shared, 4096);
}

/// Maps and unmaps, in part and with other rights; contents stay where they belong.
static void mappings(void)
{
    enum { PAGES = 64 };
    int good = 1;
    for (int turn = 0; turn < 20; turn++) {
        char *area = mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        for (int page = 0; page < PAGES; page++)
            area[page * 4096] = page + turn;
        for (int page = 1; page < PAGES; page += 3)
            munmap(area + page * 4096, 4096);
        for (int page = 2; page < PAGES; page += 3)
            mprotect(area + page * 4096, 4096, PROT_READ);
        for (int page = 0; page < PAGES; page++)
            if (page % 3 != 1)
                good &= area[page * 4096] == (char)(page + turn);
        good &= write(1, area + 4096, 1) == -1 && errno == EFAULT;
        munmap(area, PAGES * 4096);
    }
    check(good, "areas cut into pieces keep their contents");
}

/// Takes memory until there is none; the program that asks for too much gets an error or is ended, the rest goes on.
static void use_up_memory(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 4096; i++) {
            char *megabyte = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
            if (megabyte == MAP_FAILED)
                _exit(errno == ENOMEM ? 0 : 1);
            for (int page = 0; page < 256; page++)
                megabyte[page * 4096] = 1;
        }
        _exit(2);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0 || status == SIGKILL, "who uses up the memory gets ENOMEM or is killed: status 0x%04x", status);
    check(in_child(many_forks) == 0, "and the others go on");
}

/// Each level has a page of stack: the stack grows as it is touched.
static int deep(int level)
{
    volatile char room[4000];
    room[0] = level;
    return level ? deep(level - 1) + (room[0] == (char)level) : 0;
}

int main(int argc, char **argv)
{
    many_forks();
    ring();
    crowded_pipe();
    interrupted_computation();
    time_slices();
    mappings();
    check(deep(500) == 500, "a stack of 2 MB");
    if (argc > 1 && strcmp(argv[1], "--memory") == 0) // not on a machine that others use
        use_up_memory();
    return finish();
}
