// SPDX-License-Identifier: MIT
// Single-precision work with the SSE instructions that a compiler makes (-msse -mfpmath=sse) and with those that a program asks for:
// sums, roots, a matrix, comparisons, conversions, MMX. What it prints is the same on every processor that has them.
#include <mmintrin.h>
#include <stdio.h>
#include <string.h>
#include <xmmintrin.h>

static unsigned bits(float x) {
    unsigned word;
    memcpy(&word, &x, 4);
    return word;
}

static void show(const char *what, __m128 v) {
    float lanes[4];
    _mm_storeu_ps(lanes, v);
    printf("%-10s %08x %08x %08x %08x  %g %g %g %g\n", what, bits(lanes[0]), bits(lanes[1]), bits(lanes[2]),
           bits(lanes[3]), lanes[0], lanes[1], lanes[2], lanes[3]);
}

/// The compiler's own: scalar code.
static void scalars(void) {
    volatile float seed = 0.7f;
    float x = seed, sum = 0;
    for (int i = 1; i < 1000; i++) {
        x = 3.7f * x * (1 - x);
        sum += x / i;
        if (x > sum) sum -= 0.001f;
    }
    printf("chaos %08x sum %08x %.6f %d\n", bits(x), bits(sum), sum, (int)(sum * 1000));
}

static void matrix(void) {
    float a[4][4] __attribute__((aligned(16))), out[4] __attribute__((aligned(16)));
    for (int i = 0; i < 16; i++) a[i / 4][i % 4] = (float)(i * i % 7) - 2.5f;
    __m128 v = _mm_set_ps(4, 3, 2, 1);
    for (int round = 0; round < 20; round++) {
        __m128 sum = _mm_setzero_ps();
        for (int row = 0; row < 4; row++) {
            const __m128 lane = row == 0   ? _mm_shuffle_ps(v, v, 0x00)
                                : row == 1 ? _mm_shuffle_ps(v, v, 0x55)
                                : row == 2 ? _mm_shuffle_ps(v, v, 0xaa)
                                           : _mm_shuffle_ps(v, v, 0xff);
            sum = _mm_add_ps(sum, _mm_mul_ps(_mm_load_ps(a[row]), lane));
        }
        v = _mm_div_ps(sum, _mm_sqrt_ps(_mm_add_ps(_mm_mul_ps(sum, sum), _mm_set1_ps(1))));
    }
    _mm_store_ps(out, v);
    show("matrix", v);
    printf("%d %d %x\n", _mm_cvtss_si32(v), _mm_cvttss_si32(_mm_mul_ss(v, _mm_set_ss(100))), _mm_movemask_ps(v));
}

static void comparisons(void) {
    const __m128 a = _mm_set_ps(1, -2, 0.0f / 1, 3), b = _mm_set_ps(1, 2, -0.0f, 2.5f);
    show("eq", _mm_and_ps(_mm_cmpeq_ps(a, b), _mm_set1_ps(1)));
    show("lt", _mm_and_ps(_mm_cmplt_ps(a, b), _mm_set1_ps(1)));
    show("min", _mm_min_ps(a, b));
    show("max", _mm_max_ps(a, b));
    show("unpack", _mm_unpackhi_ps(a, b));
    printf("%d %d %d\n", _mm_comilt_ss(a, b), _mm_comigt_ss(a, b), _mm_ucomieq_ss(a, b));
}

/// Rounding, flush-to-zero and the flags of MXCSR.
static void control(void) {
    const float third = 1.0f / 3;
    for (unsigned mode = 0; mode < 4; mode++) {
        _mm_setcsr(0x1f80 | mode << 13);
        const __m128 x = _mm_div_ps(_mm_set_ps(1, -1, 2, -2), _mm_set1_ps(3));
        const unsigned flags = _mm_getcsr();
        _mm_setcsr(0x1f80);
        show("rounding", x);
        printf("%04x\n", flags);
    }
    _mm_setcsr(0x9f80);
    const __m128 tiny = _mm_mul_ps(_mm_set1_ps(1e-30f), _mm_set1_ps(third * 1e-10f));
    const unsigned flags = _mm_getcsr();
    _mm_setcsr(0x1f80);
    show("flushed", tiny);
    printf("%04x\n", flags);
}

static void integers(void) {
    __m64 a = _mm_set_pi16(30000, -30000, 1234, -1), b = _mm_set_pi16(10000, -10000, 77, 1);
    const __m64 results[] = {_mm_adds_pi16(a, b), _mm_mulhi_pi16(a, b), _mm_madd_pi16(a, b), _mm_packs_pi16(a, b),
                             _mm_avg_pu8(a, b),   _mm_max_pi16(a, b),   _mm_sad_pu8(a, b),   _mm_shuffle_pi16(a, 0x1b)};
    unsigned long long words[8];
    memcpy(words, results, sizeof words);
    const int mask = _mm_movemask_pi8(a);
    _mm_empty();
    for (int i = 0; i < 8; i++) printf("%016llx\n", words[i]);
    printf("%x\n", mask);
}

int main(void) {
    scalars();
    matrix();
    comparisons();
    control();
    integers();
    return 0;
}
