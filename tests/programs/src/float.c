// SPDX-License-Identifier: MIT
// Floating point as ordinary programs use it: printf, division, square roots, sums.
#include <stdio.h>

static double root(double x) {
    double guess = x / 2;
    for (int i = 0; i < 40; i++) guess = (guess + x / guess) / 2;
    return guess;
}

int main(void) {
    double sum = 0;
    for (int i = 1; i <= 100; i++) sum += 1.0 / i;
    printf("%.12f %.10f %g %e %d\n", sum, root(2.0), 1e-7, 123456.789, (int)(sum * 1000));
    return 0;
}
