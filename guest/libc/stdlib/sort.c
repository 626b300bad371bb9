// SPDX-License-Identifier: MIT
// qsort by heap sort: in place, no recursion, never worse than n log n. No system call either.  [W16]

#include <stdlib.h>

typedef int comparison(const void *, const void *);

static void swap(char *a, char *b, size_t size)
{
    for (; size; size--, a++, b++) {
        char kept = *a;
        *a = *b;
        *b = kept;
    }
}

/// Lets the element at `root` sink until no child of it is greater.
static void sift_down(char *base, size_t root, size_t count, size_t size, comparison *compare)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + root * size, base + child * size) >= 0)
            return;
        swap(base + root * size, base + child * size, size);
    }
}

void qsort(void *base, size_t count, size_t size, comparison *compare)
{
    for (size_t root = count / 2; root-- > 0;)
        sift_down(base, root, count, size, compare);
    for (size_t end = count; end-- > 1;) {
        swap(base, (char *)base + end * size, size);
        sift_down(base, 0, end, size, compare);
    }
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, comparison *compare)
{
    const char *at = base;
    while (count) {
        const char *middle = at + count / 2 * size;
        int order = compare(key, middle);
        if (order == 0)
            return (void *)middle;
        if (order > 0) {
            at = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
