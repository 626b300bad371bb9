// SPDX-License-Identifier: MIT
// How arguments travel.
// Rows: A01 ebx ecx edx esi edi in this order (and ebp); A02 calls whose ebx points to a block; A03 and A05 the
// slots on the kernel stack are the routine's arguments; A06 the result.
//
// For a debugger: write_trap is the `int $0x80` of a write(1, text, 5), with which A03 is looked at: at the first
// instruction of sys_write, 4, 8 and 12 above esp are ebx, ecx and edx. After that trap the program prints the
// three registers again, so that a changed slot shows (A05).

#include "probe.h"

#include <sys/mman.h>

int _llseek(int, unsigned long, unsigned long, loff_t *, int);
void *__old_mmap(unsigned long block[6]);

static void five_arguments(int fd)
{
    loff_t result = -1;
    lseek(fd, 10, SEEK_SET);
    check(_llseek(fd, 0, 3, &result, SEEK_CUR) == 0 && result == 13, "_llseek(fd, 0, 3, &result, SEEK_CUR): %lld",
          result);
    check(_llseek(fd, 0x12, 0x89abcdef, &result, SEEK_SET) == 0 && result == 0x1289abcdefll,
          "_llseek(fd, 0x12, 0x89abcdef, &result, SEEK_SET): 0x%llx", result);
    check(_llseek(fd, 0, 0, (void *)0xC0100000, SEEK_SET) == -1 && errno == EFAULT, "fourth argument bad: errno %d",
          errno);
    check(_llseek(fd, 0, 0, &result, 99) == -1 && errno == EINVAL, "fifth argument bad: errno %d", errno);
}

static void six_arguments(int fd)
{
    char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 4096);
    check(page != MAP_FAILED && page[0] == 'b', "mmap2, the sixth argument in ebp: first byte %c",
          page == MAP_FAILED ? '-' : page[0]);

    unsigned long block[6] = {0, 4096, PROT_READ, MAP_PRIVATE, fd, 4096};
    page = __old_mmap(block);
    check((unsigned long)page < -4095ul && page[0] == 'b',
          "old mmap (90), ebx points to a block of six: first byte %c",
          (unsigned long)page < -4095ul ? page[0] : '-');
    long bad = raw(__NR_mmap, 0xC0100000, 0, 0);
    check(bad == -EFAULT, "old mmap with a bad block: %ld", bad);
}

long traced_write(const char *text, unsigned long after[3]);
__asm__("    .text\n"
        "    .globl traced_write, write_trap\n"
        "traced_write:\n"
        "    pushl %ebx\n"
        "    movl $1, %ebx\n"
        "    movl 8(%esp), %ecx\n"
        "    movl $5, %edx\n"
        "    movl $4, %eax\n"
        "write_trap:\n"
        "    int $0x80\n"
        "    pushl %eax\n"
        "    movl 16(%esp), %eax\n"
        "    movl %ebx, (%eax)\n"
        "    movl %ecx, 4(%eax)\n"
        "    movl %edx, 8(%eax)\n"
        "    popl %eax\n"
        "    popl %ebx\n"
        "    ret\n");

static void three_arguments(void)
{
    static const char text[] = "five\n";
    unsigned long after[3];
    long result = traced_write(text, after);
    check(result == 5, "write(1, text, 5): %ld", result);
    dprintf(1, "     after it: ebx %08lx ecx text+%ld edx %08lx\n", after[0],
            (long)(after[1] - (unsigned long)text), after[2]);
}

int main(void)
{
    static const char path[] = "/tmp/probe-arguments.tmp";
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    char page[4096];
    for (int i = 0; i < 2; i++) {
        memset(page, 'a' + i, sizeof page);
        write(fd, page, sizeof page);
    }
    three_arguments();
    five_arguments(fd);
    six_arguments(fd);
    unlink(path);

    struct utsname name;
    long result = raw(__NR_uname, (long)&name, 0, 0);
    check(result == 0 && name.sysname[0], "uname: eax %ld, the rest is in memory", result);
    return finish();
}
