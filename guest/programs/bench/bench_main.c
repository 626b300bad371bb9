// SPDX-License-Identifier: MIT
// The program around a compute kernel (bench.h).

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    unsigned rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : bench_rounds;
    printf("%s rounds=%u checksum=%08x\n", bench_name, rounds, bench_run(rounds));
    return 0;
}
