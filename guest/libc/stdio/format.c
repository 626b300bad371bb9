// SPDX-License-Identifier: MIT
// printf's format language: %[flags][width][.precision][h|hh|l|ll|z|t|j]conversion.
// Conversions: d i u x X o c s p m (the text of errno), and %%. No floating point: our programs have none.
// Source: ISO C, "The fprintf function".

#include "format.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

struct output {
    sink *put;
    void *target;
    int count;
};

/// What stands between % and the conversion.
struct directive {
    int left, plus, blank, alternative, zero;
    int width;
    int precision; // -1: none given
    int size;      // -2 hh, -1 h, 0 int, 1 long, 2 long long
};

static void emit(struct output *out, const char *text, size_t length)
{
    if (length)
        out->put(out->target, text, length);
    out->count += length;
}

static void pad(struct output *out, char with, int count)
{
    static const char blanks[] = "                ", zeros[] = "0000000000000000";
    for (int n; count > 0; count -= n) {
        n = count < 16 ? count : 16;
        emit(out, with == '0' ? zeros : blanks, n);
    }
}

/// Prefix ("-", "0x", ...) and text in a field: blanks, prefix, zeros, text; or prefix, text, blanks.
static void emit_field(struct output *out, const struct directive *d, const char *prefix, int zeros,
                       const char *text, int length)
{
    int fill = d->width - (int)strlen(prefix) - zeros - length;
    if (!d->left)
        pad(out, ' ', fill);
    emit(out, prefix, strlen(prefix));
    pad(out, '0', zeros);
    emit(out, text, length);
    if (d->left)
        pad(out, ' ', fill);
}

/// Writes the digits before `end`, returns where they begin. The number 0 has no digits here: precision adds them.
static char *digits_of(char *end, unsigned long long n, unsigned base, const char *alphabet)
{
    for (; n >> 32; n /= base)
        *--end = alphabet[n % base];
    for (unsigned long low = n; low; low /= base)
        *--end = alphabet[low % base];
    return end;
}

static void emit_number(struct output *out, const struct directive *d, unsigned long long n, const char *prefix,
                        unsigned base, const char *alphabet)
{
    char buffer[24], *end = buffer + sizeof buffer;
    char *begin = digits_of(end, n, base, alphabet);
    int length = end - begin;
    int zeros = (d->precision < 0 ? 1 : d->precision) - length;
    if (d->precision < 0 && d->zero && !d->left)
        zeros = d->width - (int)strlen(prefix) - length;
    if (zeros < 0)
        zeros = 0;
    if (length + zeros == 0 && d->precision < 0)
        zeros = 1;
    if (base == 8 && d->alternative && zeros == 0)
        zeros = 1;
    emit_field(out, d, prefix, zeros, begin, length);
}

static long long next_signed(const struct directive *d, va_list *args)
{
    if (d->size == 2)
        return va_arg(*args, long long);
    int n = va_arg(*args, int); // long is an int here
    return d->size == -1 ? (short)n : d->size == -2 ? (signed char)n : n;
}

static unsigned long long next_unsigned(const struct directive *d, va_list *args)
{
    if (d->size == 2)
        return va_arg(*args, unsigned long long);
    unsigned n = va_arg(*args, unsigned);
    return d->size == -1 ? (unsigned short)n : d->size == -2 ? (unsigned char)n : n;
}

static void emit_signed(struct output *out, const struct directive *d, long long n)
{
    const char *sign = n < 0 ? "-" : d->plus ? "+" : d->blank ? " " : "";
    unsigned long long magnitude = n < 0 ? -(unsigned long long)n : (unsigned long long)n;
    emit_number(out, d, magnitude, sign, 10, "0123456789");
}

static void emit_string(struct output *out, const struct directive *d, const char *s)
{
    if (!s)
        s = "(null)";
    emit_field(out, d, "", 0, s, d->precision < 0 ? strlen(s) : strnlen(s, d->precision));
}

static void convert(struct output *out, const struct directive *d, char conversion, va_list *args)
{
    unsigned long long n;
    char c;
    switch (conversion) {
    case 'd':
    case 'i':
        emit_signed(out, d, next_signed(d, args));
        break;
    case 'u':
        emit_number(out, d, next_unsigned(d, args), "", 10, "0123456789");
        break;
    case 'o':
        emit_number(out, d, next_unsigned(d, args), "", 8, "01234567");
        break;
    case 'x':
        n = next_unsigned(d, args);
        emit_number(out, d, n, d->alternative && n ? "0x" : "", 16, "0123456789abcdef");
        break;
    case 'X':
        n = next_unsigned(d, args);
        emit_number(out, d, n, d->alternative && n ? "0X" : "", 16, "0123456789ABCDEF");
        break;
    case 'p':
        emit_number(out, d, (uintptr_t)va_arg(*args, void *), "0x", 16, "0123456789abcdef");
        break;
    case 'c':
        c = va_arg(*args, int);
        emit_field(out, d, "", 0, &c, 1);
        break;
    case 's':
        emit_string(out, d, va_arg(*args, const char *));
        break;
    case 'm':
        emit_string(out, d, strerror(errno));
        break;
    default: // not ours: show it, so that it is noticed
        emit(out, "%", 1);
        emit(out, &conversion, 1);
    }
}

static const char *parse_flags(const char *at, struct directive *d)
{
    for (;; at++)
        switch (*at) {
        case '-':
            d->left = 1;
            break;
        case '+':
            d->plus = 1;
            break;
        case ' ':
            d->blank = 1;
            break;
        case '#':
            d->alternative = 1;
            break;
        case '0':
            d->zero = 1;
            break;
        default:
            return at;
        }
}

/// A number in the format, or * for the next argument.
static const char *parse_count(const char *at, int *count, va_list *args)
{
    if (*at == '*') {
        *count = va_arg(*args, int);
        return at + 1;
    }
    for (*count = 0; isdigit(*at); at++)
        *count = *count * 10 + (*at - '0');
    return at;
}

static const char *parse_size(const char *at, struct directive *d)
{
    for (;; at++)
        if (*at == 'l')
            d->size++;
        else if (*at == 'h')
            d->size--;
        else if (*at == 'j')
            d->size = 2;
        else if (*at != 'z' && *at != 't')
            return at;
}

static const char *parse(const char *at, struct directive *d, va_list *args)
{
    *d = (struct directive){.precision = -1};
    at = parse_flags(at, d);
    at = parse_count(at, &d->width, args);
    if (d->width < 0) {
        d->left = 1;
        d->width = -d->width;
    }
    if (*at == '.')
        at = parse_count(at + 1, &d->precision, args);
    return parse_size(at, d);
}

int __format(sink *put, void *target, const char *format, va_list args)
{
    struct output out = {put, target, 0};
    va_list rest; // an array type on some machines: only a copy can be passed by address
    va_copy(rest, args);
    while (*format) {
        size_t plain = strcspn(format, "%");
        emit(&out, format, plain);
        format += plain;
        if (!*format)
            break;
        if (format[1] == '%') {
            emit(&out, "%", 1);
            format += 2;
            continue;
        }
        struct directive d;
        format = parse(format + 1, &d, &rest);
        if (*format)
            convert(&out, &d, *format++, &rest);
    }
    va_end(rest);
    return out.count;
}
