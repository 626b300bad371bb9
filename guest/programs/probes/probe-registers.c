// SPDX-License-Identifier: MIT
// What the processor's registers hold before and after a system call.
// Rows: E04 SAVE_ALL's nine registers; E05 ds = es = 0 in user mode; A06 the result is in eax and only there;
// R06 a thousand register images come back unchanged, flags and segments included.
//
// For a debugger: symbol nine_patterns_trap is the `int $0x80` before which nine distinct patterns are in the
// registers:
//     ebx 11111111  ecx 22222222  edx 33333333  esi 44444444  edi 55555555  ebp 66666666  eax 00000014  ds 7b  es 0

#include "probe.h"

/// The registers in the order in which the assembly below stores them.
struct image {
    unsigned long ebx, ecx, edx, esi, edi, ebp, eax, esp, eflags, ds, es, fs, gs;
};

struct image *image_in, *image_out; // the assembly has no register left to point with
unsigned long kept_esp, kept_fs, kept_gs;

// call_with_image: loads all registers from *image_in, traps, stores all registers to *image_out.
// Memory is reached through %ss, because ds may be anything.
void call_with_image(void);
__asm__("    .text\n"
        "    .globl call_with_image, image_trap\n"
        "call_with_image:\n"
        "    pushal\n"
        "    movl %esp, kept_esp\n"
        "    movw %fs, kept_fs\n"
        "    movw %gs, kept_gs\n"
        "    movl image_in, %eax\n"
        "    movw 44(%eax), %fs\n"
        "    movw 48(%eax), %gs\n"
        "    movw 40(%eax), %es\n"
        "    movw 36(%eax), %ds\n"
        "    pushl %ss:32(%eax)\n"
        "    movl %ss:0(%eax), %ebx\n"
        "    movl %ss:4(%eax), %ecx\n"
        "    movl %ss:8(%eax), %edx\n"
        "    movl %ss:12(%eax), %esi\n"
        "    movl %ss:16(%eax), %edi\n"
        "    movl %ss:20(%eax), %ebp\n"
        "    movl %ss:24(%eax), %eax\n"
        "    popfl\n"
        "image_trap:\n"
        "    int $0x80\n"
        "    pushfl\n"
        "    pushl %eax\n"
        "    movl %ss:image_out, %eax\n"
        "    movl %ebx, %ss:0(%eax)\n"
        "    movl %ecx, %ss:4(%eax)\n"
        "    movl %edx, %ss:8(%eax)\n"
        "    movl %esi, %ss:12(%eax)\n"
        "    movl %edi, %ss:16(%eax)\n"
        "    movl %ebp, %ss:20(%eax)\n"
        "    popl %ss:24(%eax)\n"
        "    popl %ss:32(%eax)\n"
        "    movl %esp, %ss:28(%eax)\n"
        "    movw %ds, %ss:36(%eax)\n"
        "    movw %es, %ss:40(%eax)\n"
        "    movw %fs, %ss:44(%eax)\n"
        "    movw %gs, %ss:48(%eax)\n"
        "    pushl %ss\n"
        "    popl %ds\n"
        "    pushl %ss\n"
        "    popl %es\n"
        "    movw kept_fs, %fs\n"
        "    movw kept_gs, %gs\n"
        "    cld\n"
        "    popal\n"
        "    ret\n");

static unsigned long data_selector(void)
{
    unsigned long selector;
    __asm__("movl %%ds, %0" : "=r"(selector));
    return selector & 0xffff;
}

/// Random registers, arithmetic flags and DF; segment registers flat or null. IF and the fixed bit 1 are always
/// set.
static struct image random_image(void)
{
    enum { CHANGEABLE = 0xcd5 }; // CF PF AF ZF SF DF OF
    unsigned long flat = data_selector();
    unsigned long r[4] = {rand(), rand(), rand(), rand()};
    return (struct image){
        .ebx = rand() * 2u, .ecx = rand() * 2u, .edx = rand() * 2u, .esi = rand() * 2u,
        .edi = rand() * 2u, .ebp = rand() * 2u, .eax = __NR_getpid, .eflags = (rand() & CHANGEABLE) | 0x202,
        .ds = r[0] & 1 ? flat : 0, .es = r[1] & 1 ? flat : 0, .fs = r[2] & 1 ? flat : 0, .gs = r[3] & 1 ? flat : 0,
    };
}

static int same(const struct image *in, const struct image *out)
{
    return in->ebx == out->ebx && in->ecx == out->ecx && in->edx == out->edx && in->esi == out->esi &&
           in->edi == out->edi && in->ebp == out->ebp && out->esp == kept_esp && in->eflags == out->eflags &&
           in->ds == out->ds && in->es == out->es && in->fs == out->fs && in->gs == out->gs;
}

static void print_image(const char *which, const struct image *i)
{
    dprintf(1, "     %s ebx %08lx ecx %08lx edx %08lx esi %08lx edi %08lx ebp %08lx eax %08lx esp %08lx\n", which,
            i->ebx, i->ecx, i->edx, i->esi, i->edi, i->ebp, i->eax, i->esp);
    dprintf(1, "     %s eflags %08lx ds %lx es %lx fs %lx gs %lx\n", which, i->eflags, i->ds, i->es, i->fs, i->gs);
}

static void thousand_images(void)
{
    pid_t self = getpid();
    int preserved = 0, right = 0;
    for (int i = 0; i < 1000; i++) {
        struct image in = random_image(), out = {0};
        image_in = &in;
        image_out = &out;
        call_with_image();
        right += out.eax == (unsigned long)self;
        if (same(&in, &out))
            preserved++;
        else if (preserved == i) { // show the first that differs
            print_image("before", &in);
            print_image("after ", &out);
        }
    }
    check(right == 1000, "getpid in eax: %d of 1000", right);
    check(preserved == 1000, "all other registers unchanged: %d of 1000", preserved);
}

void nine_patterns(unsigned long out[8]);
__asm__("    .text\n"
        "    .globl nine_patterns, nine_patterns_trap\n"
        "nine_patterns:\n"
        "    pushal\n"
        "    movl $0x11111111, %ebx\n"
        "    movl $0x22222222, %ecx\n"
        "    movl $0x33333333, %edx\n"
        "    movl $0x44444444, %esi\n"
        "    movl $0x55555555, %edi\n"
        "    movl $0x66666666, %ebp\n"
        "    xorl %eax, %eax\n"
        "    movl %eax, %es\n"
        "    movl $20, %eax\n"
        "nine_patterns_trap:\n"
        "    int $0x80\n"
        "    pushl %ebp\n"
        "    movl 40(%esp), %ebp\n" // out: above ebp, pushal's 32 bytes and the return address
        "    movl %ebx, 0(%ebp)\n"
        "    movl %ecx, 4(%ebp)\n"
        "    movl %edx, 8(%ebp)\n"
        "    movl %esi, 12(%ebp)\n"
        "    movl %edi, 16(%ebp)\n"
        "    popl 20(%ebp)\n"
        "    movl %eax, 24(%ebp)\n"
        "    movl %es, %eax\n"
        "    movl %eax, 28(%ebp)\n"
        "    pushl %ss\n"
        "    popl %es\n"
        "    popal\n"
        "    ret\n");

static void patterns(void)
{
    unsigned long r[8];
    nine_patterns(r);
    for (int i = 0; i < 6; i++)
        check(r[i] == 0x11111111u * (i + 1), "pattern %d comes back: %08lx", i + 1, r[i]);
    check(r[6] == (unsigned long)getpid(), "eax is the result: %ld", r[6]);
    check((r[7] & 0xffff) == 0, "es comes back: %lx", r[7] & 0xffff);
}

/// write() with ds = es = 0; the selectors after it, ds in the low half.
static long write_without_segments(const char *text, long length, unsigned long *selectors)
{
    long result;
    unsigned long ds, es;
    __asm__ volatile("xorl %%esi, %%esi\n\t"
                     "movl %%esi, %%ds\n\t"
                     "movl %%esi, %%es\n\t"
                     "int $0x80\n\t"
                     "movl %%ds, %%esi\n\t"
                     "movl %%es, %%edi\n\t"
                     "pushl %%ss\n\t"
                     "popl %%ds\n\t"
                     "pushl %%ss\n\t"
                     "popl %%es"
                     : "=a"(result), "=S"(ds), "=D"(es)
                     : "a"(__NR_write), "b"(1), "c"(text), "d"(length)
                     : "memory");
    *selectors = (ds & 0xffff) | es << 16;
    return result;
}

int main(void)
{
    patterns();

    static const char text[] = "     written while ds = es = 0\n";
    unsigned long selectors;
    long written = write_without_segments(text, sizeof text - 1, &selectors);
    check(written == (long)sizeof text - 1, "write() with ds = es = 0 returns %ld", written);
    check(selectors == 0, "ds and es are still 0 after it: %lx %lx", selectors & 0xffff, selectors >> 16);

    thousand_images();
    return finish();
}
