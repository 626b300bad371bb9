// SPDX-License-Identifier: MIT
// What the processor says to programs that go too far: each child raises one exception, and the kernel makes a signal of it.
// `trapgate explain de`, `gp`, `pagefault` … show how the processor delivers them. `10-faults NAME` raises only that one.

#include <asm/unistd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void divide(void)
{
    __asm__ volatile("divl %%ecx" : : "a"(1), "d"(0), "c"(0));
}

static void single_step(void)
{
    __asm__ volatile("pushfl; orl $0x100, (%esp); popfl; nop");
}

static void breakpoint(void)
{
    __asm__ volatile("int3");
}

static void overflow(void)
{
    __asm__ volatile("movl $0x7fffffff, %%eax; incl %%eax; into" : : : "eax");
}

static void bounds(void)
{
    static const int limits[2] = {0, 9};
    __asm__ volatile("boundl %0, %1" : : "r"(10), "m"(limits));
}

static void undefined(void)
{
    __asm__ volatile("ud2");
}

/// A segment that is not there: #NP for a data register, #SS for the stack's.
static unsigned absent_segment(void)
{
    struct {
        unsigned entry, base, limit, flags;
    } descriptor = {(unsigned)-1, 0, 0xfffff, 1 | 1 << 4 | 1 << 5}; // 32 bits, pages, not present
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(__NR_set_thread_area), "b"(&descriptor) : "memory");
    return result ? 0 : descriptor.entry * 8 + 3;
}

static void not_present(void)
{
    __asm__ volatile("movl %0, %%gs" : : "r"(absent_segment()));
}

static void stack(void)
{
    __asm__ volatile("movl %0, %%ss" : : "r"(absent_segment()));
}

static void protection(void)
{
    __asm__ volatile("hlt");
}

static void page(void)
{
    *(volatile int *)16 = 1;
}

static void floating_point(void)
{
    static const short all_unmasked = 0x340;
    __asm__ volatile("fninit; fldcw %0; fldz; fld1; fdivp; fwait" : : "m"(all_unmasked));
}

static void alignment(void)
{
    static const int words[2];
    __asm__ volatile("pushfl; orl $0x40000, (%%esp); popfl; movl 1(%0), %%eax" : : "r"(words) : "eax");
}

static const struct {
    const char *name, *text;
    void (*raise)(void);
} faults[] = {
    {"de", "#DE divide error", divide},
    {"db", "#DB single step", single_step},
    {"bp", "#BP int3", breakpoint},
    {"of", "#OF into after an overflow", overflow},
    {"br", "#BR bound exceeded", bounds},
    {"ud", "#UD undefined instruction", undefined},
    {"np", "#NP segment not present", not_present},
    {"ss", "#SS stack segment not present", stack},
    {"gp", "#GP hlt in ring 3", protection},
    {"pf", "#PF a write near 0", page},
    {"mf", "#MF 1.0 / 0.0, unmasked", floating_point},
    {"ac", "#AC unaligned, with AC set", alignment},
};

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    int all = 1;
    for (unsigned i = 0; i < sizeof faults / sizeof *faults; ++i) {
        if (argc > 1 && strcmp(argv[1], faults[i].name))
            continue;
        pid_t pid = fork();
        if (pid < 0)
            return 1;
        if (pid == 0) {
            faults[i].raise();
            exit(0);
        }
        int status;
        waitpid(pid, &status, 0);
        printf("%-32s signal %d\n", faults[i].text, WTERMSIG(status));
        all &= WIFSIGNALED(status);
    }
    return all ? 0 : 1;
}
