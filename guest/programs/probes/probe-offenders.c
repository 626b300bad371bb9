// SPDX-License-Identifier: MIT
// Programs that do what no program should: wild jumps, kernel addresses, broken frames, calls with random arguments, garbage to
// execute. Each is a child; it may end as it likes, and is killed if it does not. What counts is what is left: nothing.
// Rows: L07 and the "bad input". It needs a machine of its own: on another kernel it does nothing.
//
//     probe-offenders [SEED [ROUNDS]]       the same seed does the same

#include "probe.h"

#include "ledger.h"

#include <sched.h>
#include <sys/calls.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>

static unsigned state;

static unsigned random_word(void)
{
    state = state * 1664525 + 1013904223;
    return (state >> 16 | state << 16) ^ state >> 5;
}

static char scratch[8192] __attribute__((aligned(4096)));

/// What a careless program might pass: small numbers, pointers good and bad, edges.
static unsigned random_argument(void)
{
    static const unsigned edges[] = {0, 1, ~0u, 0x7fffffff, 0x80000000, 0xc0000000, 0xbffffffc, 0xc0100000, 0xfffff000, 0xffffe400, 4096};
    switch (random_word() % 6) {
    case 0: return random_word() % 32;
    case 1: return edges[random_word() % (sizeof edges / sizeof edges[0])];
    case 2: return random_word();
    case 3: return (unsigned)scratch + random_word() % sizeof scratch;
    case 4: return (unsigned)scratch + sizeof scratch - random_word() % 8;
    default: return 1u << random_word() % 32;
    }
}

// ---- offences

static void wild_jump(void)
{
    static const unsigned bases[] = {0, 0x08048000, 0xc0100000, 0xbffff000, 0xffffe000, 0xfffffff0};
    unsigned target = bases[random_word() % 6] + random_word() % 0x2000;
    __asm__ volatile("jmp *%0" : : "r"(random_word() % 2 ? target : random_word()));
}

static void wild_access(void)
{
    for (int i = 0; i < 50; i++) {
        volatile unsigned *at = (volatile unsigned *)random_argument();
        if (random_word() % 2)
            *at = random_word();
        else
            (void)*at;
    }
}

static void ignore(int signal)
{
    (void)signal;
}

static void recurse(int signal)
{
    (void)signal;
    *(volatile int *)random_argument() = 1; // again, one frame deeper
    raise(SIGSEGV);
}

static void signals_in_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = recurse;
    action.sa_flags = SA_NODEFER;
    for (int signal = 1; signal < 32; signal++)
        sigaction(signal, &action, NULL);
    for (int i = 0; i < 100; i++)
        raise(1 + random_word() % 31);
}

static void no_stack(void)
{
    signal(SIGSEGV, recurse);
    __asm__ volatile("movl %0, %%esp\n\tpushl $1\n\tint $0x80" : : "r"(random_argument()), "a"(random_word() % 300));
}

static void run_bytes(void)
{
    unsigned char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4096; i++)
        code[i] = random_word();
    for (int i = 0; i < 8; i++)
        signal(4 + i, i == 5 ? SIG_DFL : ignore);
    ((void (*)(void))(code + random_word() % 64))();
}

/// Instructions that ring 3 has no right to, or that prepare trouble for the kernel's way back.
static void forbidden(void)
{
    unsigned value = random_word();
    switch (random_word() % 14) {
    case 0: __asm__ volatile("hlt"); break;
    case 1: __asm__ volatile("cli"); break;
    case 2: __asm__ volatile("movl %0, %%cr0" : : "r"(value)); break;
    case 3: __asm__ volatile("movl %0, %%cr3" : : "r"(value)); break;
    case 4: __asm__ volatile("lidt %0" : : "m"(scratch)); break;
    case 5: __asm__ volatile("int $0x14"); break;
    case 6: __asm__ volatile("int3"); break;
    case 7: __asm__ volatile("pushl %0\n\tpopfl\n\tmovl $20, %%eax\n\tint $0x80" : : "r"(value & ~0x40000) : "eax", "cc"); break;
    case 8: __asm__ volatile("pushl $0x4000\n\tpopfl\n\tmovl $20, %%eax\n\tint $0x80" : : : "eax", "cc"); break; // NT
    case 9: __asm__ volatile("movl %0, %%gs" : : "r"(value & 0xffff)); __asm__ volatile("movl %0, %%fs" : : "r"(value >> 16)); break;
    case 10: __asm__ volatile("pushl %0\n\tpushl %1\n\tlret" : : "r"(value & 0xffff), "r"(value)); break;
    case 11: __asm__ volatile("pushl %0\n\tpushl %0\n\tpushl %0\n\tpushl %0\n\tpushl %0\n\tiret" : : "r"(value)); break;
    case 12: __asm__ volatile("movl %0, %%esp\n\tsysenter" : : "r"(value)); break;
    default: __asm__ volatile("outb %%al, $0x64" : : "a"(value)); __asm__ volatile("ud2");
    }
}

static void broken_sigreturn(void)
{
    unsigned frame[256];
    for (int i = 0; i < 256; i++)
        frame[i] = random_argument();
    __asm__ volatile("movl %0, %%esp\n\tint $0x80" : : "r"(frame), "a"(random_word() % 2 ? __NR_sigreturn : __NR_rt_sigreturn));
}

/// Calls that would end the machine, that leave something behind on purpose, or that only wait.
static int left_out(int number)
{
    static const short numbers[] = {__NR_reboot, __NR_ipc, __NR_pause, __NR_exit, __NR_exit_group, __NR_rt_sigsuspend, __NR_sigsuspend,
                                    __NR_umask, 393, 394, 395, 396, 397, 398, 399, 400, 401, 402, 277};
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (numbers[i] == number)
            return 1;
    return 0;
}

static void random_calls(void)
{
    for (int i = 0; i < 60; i++) {
        long number = random_word() % 450, result;
        if (left_out(number))
            continue;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(random_argument()), "c"(random_argument()), "d"(random_argument()), "S"(random_argument()), "D"(random_argument()) : "memory");
        (void)result;
    }
}

static void garbage_to_execute(void)
{
    static unsigned char image[3000];
    int from = open("/proc/self/exe", O_RDONLY), kind = random_word() % 4;
    read(from, image, sizeof image);
    close(from);
    for (int i = 0; kind && i < 20; i++) // a program with some bytes changed, mostly of its headers
        image[random_word() % (kind == 1 ? 52 : kind == 2 ? 180 : sizeof image)] = random_word();
    if (!kind)
        memcpy(image, "#! /proc/self/exe", 17);
    int fd = open("/tmp/garbage", O_RDWR | O_CREAT | O_TRUNC, 0777);
    write(fd, image, random_word() % sizeof image);
    fchmod(fd, 0777);
    close(fd);
    execl("/tmp/garbage", "garbage", "1", "0", (char *)NULL);
}

static void huge_arguments(void)
{
    enum { MANY = 5000 };
    static char *arguments[MANY + 1];
    static char text[40000];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < MANY; i++)
        arguments[i] = random_word() % 50 ? text + sizeof text - 1 - random_word() % 64 : text;
    if (random_word() % 2)
        arguments[random_word() % MANY] = (char *)random_argument();
    execve("/proc/self/exe", arguments, random_word() % 2 ? arguments : (char **)random_argument());
}

static void no_memory_left_of_its_own(void)
{
    switch (random_word() % 4) {
    case 0: munmap((void *)0x08048000, 0x100000); break;
    case 1: mprotect((void *)0x08048000, 0x100000, random_word() % 8); break;
    case 2: munmap((void *)0xb0000000, 0x10000000); break;
    default: mmap((void *)(0xbffff000 & ~0xfff), 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    raise(SIGUSR1);
}

static volatile int bottom = -1;

static int deep(int n)
{
    volatile char room[3000];
    room[n % 3000] = n;
    return n == bottom ? 0 : deep(n + 1) + room[0];
}

static void endless_stack(void)
{
    deep(0);
}

static int some_thread(void *argument)
{
    (void)argument;
    random_calls();
    return 0;
}

static void random_clones(void)
{
    static char stacks[8][2048] __attribute__((aligned(16)));
    for (int i = 0; i < 8; i++)
        clone(some_thread, stacks[i] + 2048, (random_word() & ~CLONE_PARENT & ~CLONE_VFORK & ~CSIGNAL) | SIGCHLD, NULL, (int *)random_argument(), (void *)random_argument(), (int *)random_argument());
    random_calls();
}

static void segments(void)
{
    unsigned desc[4] = {random_word() % 8000, random_argument(), random_word() & 0xfffff, random_word() & 0x7f};
    for (int i = 0; i < 20; i++) {
        raw(__NR_modify_ldt, 1, (long)desc, 16);
        raw(__NR_set_thread_area, (long)desc, 0, 0);
        desc[0] = random_word() % 12, desc[1] = random_argument(), desc[2] = random_word() & 0xfffff, desc[3] = random_word() & 0x7f;
        __asm__ volatile("movl %0, %%fs\n\tmovl %1, %%gs" : : "r"(desc[0] << 3 | 7), "r"(0x33));
    }
}

static void traces_itself(void)
{
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_ATTACH, parent, NULL, NULL);
        for (int i = 0; i < 60; i++)
            raw(__NR_ptrace, random_word() % 32, parent, random_argument());
        _exit(0);
    }
    random_calls();
}

static void (*const offences[])(void) = {
    wild_jump,     wild_access,        signals_in_signals, no_stack, run_bytes,     forbidden, broken_sigreturn, random_calls,
    random_calls,  garbage_to_execute, huge_arguments,     no_memory_left_of_its_own, endless_stack, random_clones, segments, traces_itself,
};
enum { OFFENCES = sizeof offences / sizeof offences[0] };

// ---- their supervisor

static void offend(unsigned seed)
{
    state = seed * 2654435761u + 1;
    alarm(1);
    setsid();
    close(0), close(1), close(2); // what it does to a file stays with that file
    unsigned long limits[2] = {24, 24}, memory[2] = {32 << 20, 32 << 20};
    raw(__NR_setrlimit, 6, (long)limits, 0);  // processes
    raw(__NR_setrlimit, 9, (long)memory, 0);  // address space
    setgid(1000);
    setresuid(1000, 1000, 1000);
    void (*offence)(void) = offences[random_word() % OFFENCES];
    for (unsigned i = 0; i < sizeof scratch; i += 4)
        *(unsigned *)(scratch + i) = random_argument();
    offence();
    _exit(0);
}

/// Kills everybody but init and us, until nobody is left.
static void clean_up(void)
{
    for (int i = 0; i < 1000; i++) {
        int killed = kill(-1, SIGKILL) == 0;
        while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
            ;
        if (!killed)
            break;
        raw(__NR_nanosleep, (long)(long[2]){0, 1000000}, 0, 0);
    }
    unlink("/tmp/garbage");
}

static void one_round(unsigned seed)
{
    enum { AT_ONCE = 4 };
    pid_t pids[AT_ONCE];
    for (int i = 0; i < AT_ONCE; i++)
        if ((pids[i] = fork()) == 0)
            offend(seed * AT_ONCE + i);
    for (int waits = 0; waits < 30; waits++) { // some wait for ever
        raw(__NR_nanosleep, (long)(long[2]){0, 2000000}, 0, 0);
        int alive = 0;
        for (int i = 0; i < AT_ONCE; i++)
            alive += kill(pids[i], 0) == 0 && waitpid(pids[i], NULL, WNOHANG) == 0;
        if (!alive)
            break;
    }
    clean_up();
}

int main(int argc, char **argv)
{
    if (native()) {
        printf("another kernel: not offended\n");
        return 0;
    }
    unsigned seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
    int rounds = argc > 2 ? atoi(argv[2]) : 50;
    if (geteuid() != 0)
        return 0; // what garbage_to_execute has become
    for (int i = 0; i < 10; i++)
        one_round(900000 + i);
    static char topic[40];
    sprintf(topic, "seed %u", seed);
    ledger_topic = topic;
    ledger_mark();
    for (int i = 0; i < rounds; i++) {
        one_round(seed * 1000 + i);
        sprintf(topic, "seed %u round %d", seed, i);
        ledger_mark();
    }
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(9);
    waitpid(pid, &status, 0);
    check(status == 9 << 8, "%d rounds of offenders, and the kernel is well", rounds);
    return finish();
}
