// SPDX-License-Identifier: MIT
// A hello that any libc must manage: formatted output, arguments, a non-zero exit status.
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
    printf("hello from %s\n", "a static program");
    for (int i = 1; i < argc; i++) printf("argument %d is %s\n", i, argv[i]);
    return argc > 1 ? atoi(argv[1]) : 0;
}
