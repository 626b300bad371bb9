// SPDX-License-Identifier: MIT
// Virtual-8086 mode from a program: vm86old(2) and vm86(2), what comes back out of them, and a signal in the middle.
// Rows: R11. A 64-bit Linux has no such mode: there the probe only sees that it says so.

#include "probe.h"

#include <sys/mman.h>

struct regs16 {
    long ebx, ecx, edx, esi, edi, ebp, eax, null_ds, null_es, null_fs, null_gs, orig_eax, eip;
    unsigned short cs, cs_high;
    long eflags, esp;
    unsigned short ss, ss_high, es, es_high, ds, ds_high, fs, fs_high, gs, gs_high;
};
struct vm86 {
    struct regs16 regs;
    unsigned long flags, screen_bitmap, cpu_type, int_revectored[8], int21_revectored[8];
    unsigned long plus; // the debugger's wishes
    unsigned char wanted_interrupts[32];
};

enum { signal_came = 0, unknown = 1, interrupt = 2, sti = 3, trap = 6 };
enum { vif = 0x80000, vip = 0x100000, code = 0x1000, data = 0x2000, stack = 0x3000, handler_paragraph = 0x1100 };
enum { cpu_586 = 5, enter = 1 };

static struct vm86 machine;

static unsigned char *at(unsigned paragraph, unsigned offset) { return (unsigned char *)((paragraph << 4) + offset); }

static void load(unsigned paragraph, const char *bytes, unsigned count) { memcpy(at(paragraph, 0), bytes, count); }

/// The 8086's table of interrupts lies at address 0, which a compiler takes for nothing at all.
static void set_vector(unsigned number, unsigned paragraph)
{
    unsigned long where = number * 4;
    __asm__ volatile("movl %1, (%0)" : : "r"(where), "r"(paragraph << 16) : "memory");
}

/// An 8086 at code:0, SP 800h, all interrupts going through its own table.
static void reset(const char *bytes, unsigned count)
{
    memset(&machine, 0, sizeof machine);
    load(code, bytes, count);
    machine.regs.cs = code;
    machine.regs.ds = machine.regs.es = data;
    machine.regs.fs = 0x1234;
    machine.regs.gs = 0x4321;
    machine.regs.ss = stack;
    machine.regs.esp = 0x800;
    machine.cpu_type = cpu_586;
}
#define RESET(bytes) reset(bytes, sizeof bytes - 1)

static long run(void) { return raw(__NR_vm86, enter, (long)&machine, 0); }
static long run_old(void) { return raw(__NR_vm86old, (long)&machine, 0, 0); }

/// The return value and where the 8086 stands.
static void expect(const char *what, long got, long type, long argument, unsigned ip)
{
    check(got == (type | argument << 8) && machine.regs.eip == (long)ip, "%s: returned %lx at %04x:%04lx", what, got,
          machine.regs.cs, machine.regs.eip);
}

static void memory_and_registers(void)
{
    RESET("\xb8\x34\x12"             // mov $0x1234, %ax
          "\xa3\x10\x00"             // mov %ax, ds:10h
          "\x8c\xe3"                 // mov %fs, %bx
          "\x50\x59"                 // push %ax; pop %cx
          "\xf4");                   // hlt
    machine.regs.edx = 0x55aa;
    expect("hlt is not emulated", run_old(), unknown, 0, 10);
    check(machine.regs.eax == 0x1234 && machine.regs.ecx == 0x1234 && machine.regs.edx == 0x55aa, "ax %lx cx %lx dx %lx",
          machine.regs.eax, machine.regs.ecx, machine.regs.edx);
    check((machine.regs.ebx & 0xffff) == 0x1234 && machine.regs.fs == 0x1234 && machine.regs.gs == 0x4321,
          "fs %x, gs %x, bx %lx", machine.regs.fs, machine.regs.gs, machine.regs.ebx);
    check(*(unsigned short *)at(data, 0x10) == 0x1234, "ds:10h is linear %05x", data * 16 + 0x10);
    check(machine.regs.esp == 0x800 && machine.regs.ss == stack, "ss:sp %x:%lx", machine.regs.ss, machine.regs.esp);
}

static void virtual_flags(void)
{
    RESET("\xfb\x9c\x58"             // sti; pushf; pop %ax
          "\xfa\x9c\x5b"             // cli; pushf; pop %bx
          "\xb9\x02\x02\x51\x9d"     // mov $0x202, %cx; push %cx; popf
          "\xf4");
    expect("sti, cli, pushf and popf are emulated", run(), unknown, 0, 11);
    check((machine.regs.eax & 0x200) && !(machine.regs.ebx & 0x200), "IF %lx after sti, %lx after cli", machine.regs.eax & 0x200,
          machine.regs.ebx & 0x200);
    check(machine.regs.eflags & vif, "popf with IF leaves VIF: eflags %lx", machine.regs.eflags);
    RESET("\x90\xfb\xf4"); // nop; sti; hlt
    machine.regs.eflags = vip;
    expect("sti with an interrupt waiting", run(), sti, 0, 2);
}

static void interrupts(void)
{
    RESET("\xcd\x60\xf4"); // int $0x60; hlt
    load(handler_paragraph, "\xbb\x77\x00\xcf", 4); // mov $0x77, %bx; iret
    set_vector(0x60, handler_paragraph);
    expect("int 60h runs its handler and irets", run(), unknown, 0, 2);
    check(machine.regs.ebx == 0x77 && machine.regs.esp == 0x800, "bx %lx, sp %lx", machine.regs.ebx, machine.regs.esp);
    RESET("\xcd\x80\xf4");
    machine.int_revectored[4] = 1; // 80h
    expect("int 80h goes to the program if it wants it", run(), interrupt, 0x80, 2);
    RESET("\xb4\x4c\xcd\x21");
    machine.int21_revectored[0x4c / 32] = 1 << (0x4c % 32);
    expect("so does one function of int 21h", run(), interrupt, 0x21, 4);
    RESET("\xcc");
    expect("int3 is the debugger's", run(), trap, 3, 1);
    RESET("\x90\x90\xf4");
    machine.regs.eflags = 0x100;
    expect("so is a single step", run(), trap, 1, 1);
}

static void divide_error(void)
{
    RESET("\xb3\x00\xf6\xf3\xf4"); // mov $0, %bl; div %bl
    load(handler_paragraph, "\xbe\x99\x00\xf4", 4); // mov $0x99, %si; hlt
    set_vector(0, handler_paragraph);
    long got = run();
    check(got == unknown && machine.regs.cs == handler_paragraph && machine.regs.esi == 0x99,
          "a division by 0 is the 8086's interrupt 0: %lx at %x:%lx", got, machine.regs.cs, machine.regs.eip);
}

static volatile int alarms;
static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

static void signals(void)
{
    struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    RESET("\xeb\xfe"); // jmp .
    machine.regs.ecx = 0xbeef;
    alarm(1);
    expect("a signal ends the call", run(), signal_came, 0, 0);
    check(alarms == 1 && machine.regs.ecx == 0xbeef && machine.regs.cs == code, "its handler ran %d times, cx %lx", alarms,
          machine.regs.ecx);
}

static void bad_arguments(void)
{
    check(raw(__NR_vm86, enter, 0xc0100000, 0) == -EFAULT, "a kernel pointer is refused");
    check(raw(__NR_vm86old, 0xb0000000, 0, 0) == -EFAULT, "so is one into nothing");
    check(raw(__NR_vm86, 0, 0, 0) == 0, "the install check says yes");
    check(raw(__NR_vm86, 3, 5, 0) == -EINVAL, "interrupt lines are not given away");
}

static void wild(void)
{
    RESET("\xcd\x80\xf4");
    munmap(at(data, 0), 0x10000);
    load(code, "\xa0\x00\x00", 3); // mov ds:0, %al: not mapped any more
    run();
}

int main(void)
{
    if (native()) {
        check(raw(__NR_vm86, 0, 0, 0) == -ENOSYS, "a 64-bit kernel has no vm86");
        return finish();
    }
    char *low = mmap(NULL, 0x100000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (!check(low == NULL, "the first megabyte is mapped at %p", low))
        return finish();
    bad_arguments();
    memory_and_registers();
    virtual_flags();
    interrupts();
    divide_error();
    signals();
    int status = in_child(wild);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "a page that is not there is SIGSEGV: status %x", status);
    return finish();
}
