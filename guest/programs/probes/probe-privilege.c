// SPDX-License-Identifier: MIT
// What ring 3 may not do. Each attempt is made in a child of its own, which must end by SIGSEGV; its handler first
// reports the vector, error code and CR2 that the signal frame shows. The parent going on shows that the kernel
// lives.
// Rows: H01 kernel memory; H10 gates with DPL 0; H18 far transfers and privileged instructions.

#include "probe.h"

#include <sys/mman.h>

struct fault {
    unsigned long vector, error_code, cr2;
};

static int report_end; // the pipe to the parent

/// Sends the fault to the parent; the default action is back (SA_RESETHAND), so returning ends the child by it.
static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info;
    struct sigcontext *registers = &((ucontext_t *)context)->uc_mcontext;
    struct fault fault = {registers->trapno, registers->err, registers->cr2};
    write(report_end, &fault, sizeof fault);
}

struct attempt {
    const char *name;
    void (*function)(void);
    unsigned vector, error_code;
};

static void load_kernel(void) { *(volatile int *)0xC0100000; }
static void store_kernel(void) { *(volatile int *)0xC0100000 = 1; }
static void call_kernel(void) { __asm__ volatile("call *%0" : : "r"(0xC0100000) : "memory"); }

static void int_14(void) { __asm__ volatile("int $14"); }
static void int_13(void) { __asm__ volatile("int $13"); }
static void int_32(void) { __asm__ volatile("int $0x20"); }

static void far_call(void) { __asm__ volatile("lcall $0x60, $0xc0100000"); }
static void far_jump(void) { __asm__ volatile("ljmp $0x60, $0xc0100000"); }
static void missing_gate(void) { __asm__ volatile("lcall $0xf0, $0"); }
static void missing_ldt_gate(void) { __asm__ volatile("lcall $0x07, $0"); }

static void read_cr3(void) { __asm__ volatile("movl %%cr3, %%eax" : : : "eax"); }
static void write_cr0(void) { __asm__ volatile("movl %0, %%cr0" : : "r"(0)); }
static void halt(void) { __asm__ volatile("hlt"); }
static void clear_if(void) { __asm__ volatile("cli"); }
static void port_in(void) { __asm__ volatile("inb $0x60, %%al" : : : "eax"); }
static void load_idt(void)
{
    static char table[6] __attribute__((aligned(4)));
    __asm__ volatile("lidt %0" : : "m"(table));
}
static void load_gdt(void)
{
    static char table[6] __attribute__((aligned(4)));
    __asm__ volatile("lgdt %0" : : "m"(table));
}
static void load_task_register(void) { __asm__ volatile("ltr %w0" : : "r"(0x80)); }
static void write_msr(void) { __asm__ volatile("wrmsr" : : "c"(0x176), "a"(0), "d"(0)); }
static void clear_ts(void) { __asm__ volatile("clts"); }

static const struct attempt attempts[] = {
    {"load from 0xC0100000", load_kernel, 14, 5},
    {"store to 0xC0100000", store_kernel, 14, 7},
    {"call 0xC0100000", call_kernel, 14, 5},
    {"int $14", int_14, 13, 14 * 8 + 2},
    {"int $13", int_13, 13, 13 * 8 + 2},
    {"int $0x20", int_32, 13, 0x20 * 8 + 2},
    {"lcall $0x60", far_call, 13, 0x60},
    {"ljmp $0x60", far_jump, 13, 0x60},
    {"lcall $0xf0 (no such gate)", missing_gate, 13, 0xf0},
    {"lcall $0x07 (no LDT)", missing_ldt_gate, 13, 4},
    {"mov %cr3", read_cr3, 13, 0},
    {"mov to %cr0", write_cr0, 13, 0},
    {"hlt", halt, 13, 0},
    {"cli", clear_if, 13, 0},
    {"inb $0x60", port_in, 13, 0},
    {"lidt", load_idt, 13, 0},
    {"lgdt", load_gdt, 13, 0},
    {"ltr", load_task_register, 13, 0},
    {"wrmsr", write_msr, 13, 0},
    {"clts", clear_ts, 13, 0},
};

/// An x86-64 kernel has no kernel memory at 0xC0100000: there the page is just absent (and fetches are told apart).
static unsigned expected_code(const struct attempt *attempt)
{
    if (native() && attempt->vector == 14)
        return attempt->function == call_kernel ? 0x14 : attempt->error_code & ~1u;
    return attempt->error_code;
}

static int attempt_status(void (*function)(void), struct fault *fault)
{
    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        report_end = ends[1];
        struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_RESETHAND};
        sigaction(SIGSEGV, &action, NULL);
        function();
        _exit(0);
    }
    close(ends[1]);
    memset(fault, 0xff, sizeof *fault);
    read(ends[0], fault, sizeof *fault);
    close(ends[0]);
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void try(const struct attempt *attempt)
{
    struct fault fault;
    int status = attempt_status(attempt->function, &fault);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "%s: ended by %s", attempt->name,
          WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "no signal");
    check(fault.vector == attempt->vector && fault.error_code == expected_code(attempt),
          "%s: vector %ld, error code 0x%lx", attempt->name, (long)fault.vector, fault.error_code);
    if (attempt->vector == 14)
        check(fault.cr2 == 0xC0100000, "%s: cr2 0x%08lx", attempt->name, fault.cr2);
}

/// probe-privilege [NAME]: all attempts, or the one of that name.
int main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
        if (argc < 2 || strcmp(argv[1], attempts[i].name) == 0)
            try(&attempts[i]);
    check(getpid() > 0 && raw(__NR_getpid, 0, 0, 0) == getpid(), "int $0x80 still works");
    return finish();
}
