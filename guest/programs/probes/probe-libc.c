// SPDX-License-Identifier: MIT
// The library itself, as far as it can be wrong without the kernel being wrong: formatting, numbers, strings, sorting,
// the heap, streams. Most of it makes no system call at all.
// Rows: W13 the texts of errno (`probe-libc --strerror` prints 1 to 133, to compare with the host's); W16 no trap.

#include "probe.h"

#include <ctype.h>
#include <dirent.h>
#include <limits.h>

__attribute__((format(printf, 2, 3))) static void formats(const char *wanted, const char *format, ...)
{
    char text[128];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    check(strcmp(text, wanted) == 0 && length == (int)strlen(wanted), "\"%s\" gives \"%s\"", format, text);
}

static void printf_family(void)
{
    formats("42 [   42] [42   ] [00042]", "%d [%5d] [%-5d] [%05d]", 42, 42, 42, 42);
    formats("+42 [ 42] [-0042] [  007]", "%+d [% d] [%05d] [%5.3d]", 42, 42, -42, 7);
    formats("4294967295 ff FF 0xff 017", "%u %x %X %#x %#o", UINT_MAX, 255, 255, 255, 15);
    formats("-2147483648 -9223372036854775808", "%d %lld", INT_MIN, LLONG_MIN);
    formats("18446744073709551615 123456789abcdef", "%llu %llx", ULLONG_MAX, 0x123456789abcdefull);
    formats("[abc] [  abc] [abc  ] [ab]", "[%s] [%5s] [%-5s] [%.2s]", "abc", "abc", "abc", "abc");
    formats("[   x] % [1   ] [ab]", "[%4c] %% [%-*d] [%.*s]", 'x', 4, 1, 2, "abc");
    formats("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);

    char small[4];
    int length = snprintf(small, sizeof small, "%d", 123456);
    check(length == 6 && strcmp(small, "123") == 0, "snprintf cuts: \"%s\", would be %d long", small, length);
}

static void numbers(void)
{
    char *end;
    check(strtol("  -123rest", &end, 10) == -123 && strcmp(end, "rest") == 0, "strtol stops at \"%s\"", end);
    check(strtol("0x1F", NULL, 0) == 31 && strtol("077", NULL, 0) == 63 && strtol("z", NULL, 36) == 35, "strtol, bases");
    errno = 0;
    check(strtol("99999999999", NULL, 10) == LONG_MAX && errno == ERANGE, "strtol, too big: errno %d", errno);
    check(strtol("-2147483648", NULL, 10) == LONG_MIN, "strtol, the least number");

    volatile unsigned long long n = 0x123456789abcdef0ull, d = 0x12345, e = 0x123456789ull;
    check(n / d == 0x100005b00205ull && n % d == n - n / d * d, "64 by 32 bits: quotient 0x%llx", n / d);
    check(n / e == 0x10000000 && n % e == 0xabcdef0, "64 by 64 bits: quotient 0x%llx remainder 0x%llx", n / e, n % e);
    volatile long long minus = -7, three = 3;
    check(minus / three == -2 && minus % three == -1, "-7 / 3 is %lld, remainder %lld", minus / three, minus % three);
}

static void strings(void)
{
    char text[32] = "abcdefghij";
    memmove(text + 2, text, 8);
    check(strcmp(text, "ababcdefgh") == 0, "memmove upwards: %s", text);
    memmove(text, text + 2, 8);
    check(strcmp(text, "abcdefghgh") == 0, "memmove downwards: %s", text);
    check(strcmp("a", "b") < 0 && strcmp("\xff", "a") > 0 && strncmp("abx", "aby", 2) == 0, "strcmp and strncmp");
    check(strcmp(strstr("hello world", "o w"), "o world") == 0 && !strstr("abc", "abd"), "strstr");
    check(strchr("path/to", '/')[1] == 't' && strcmp(strrchr("a/b/c", '/'), "/c") == 0, "strchr and strrchr");
    strcpy(text, ",a,,b c;");
    char *first = strtok(text, ", ;"), *second = strtok(NULL, ", ;"), *third = strtok(NULL, ", ;");
    check(*first == 'a' && *second == 'b' && *third == 'c' && !strtok(NULL, ", ;"), "strtok: %s %s %s", first, second,
          third);
    memset(text, 'x', sizeof text);
    check(strncpy(text, "ab", 5)[4] == 0 && text[5] == 'x', "strncpy fills up with zero bytes");
    check(toupper('q') == 'Q' && isspace('\t') && !isalpha('1') && isxdigit('F'), "ctype");
}

static int by_value(const void *a, const void *b)
{
    int left = *(const int *)a, right = *(const int *)b;
    return (left > right) - (left < right);
}

static void sorting(void)
{
    enum { COUNT = 1000 };
    static int values[COUNT];
    for (int i = 0; i < COUNT; i++)
        values[i] = (i * 7919) % 1009 - 500;
    qsort(values, COUNT, sizeof values[0], by_value);
    int sorted = 1;
    for (int i = 1; i < COUNT; i++)
        sorted &= values[i - 1] <= values[i];
    check(sorted, "qsort of %d numbers", COUNT);
    int key = values[321], absent = 5000;
    int *found = bsearch(&key, values, COUNT, sizeof key, by_value);
    check(found && *found == key && !bsearch(&absent, values, COUNT, sizeof key, by_value), "bsearch");
}

/// Many blocks of many sizes, freed in another order: none may touch another.
static void heap(void)
{
    enum { BLOCKS = 64, ROUNDS = 2000 };
    static unsigned char *blocks[BLOCKS];
    static size_t sizes[BLOCKS];
    int intact = 1;
    for (int round = 0; round < ROUNDS; round++) {
        int i = rand() % BLOCKS;
        for (size_t k = 0; k < sizes[i]; k++)
            intact &= blocks[i][k] == (unsigned char)i;
        if (blocks[i] && round % 3 == 0) {
            size_t smaller = sizes[i];
            blocks[i] = realloc(blocks[i], sizes[i] = smaller + rand() % 5000);
            for (size_t k = 0; k < smaller; k++)
                intact &= blocks[i][k] == (unsigned char)i;
        } else {
            free(blocks[i]);
            blocks[i] = malloc(sizes[i] = rand() % 20000);
        }
        memset(blocks[i], i, sizes[i]);
    }
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    check(intact, "%d blocks of changing sizes keep what was stored", BLOCKS);
    check(!malloc(0x7fffffff) && errno == ENOMEM, "malloc of 2 GB: errno %d", errno);
}

static void streams(void)
{
    static const char path[] = "/tmp/probe-libc.tmp";
    FILE *file = fopen(path, "w+");
    if (!check(file != NULL, "fopen for writing"))
        return;
    for (int i = 0; i < 1000; i++)
        fprintf(file, "line %d\n", i);
    rewind(file);
    char line[32];
    int right = 0;
    for (int i = 0; fgets(line, sizeof line, file); i++)
        right += atoi(line + 5) == i;
    check(right == 1000 && feof(file), "1000 lines written and read again: %d", right);
    fseek(file, 5, SEEK_SET);
    int c = getc(file);
    ungetc('!', file);
    check(c == '0' && getc(file) == '!' && ftell(file) == 6, "fseek, getc, ungetc, ftell");
    check(fclose(file) == 0 && remove(path) == 0, "fclose and remove");
    check(!fopen("/none", "r") && errno == ENOENT, "fopen of nothing: errno %d", errno);

    int entries = 0, found = 0;
    DIR *directory = opendir("/");
    for (struct dirent *entry; directory && (entry = readdir(directory)); entries++)
        found |= strcmp(entry->d_name, "tmp") == 0;
    check(found, "readdir finds /tmp among %d entries", entries);
    closedir(directory);
}

static void environment(void)
{
    setenv("PROBE", "one", 1);
    setenv("PROBE", "two", 0);
    check(strcmp(getenv("PROBE"), "one") == 0, "setenv without overwriting: %s", getenv("PROBE"));
    setenv("PROBE", "two", 1);
    check(strcmp(getenv("PROBE"), "two") == 0 && !getenv("PROB"), "setenv with: %s", getenv("PROBE"));
    unsetenv("PROBE");
    check(!getenv("PROBE"), "unsetenv");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--strerror") == 0) {
        for (int i = 1; i <= 133; i++)
            printf("%d %s\n", i, strerror(i));
        return 0;
    }
    printf_family();
    numbers();
    strings();
    sorting();
    heap();
    streams();
    environment();
    return finish();
}
