// SPDX-License-Identifier: MIT
// Eats all memory: takes and touches pages until something stops it.
#include <stdlib.h>
#include <string.h>

int main(void) {
    for (;;) {
        char* block = malloc(1 << 20);
        if (!block) continue;
        memset(block, 1, 1 << 20);
    }
}
