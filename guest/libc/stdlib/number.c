// SPDX-License-Identifier: MIT
// Text to numbers, and a few functions on numbers.

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static int digit_value(int c)
{
    if (isdigit(c))
        return c - '0';
    if (isalpha(c))
        return tolower(c) - 'a' + 10;
    return INT_MAX;
}

/// The digits of a number after its sign. `*overflow` is set when they do not fit.
static unsigned long parse_digits(const char **at, int base, int *any, int *overflow)
{
    unsigned long value = 0;
    for (int digit; (digit = digit_value(**at)) < base; ++*at) {
        *any = 1;
        if (value > (ULONG_MAX - digit) / base)
            *overflow = 1;
        value = value * base + digit;
    }
    return value;
}

/// Blanks, sign and prefix (0x, 0), then the digits.
static unsigned long parse(const char *s, char **end, int base, int *negative, int *overflow)
{
    const char *at = s;
    while (isspace(*at))
        at++;
    *negative = *at == '-';
    if (*at == '-' || *at == '+')
        at++;

    int hexadecimal = at[0] == '0' && (at[1] | 0x20) == 'x' && isxdigit(at[2]);
    if (base == 0)
        base = hexadecimal ? 16 : *at == '0' ? 8 : 10;
    if (base == 16 && hexadecimal)
        at += 2;

    int any = 0;
    unsigned long value = parse_digits(&at, base, &any, overflow);
    if (end)
        *end = (char *)(any ? at : s);
    return value;
}

unsigned long strtoul(const char *s, char **end, int base)
{
    int negative, overflow = 0;
    unsigned long value = parse(s, end, base, &negative, &overflow);
    if (overflow) {
        errno = ERANGE;
        return ULONG_MAX;
    }
    return negative ? -value : value;
}

long strtol(const char *s, char **end, int base)
{
    int negative, overflow = 0;
    unsigned long value = parse(s, end, base, &negative, &overflow);
    unsigned long limit = (unsigned long)LONG_MAX + negative;
    if (overflow || value > limit) {
        errno = ERANGE;
        return negative ? LONG_MIN : LONG_MAX;
    }
    return negative ? -value : value;
}

long atol(const char *s)
{
    return strtol(s, NULL, 10);
}

int atoi(const char *s)
{
    return strtol(s, NULL, 10);
}

int abs(int n)
{
    return n < 0 ? -n : n;
}

// A linear congruential generator: the same seed gives the same numbers everywhere.
static unsigned long long random_state = 1;

void srand(unsigned int seed)
{
    random_state = seed;
}

int rand(void)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return random_state >> 33;
}
