// SPDX-License-Identifier: MIT
// An 8086 inside a process: vm86old() makes ring 3 run 16-bit code with segments that are paragraphs. What touches the interrupt flag,
// and every INT, is a #GP as long as IOPL is below 3; the kernel looks at the instruction and does it in the 8086's place, on a virtual
// flag and by the 8086's own table of interrupts at address 0. What it does not know ends the call: the program is the 8086's monitor.
// With the word `step`: one step of it, by TF.
// Row: R11. `trapgate explain v86gp` shows a trap out of it: nine words on the kernel stack where others have five.
//
//   1000:0000 the code    2000:0000 its data    3000:0800 its stack    1100:0000 the handler of INT 60h

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <asm/unistd.h>
#include <unistd.h>

/// struct vm86_regs and struct vm86_struct, as the kernel has them.
struct registers {
    long ebx, ecx, edx, esi, edi, ebp, eax, null_segments[4], orig_eax, eip, cs, eflags, esp, ss, es, ds, fs, gs;
};
static struct {
    struct registers regs;
    unsigned long flags, screen_bitmap, cpu_type, int_revectored[8], int21_revectored[8];
    unsigned long plus; // what vm86() reads more: wishes of a debugger
    unsigned char debugger_wants[32];
} machine;

enum { TRAP_FLAG = 0x100, SINGLE_STEP = 6 | 1 << 8 }; // VM86_TRAP, its argument 1: #DB
enum { CODE = 0x1000, HANDLER = 0x1100, DATA = 0x2000, STACK = 0x3000, VIRTUAL_IF = 0x80000, CPU_586 = 5 };

static const char code[] = "\xb8\x34\x12"     // mov $0x1234, %ax
                           "\xa3\x10\x00"     // mov %ax, ds:0x10
                           "\x50"             // push %ax
                           "\xfa"             // cli             #GP: the kernel clears the virtual flag
                           "\xcd\x60"         // int $0x60       #GP: the kernel goes to the handler
                           "\xfb"             // sti             #GP
                           "\xf4";            // hlt             #GP that the kernel leaves to us
static const char handler[] = "\xbb\x77\x00"  // mov $0x77, %bx
                              "\xcf";         // iret            #GP

static unsigned char *linear(unsigned paragraph, unsigned offset) { return (unsigned char *)((paragraph << 4) + offset); }

/// The far pointer of an interrupt in the table at address 0, where a compiler would rather not write.
static void set_vector(unsigned number, unsigned paragraph)
{
    __asm__ volatile("movl %1, (%0)" : : "r"(number * 4), "r"(paragraph << 16) : "memory");
}

int main(int argc, char *argv[])
{
    void *memory = mmap(0, 0x100000, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (memory != 0) {
        perror("mmap at 0");
        return 1;
    }
    memcpy(linear(CODE, 0), code, sizeof code - 1);
    memcpy(linear(HANDLER, 0), handler, sizeof handler - 1);
    set_vector(0x60, HANDLER);
    machine.regs = (struct registers){.cs = CODE, .ds = DATA, .es = DATA, .fs = 0x1234, .gs = 0x4321, .ss = STACK, .esp = 0x800};
    machine.cpu_type = CPU_586;
    if (argc > 1 && strcmp(argv[1], "step") == 0) { // with TF: a #DB behind the first instruction, which ends the call
        machine.regs.eflags = TRAP_FLAG;
        long trapped = syscall(__NR_vm86, 1, &machine);
        printf("vm86 says %lx at %04lx:%04lx\n", trapped, machine.regs.cs, machine.regs.eip);
        return trapped == SINGLE_STEP && machine.regs.eip == 3 ? 0 : 1;
    }

    long result = syscall(__NR_vm86old, &machine);
    printf("vm86old says %ld at %04lx:%04lx\n", result, machine.regs.cs, machine.regs.eip);
    printf("ax %04lx bx %04lx, virtual interrupts %s\n", machine.regs.eax & 0xffff, machine.regs.ebx & 0xffff,
           machine.regs.eflags & VIRTUAL_IF ? "on" : "off");
    printf("2000:0010, linear 20010, holds %04x\n", *(unsigned short *)linear(DATA, 0x10));
    return result == 1 && machine.regs.eip == sizeof code - 2 && machine.regs.ebx == 0x77 ? 0 : 1;
}
