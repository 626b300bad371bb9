// SPDX-License-Identifier: MIT
// syscall: getpid by `int $0x80`, again and again. Nearly all of it is the way into the kernel and back.

#include "bench.h"

#include <asm/unistd.h>

const char bench_name[] = "syscall";
const unsigned bench_rounds = 100000;

uint32_t bench_run(unsigned rounds)
{
    long pid = 0, equal = 1;
    for (unsigned i = 0; i < rounds; i++) {
        long result;
        __asm__ volatile("int $0x80" : "=a"(result) : "a"(__NR_getpid) : "memory");
        if (i && result != pid)
            equal = 0;
        pid = result;
    }
    return equal && pid > 0 ? rounds : 0;
}
