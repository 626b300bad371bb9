// SPDX-License-Identifier: MIT
// Numbers from text: command line words, /proc/sys writes.
#include <linux/ctype.h>
#include <linux/kernel.h>

static int digit_value(int c)
{
    if (isdigit(c))
        return c - '0';
    if (isalpha(c))
        return tolower(c) - 'a' + 10;
    return 99;
}

unsigned long long simple_strtoull(const char *text, char **end, unsigned int base)
{
    unsigned long long value = 0;
    if ((base == 0 || base == 16) && text[0] == '0' && tolower(text[1]) == 'x' && isxdigit(text[2])) {
        base = 16;
        text += 2;
    }
    if (!base)
        base = text[0] == '0' ? 8 : 10;
    for (; digit_value(*text) < (int)base; text++)
        value = value * base + digit_value(*text);
    if (end)
        *end = (char *)text;
    return value;
}

unsigned long simple_strtoul(const char *text, char **end, unsigned int base)
{
    return simple_strtoull(text, end, base);
}

long simple_strtol(const char *text, char **end, unsigned int base)
{
    return *text == '-' ? -(long)simple_strtoul(text + 1, end, base) : (long)simple_strtoul(text, end, base);
}
