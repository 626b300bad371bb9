// SPDX-License-Identifier: MIT
// Making a call: one of fuzz-calls.def with values of the right kinds, or any number with anything, through either entry.
#pragma once

#include "fuzz-values.h"

enum { SYSINFO = 0xffffe400 };

struct call {
    int number, weight;
    const char *name, *kinds;
};
#define CALL(weight, name, kinds) {__NR_##name, weight, #name, kinds},
static const struct call calls[] = {
#include "fuzz-calls.def"
};
#undef CALL
enum { CALLS = sizeof calls / sizeof calls[0] };

static pid_t boss; ///< the supervisor, who has to survive
static int show = -1, is_root;

/// Any call with six arguments, through either entry.
static long enter(long number, const unsigned *arguments, unsigned entry)
{
    long result;
    __asm__ volatile("pushl %%ebp\n\tpushl %%edx\n\tpushl %%eax\n\tmovl %%ecx, %%eax\n\t"
                     "movl (%%eax), %%ebx\n\tmovl 4(%%eax), %%ecx\n\tmovl 8(%%eax), %%edx\n\tmovl 12(%%eax), %%esi\n\t"
                     "movl 16(%%eax), %%edi\n\tmovl 20(%%eax), %%ebp\n\tpopl %%eax\n\t"
                     "cmpl $0, (%%esp)\n\tje 1f\n\tcall *(%%esp)\n\tjmp 2f\n1:\tint $0x80\n2:\taddl $4, %%esp\n\tpopl %%ebp"
                     : "=a"(result), "+c"(arguments), "+d"(entry)
                     : "0"(number)
                     : "ebx", "esi", "edi", "memory", "cc");
    return result;
}

/// Root may kill everybody, stop anybody and go anywhere: not our supervisor, not all at once, and not out of its world.
static int ends_the_round(int number, const unsigned *a)
{
    int who = a[0];
    switch (number) {
    case __NR_ptrace: who = a[1]; break;
    case __NR_tgkill: case __NR_rt_tgsigqueueinfo: who = a[1]; break;
    case __NR_chroot: return 1; // a second one is root's way out of the first
    case __NR_setpriority: return a[0] == 2 || (int)a[1] == boss;
    case __NR_sched_setscheduler: return who == boss || (a[1] != 0 && one_in(2));
    case __NR_kill: case __NR_rt_sigqueueinfo: case __NR_tkill: case __NR_sched_setparam: case __NR_prlimit64: break;
    default: return 0;
    }
    return who == boss || who == 1 || (number == __NR_kill && (who == -1 || who == -boss));
}

static void remember(int number, long result)
{
    if (result > 1 && (number == __NR_clone || number == __NR_clone3 || number == __NR_fork))
        board->pids[below(SLOTS)] = result;
}

static void show_call(const char *name, const unsigned *a, long result)
{
    char line[120];
    int size = sprintf(line, "%d %s %x %x %x %x %x %x = %lx\n", (int)raw(__NR_gettid, 0, 0, 0), name, a[0], a[1], a[2], a[3], a[4], a[5], result);
    raw(__NR_write, show, (long)line, size);
}

static long make(int number, const char *name, const unsigned *a)
{
    if (is_root && ends_the_round(number, a))
        return 0;
    if (show >= 0)
        show_call(name, a, 0);
    long result = enter(number, a, one_in(3) ? SYSINFO : 0);
    if (show >= 0)
        show_call(name, a, result);
    remember(number, result);
    return result;
}

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static void one_call(void)
{
    static unsigned total;
    unsigned a[6], n = 0;
    const struct call *call = calls;
    if (!total)
        for (int i = 0; i < CALLS; i++)
            total += calls[i].weight;
    for (int left = below(total) - calls[0].weight; left >= 0; left -= call->weight)
        call++;
    for (const char *k = call->kinds; *k && n < 6; n++) {
        char letter = *k++;
        unsigned number = 0;
        while (digit(*k) >= 0)
            number = number * 16 + digit(*k++);
        a[n] = value_of(letter, number);
        while (*k == ' ')
            k++;
    }
    while (n < 6)
        a[n++] = one_in(4) ? any_word() : 0;
    make(call->number, call->name, a);
}

/// Numbers that no table names, with anything.
static void unknown_call(void)
{
    unsigned number = one_in(3) ? any_word() : below(470), a[6];
    for (int i = 0; i < 6; i++)
        a[i] = one_in(3) ? descriptor() : one_in(2) ? pointer(64) : any_word();
    if (number == __NR_reboot || number == __NR_exit || number == __NR_exit_group || number == __NR_iopl || number == __NR_vfork)
        return;
    if (make(number, "unknown", a) == 0 && (number == __NR_fork || number == __NR_clone || number == __NR_clone3))
        _exit(0);
}
