// SPDX-License-Identifier: MIT
// malloc, realloc and free of small and large blocks (brk and mmap), with the contents checked.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    unsigned char* blocks[64];
    unsigned long sum = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 64; i++) {
            size_t size = (size_t)(i + 1) * 4000 / (i % 3 + 1);
            blocks[i] = malloc(size);
            if (!blocks[i]) return 1;
            memset(blocks[i], i + round, size);
        }
        for (int i = 0; i < 64; i += 2) blocks[i] = realloc(blocks[i], (size_t)(i + 1) * 9000);
        for (int i = 0; i < 64; i++) {
            sum = sum * 31 + blocks[i][100];
            free(blocks[i]);
        }
    }
    printf("sum %08lx\n", sum & 0xffffffffUL);
    return 0;
}
