// SPDX-License-Identifier: MIT
// What happens between _start and main: find argv, envp and the auxiliary vector, then run main.
// Source: the i386 process stack as execve builds it (drawn in crt0.S).

#include <elf.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv, char **envp);

char **environ;
const unsigned long *__auxv;

/// AT_SYSINFO: the address of __kernel_vsyscall, or 0. The stubs enter the kernel by
/// `int $0x80` when it is 0 (see syscall/enter.h).
void *__vsyscall;

unsigned long getauxval(unsigned long type)
{
    for (const unsigned long *entry = __auxv; entry[0] != AT_NULL; entry += 2)
        if (entry[0] == type)
            return entry[1];
    return 0;
}

void __libc_start(long *stack)
{
    int argc = stack[0];
    char **argv = (char **)(stack + 1);
    environ = argv + argc + 1;

    char **end = environ;
    while (*end)
        end++;
    __auxv = (const unsigned long *)(end + 1);
    __vsyscall = (void *)getauxval(AT_SYSINFO);

    exit(main(argc, argv, environ));
}
