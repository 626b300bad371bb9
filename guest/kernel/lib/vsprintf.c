// SPDX-License-Identifier: MIT
// printf's formats for the kernel: %d %i %u %x %X %o %p %c %s %%, flags - 0 + space #, width, precision, h l ll z.
// No floating point. Truth: the C standard's description of fprintf.
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/div64.h>

struct output {
    char *at, *end;
    size_t length; ///< what an endless buffer would hold
};
struct spec {
    int left, zero, plus, space, alternate;
    int width, precision; ///< precision -1: none given
    int upper;
};

static void put(struct output *out, char c)
{
    if (out->at < out->end)
        *out->at++ = c;
    out->length++;
}

static void pad(struct output *out, int n, char c)
{
    while (n-- > 0)
        put(out, c);
}

static int digits_of(char *to, unsigned long long value, unsigned base, int upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    int n = 0;
    if (!(value >> 32)) {
        unsigned long low = value;
        for (; low; low /= base)
            to[n++] = digits[low % base];
        return n;
    }
    while (value)
        to[n++] = digits[do_div(value, base)];
    return n;
}

static void put_number(struct output *out, struct spec *spec, unsigned long long value, int negative, unsigned base)
{
    char digits[24]; // 22 octal digits of 64 bits
    const char *sign = negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
    int n = digits_of(digits, value, base, spec->upper);
    int least = spec->precision < 0 ? 1 : spec->precision;
    if (spec->alternate && base == 16 && value)
        sign = spec->upper ? "0X" : "0x";
    if (spec->alternate && base == 8 && least <= n)
        least = n + 1;
    int zeros = least > n ? least - n : 0;
    int room = spec->width - (int)strlen(sign) - zeros - n;
    if (spec->zero && !spec->left && spec->precision < 0 && room > 0) {
        zeros += room;
        room = 0;
    }
    if (!spec->left)
        pad(out, room, ' ');
    while (*sign)
        put(out, *sign++);
    pad(out, zeros, '0');
    while (n)
        put(out, digits[--n]);
    if (spec->left)
        pad(out, room, ' ');
}

static void put_string(struct output *out, struct spec *spec, const char *s)
{
    if (!s)
        s = "<NULL>";
    int n = spec->precision < 0 ? (int)strlen(s) : (int)strnlen(s, spec->precision);
    if (!spec->left)
        pad(out, spec->width - n, ' ');
    for (int i = 0; i < n; i++)
        put(out, s[i]);
    if (spec->left)
        pad(out, spec->width - n, ' ');
}

static const char *read_flags(const char *format, struct spec *spec)
{
    for (;; format++) {
        switch (*format) {
        case '-': spec->left = 1; break;
        case '0': spec->zero = 1; break;
        case '+': spec->plus = 1; break;
        case ' ': spec->space = 1; break;
        case '#': spec->alternate = 1; break;
        default: return format;
        }
    }
}

static const char *read_count(const char *format, int *count, va_list *args)
{
    if (*format == '*') {
        *count = va_arg(*args, int);
        return format + 1;
    }
    for (*count = 0; isdigit(*format); format++)
        *count = *count * 10 + (*format - '0');
    return format;
}

static const char *put_conversion(struct output *out, const char *format, va_list *args)
{
    struct spec spec = { .precision = -1 };
    int longs = 0;
    char one[2] = { 0, 0 };
    format = read_count(read_flags(format, &spec), &spec.width, args);
    if (spec.width < 0) {
        spec.left = 1;
        spec.width = -spec.width;
    }
    if (*format == '.')
        format = read_count(format + 1, &spec.precision, args);
    for (; *format == 'l' || *format == 'h' || *format == 'z' || *format == 'L'; format++)
        longs += *format == 'l' ? 1 : *format == 'L' ? 2 : 0;

    unsigned base = 10;
    switch (*format) {
    case 'd':
    case 'i': {
        long long value = longs > 1 ? va_arg(*args, long long) : va_arg(*args, long);
        put_number(out, &spec, value < 0 ? -(unsigned long long)value : (unsigned long long)value, value < 0, 10);
        break;
    }
    case 'p':
        spec.width = 8;
        spec.zero = 1;
        base = 16;
        put_number(out, &spec, va_arg(*args, unsigned long), 0, base);
        break;
    case 'X':
    case 'x':
        base = 16;
        spec.upper = *format == 'X';
        // fall through
    case 'o':
        if (*format == 'o')
            base = 8;
        // fall through
    case 'u':
        put_number(out, &spec, longs > 1 ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned long), 0, base);
        break;
    case 'c':
        one[0] = va_arg(*args, int);
        spec.precision = 1;
        if (!one[0])
            put(out, 0);
        else
            put_string(out, &spec, one);
        break;
    case 's':
        put_string(out, &spec, va_arg(*args, const char *));
        break;
    case 0:
        return format - 1;
    default:
        put(out, *format);
    }
    return format;
}

int vsnprintf(char *buf, size_t size, const char *format, va_list arguments)
{
    struct output out = { .at = buf, .end = size ? buf + size - 1 : buf };
    va_list args;
    if ((unsigned long)buf + size < (unsigned long)buf)
        out.end = (char *)~0UL; // vsprintf: as much as there is
    va_copy(args, arguments);
    for (; *format; format++) {
        if (*format == '%')
            format = put_conversion(&out, format + 1, &args);
        else
            put(&out, *format);
    }
    va_end(args);
    if (size)
        *out.at = 0;
    return out.length;
}

int vscnprintf(char *buf, size_t size, const char *format, va_list args)
{
    int n = vsnprintf(buf, size, format, args);
    return n >= (int)size ? (size ? (int)size - 1 : 0) : n;
}

int snprintf(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(buf, size, format, args);
    va_end(args);
    return n;
}

int scnprintf(char *buf, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vscnprintf(buf, size, format, args);
    va_end(args);
    return n;
}

int vsprintf(char *buf, const char *format, va_list args) { return vsnprintf(buf, INT_MAX, format, args); }

int sprintf(char *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(buf, INT_MAX, format, args);
    va_end(args);
    return n;
}
