// SPDX-License-Identifier: MIT
// Where the kernel has put a position-independent program, and what the auxiliary vector says of it.
#include <stdio.h>
#include <sys/auxv.h>

int main(void)
{
    printf("main %lx phdr %lx base %lx secure %lx\n", (unsigned long)main, getauxval(AT_PHDR), getauxval(AT_BASE),
           getauxval(AT_SECURE));
    return 0;
}
