// SPDX-License-Identifier: MIT
// The command `trapgate`.
#include <cstdio>

int main() {
    std::fputs("trapgate: nothing can be run yet: the machine is still being built\n", stderr);
    return 125;
}
