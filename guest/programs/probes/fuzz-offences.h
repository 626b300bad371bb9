// SPDX-License-Identifier: MIT
// Offences of the bare processor: what a program can do wrong without asking for anything, and with what the kernel gave it.
// Each is tried by a child that may die of it. Rows: H10, H18, H20, R11; the "bad input".
#pragma once

#include <sched.h>
#include <sys/ptrace.h>

/// Any interrupt number, by instructions that are written on the spot.
static void any_interrupt(void)
{
    unsigned char *code = (unsigned char *)CODE;
    for (int i = 0; i < 4; i++) {
        code[0] = 0xcd, code[1] = one_in(3) ? below(256) : below(0x30), code[2] = 0xc3;
        __asm__ volatile("call *%0" : : "r"(code), "a"(below(300)), "b"(any_word()), "c"(any_word()), "d"(any_word()) : "memory", "cc");
    }
}

static unsigned any_selector(void)
{
    static const unsigned known[] = {0x73, 0x7b, 0x60, 0x68, 0x33, 0x3b, 0x43, 0x80, 0x88, 0x23, 0, 3, 0xf8, 0x90, 0xd0};
    return one_in(3) ? below(0x120) : one_in(2) ? PICK(known) : (below(20) << 3 | 7);
}

static void far_transfer(void)
{
    struct { unsigned offset; unsigned short selector; } __attribute__((packed)) target = {one_in(2) ? (unsigned)CODE : any_word(), any_selector()};
    memset((void *)CODE, 0x90, 64);
    ((unsigned char *)CODE)[63] = 0xcb;
    switch (below(4)) {
    case 0: __asm__ volatile("lcall *%0" : : "m"(target) : "memory"); break;
    case 1: __asm__ volatile("ljmp *%0" : : "m"(target) : "memory"); break;
    case 2: __asm__ volatile("pushl %0\n\tpushl %1\n\tlret" : : "r"((unsigned)target.selector), "r"(target.offset)); break;
    default: __asm__ volatile("pushl %0\n\tpushl %1\n\tpushl %2\n\tpushl %3\n\tpushl %4\n\tiret" : : "r"(one_in(2) ? 0x7b : any_selector()), "r"(one_in(2) ? BUFFERS + 64 : any_word()), "r"(any_word()), "r"((unsigned)target.selector), "r"(target.offset));
    }
}

/// Segments of its own, loaded into any register; then the kernel is entered with them.
static void own_segments(void)
{
    for (int i = 0; i < 12; i++) {
        unsigned selector = one_in(2) ? any_selector() : (below(4) << 3 | 7);
        raw(one_in(4) ? __NR_set_thread_area : __NR_modify_ldt, one_in(4) ? segment() : 1, segment(), 16);
        unsigned desc[4] = {below(4), one_in(2) ? 0 : any_word(), one_in(2) ? 0xfffff : random_word() & 0xfffff, random_word() & 0x7f};
        raw(__NR_modify_ldt, one_in(2) ? 1 : 0x11, (long)desc, 16);
        switch (below(6)) {
        case 0: __asm__ volatile("movw %w0, %%fs" : : "r"(selector)); break;
        case 1: __asm__ volatile("movw %w0, %%gs" : : "r"(selector)); break;
        case 2: __asm__ volatile("pushl %%es\n\tmovw %w0, %%es\n\tmovl $20, %%eax\n\tint $0x80\n\tpopl %%es" : : "r"(selector) : "eax", "memory"); break;
        case 3: __asm__ volatile("pushl %%ds\n\tmovw %w0, %%ds\n\tmovl $20, %%eax\n\tint $0x80\n\tpopl %%ds" : : "r"(selector) : "eax", "memory"); break;
        case 4: __asm__ volatile("movl %%ss, %%ecx\n\tmovw %w0, %%ss\n\tmovl $20, %%eax\n\tint $0x80\n\tmovw %%cx, %%ss" : : "r"(selector) : "eax", "ecx", "memory"); break;
        default: __asm__ volatile("movl %%esp, %%edi\n\tmovl %%ss, %%ecx\n\tmovw %w0, %%ss\n\tmovl %1, %%esp\n\tmovl $20, %%eax\n\tint $0x80\n\tmovw %%cx, %%ss\n\tmovl %%edi, %%esp" : : "r"(selector), "r"(any_word()) : "eax", "ecx", "edi", "memory");
        }
    }
}

/// An 8086 with any registers that runs any bytes.
static void wild_vm86(void)
{
    unsigned *machine = (unsigned *)(BUFFERS + 4096);
    unsigned char *low = mmap(NULL, 0x110000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (low != MAP_FAILED)
        for (int i = 0; i < 0x3000; i += 4)
            *(volatile unsigned *)(i + 0x1000 * (i / 4 % 4)) = random_word();
    for (int tries = 0; tries < 8; tries++) {
        for (int i = 0; i < 48; i++)
            machine[i] = one_in(3) ? any_word() : random_word() & 0xffff;
        if (one_in(2)) // code of its own: interrupts, flags, wishes for the kernel
            for (int i = 0; i < 64; i++)
                ((unsigned char *)0x10000)[i] = PICK(((const unsigned char[]){0xcd, 0x10, 0x21, 0x80, 0xfa, 0xfb, 0x9c, 0x9d, 0xcf, 0xf4, 0x66, 0xcc, 0xce, 0x90, 0xf0, 0xe4, 0x0f, 0x05, 0x8e, 0xd8})),
                machine[13] = 0x1000, machine[12] = below(64);
        machine[14] = one_in(3) ? any_word() : random_word() & 0x3dd5;
        if (one_in(2))
            raw(__NR_vm86old, one_in(12) ? bad_pointer(160) : (unsigned)machine, 0, 0);
        else
            raw(__NR_vm86, one_in(6) ? any_word() : 1, one_in(12) ? bad_pointer(160) : (unsigned)machine, 0);
    }
}

/// Ports: reading any but the channels to the host, writing where nobody listens. Then interrupts off and on again.
static void ports(void)
{
    if (one_in(2))
        raw(__NR_iopl, 1 + below(3), 0, 0);
    raw(__NR_ioperm, below(0x400), 1 + below(0x100), one_in(2));
    for (int i = 0; i < 6; i++) {
        unsigned port = below(0x400), value = random_word();
        __asm__ volatile("inb %w1, %b0" : "=a"(value) : "d"(port));
        __asm__ volatile("outb %b0, %w1" : : "a"(value), "d"(one_in(2) ? 0x3ff : 0x80));
    }
    __asm__ volatile("cli\n\tmovl $20, %%eax\n\tint $0x80\n\tsti" : : : "eax", "memory");
}

static void wild_flags(void)
{
    unsigned flags = one_in(2) ? random_word() & 0x254fd5 : 1u << below(22);
    __asm__ volatile("pushl %0\n\tpopfl\n\tmovl $20, %%eax\n\tint $0x80\n\tnop" : : "r"(flags) : "eax", "cc", "memory");
    __asm__ volatile("pushl %0\n\tpopfl\n\tmovl $20, %%eax\n\tcall *%1" : : "r"(flags), "r"(0xffffe400) : "eax", "cc", "memory");
}

/// The instruction itself, not through the kernel's page: flags, stack and all registers are anything.
static void wild_sysenter(void)
{
    unsigned stack = one_in(2) ? BUFFERS + 4 * below(1000) : any_word();
    __asm__ volatile("pushl %0\n\tpopfl\n\tmovl %1, %%ebp\n\tmovl %2, %%esp\n\tsysenter"
                     :
                     : "c"(one_in(2) ? random_word() & 0x4fd5 : 2), "d"(one_in(2) ? stack : any_word()), "S"(stack), "a"(below(450)), "b"(any_word()));
}

/// A frame of a signal handler that nobody laid: some of it right, so that the kernel believes the rest.
static void forged_frame(void)
{
    unsigned *frame = (unsigned *)(one_in(10) ? bad_pointer(600) & ~3u : BUFFERS + 0x1000 + 4 * below(0x600)), at = one_in(2) ? 0 : 39;
    if ((unsigned)frame < BUFFERS || (unsigned)frame > BUFFERS + BUFFERS_SIZE)
        goto jump;
    for (int i = 0; i < 300; i++)
        frame[i] = any_word();
    unsigned *context = frame + 1 + at; // struct sigcontext: gs fs es ds edi ... cs eflags esp ss fpstate
    for (int i = 0; i < 4; i++)
        context[i] = one_in(3) ? any_selector() : 0x7b;
    context[14] = one_in(2) ? (unsigned)CODE : any_word();
    context[15] = one_in(3) ? any_selector() : 0x73;
    context[16] = one_in(2) ? 0x202 : random_word();
    context[17] = one_in(2) ? BUFFERS + 0x800 : any_word();
    context[18] = one_in(3) ? any_selector() : 0x7b;
    context[19] = one_in(3) ? 0 : one_in(5) ? bad_pointer(512) : (unsigned)(frame + 100);
    ((unsigned char *)CODE)[0] = 0xcc;
jump:
    __asm__ volatile("movl %0, %%esp\n\tint $0x80" : : "r"(frame), "a"(at ? __NR_rt_sigreturn : __NR_sigreturn) : "memory");
}

static void runs_bytes(void)
{
    unsigned char *code = (unsigned char *)CODE;
    for (int i = 0; i < 4096; i++)
        code[i] = random_word() >> 7;
    __asm__ volatile("call *%%eax" : : "a"(code + below(64)), "b"(any_word()), "c"(any_word()), "d"(any_word()), "S"(any_word()), "D"(any_word()) : "memory");
}

static volatile unsigned deepest;

static unsigned deep(unsigned n)
{
    volatile char space[2000];
    space[n % 2000] = n;
    return deepest && n > deepest ? n : deep(n + 1) + space[n / 2 % 2000];
}

/// The stack grows until something is in its way, with a signal that finds no place on it.
static void no_stack(void)
{
    deepest = one_in(2) ? 0 : below(5000);
    deep(0);
}

/// What a debugger may set in a program, and what it may not: registers, debug registers, the coprocessor, its memory.
static void strange_debugger(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        raw(__NR_ptrace, PTRACE_TRACEME, 0, 0);
        raise(SIGSTOP);
        for (int i = 0; i < 5; i++)
            raw(__NR_gettid, 0, 0, 0);
        any_interrupt();
        _exit(0);
    }
    waitpid(pid, NULL, __WALL | 2);
    for (int i = 0; i < 40; i++) {
        static const int requests[] = {1, 2, 3, 4, 5, 6, 6, 6, 12, 13, 14, 15, 18, 19, 25, 26, 0x4200, 0x4201, 0x4202, 0x4203};
        static const unsigned addresses[] = {252, 256, 260, 264, 276, 280, 280, 0, 24, 28, 32, 36, 44, 48, 52, 56, 60, 64};
        unsigned data = one_in(3) ? (unsigned)good_pointer(512) : one_in(2) ? any_word() : any_selector();
        ptrace(PICK(requests), pid, (void *)(one_in(3) ? address() : PICK(addresses)), (void *)data);
        if (one_in(5)) {
            ptrace(PICK(((const int[]){7, 9, 9, 24, 24, 17, 8})), pid, NULL, (void *)(one_in(2) ? 0 : signal_number()));
            waitpid(pid, NULL, __WALL | (one_in(2) ? WNOHANG : 0));
        }
    }
    kill(pid, SIGKILL);
}

static int in_clone(void *argument);

static void any_clone(void)
{
    for (int i = 0; i < 6; i++) {
        unsigned flags = (random_word() & (one_in(3) ? 0x03ffff00 : 0x01f37700 & random_word())) | (one_in(4) ? signal_number() & 0xff : SIGCHLD);
        if (getppid() == boss)
            flags &= ~CLONE_PARENT; // the exit signal of a sister of ours would go to the supervisor
        clone(in_clone, (void *)(one_in(12) ? bad_pointer(64) : BUFFERS + 0x4000 + 0x800 * (unsigned)i), flags, NULL, (int *)pointer(4), (void *)segment(), (int *)pointer(4));
    }
    raw(__NR_nanosleep, (long)(long[2]){0, 300000}, 0, 0);
}

static void takes_its_memory_away(void)
{
    switch (below(5)) {
    case 0: munmap((void *)0x08048000, 0x100000); break;
    case 1: mprotect((void *)0x08048000, 0x100000, below(8)); break;
    case 2: munmap((void *)0xb0000000, 0x10000000); break;
    case 3: raw(__NR_brk, 0x08049000, 0, 0); break;
    default: mmap((void *)(0xbffff000 & ~0xfff), 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    raise(SIGUSR1);
}

static void (*const offences[])(void) = {
    any_interrupt, far_transfer, own_segments, own_segments, wild_vm86, ports,     wild_flags,
    wild_sysenter, forged_frame, forged_frame, runs_bytes,   no_stack,  strange_debugger, strange_debugger, any_clone, takes_its_memory_away,
};
