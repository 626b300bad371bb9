// SPDX-License-Identifier: MIT
// sort: 4096 pointers to records by a comparison function. Calls through a pointer, loads through two pointers, branches
// that no pattern predicts.

#include "bench.h"

#include <stdlib.h>
#include <string.h>

const char bench_name[] = "sort";
const unsigned bench_rounds = 6;

enum { COUNT = 4096 };

struct record {
    uint32_t key;
    char name[12];
};

static struct record records[COUNT];
static const struct record *order[COUNT];

static int compare(const void *a, const void *b)
{
    const struct record *left = *(const struct record *const *)a, *right = *(const struct record *const *)b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return memcmp(left->name, right->name, sizeof left->name);
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t state = 3, sum = 0;
    while (rounds--) {
        for (int i = 0; i < COUNT; i++) {
            records[i].key = bench_random(&state) & 0xfff; // some are equal: then the name decides
            for (size_t k = 0; k < sizeof records[i].name; k++)
                records[i].name[k] = 'a' + bench_random(&state) % 4;
            order[i] = &records[i];
        }
        qsort(order, COUNT, sizeof order[0], compare);
        for (int i = 0; i < COUNT; i++)
            sum = sum * 31 + (order[i] - records);
    }
    return sum;
}
