// SPDX-License-Identifier: MIT
// Two doors into the kernel. `int $0x80` goes through the IDT; `sysenter` takes its addresses from three registers of the processor.
// The kernel tells by AT_SYSINFO where its own code for the faster one lies: in a page at 0xffffe000 that every process sees.
// Rows: H14 sysenter; E14 both at the same time; H16 the same call behind either.
//
// With the boot word `nosysenter` (--entry int80), or a processor without it, there is only one.
// Look at it:  trapgate explain sysenter

#include <asm/unistd.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static long by_int80(long number)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(number) : "memory");
    return result;
}

static long by_sysinfo(long number, const void *door)
{
    long result;
    __asm__ volatile("call *%2" : "=a"(result) : "a"(number), "r"(door) : "memory");
    return result;
}

static void show_bytes(const unsigned char *code)
{
    printf("its code:");
    for (int i = 0; i < 7; i++)
        printf(" %02x", code[i]);
    printf("   push ecx, edx, ebp; mov esp, ebp; sysenter\n");
}

int main(void)
{
    static const unsigned char expected[7] = {0x51, 0x52, 0x55, 0x89, 0xe5, 0x0f, 0x34};
    const unsigned char *door = (const unsigned char *)getauxval(AT_SYSINFO);
    int agree = 0, numbers[] = {__NR_getpid, __NR_getppid, __NR_getuid32, __NR_gettid, 999};
    printf("int $0x80 says pid %ld\n", by_int80(__NR_getpid));
    if (!door) {
        printf("there is no AT_SYSINFO: no other door\n");
        return 0;
    }
    printf("AT_SYSINFO is %p\n", (const void *)door);
    show_bytes(door);
    for (int round = 0; round < 1000; round++)
        for (int i = 0; i < 5; i++)
            agree += by_int80(numbers[i]) == by_sysinfo(numbers[i], door);
    printf("5000 calls through each in turn: %d results are equal\n", agree);
    return agree == 5000 && memcmp(door, expected, sizeof expected) == 0 ? 0 : 1;
}
