// SPDX-License-Identifier: MIT
// text: counts words with a hash table of chained nodes, and moves strings about. String instructions with REP, byte
// loops, pointers from node to node.

#include "bench.h"

#include <stdlib.h>
#include <string.h>

const char bench_name[] = "text";
const unsigned bench_rounds = 8;

enum { LENGTH = 32768, BUCKETS = 256, NODES = 4096 };

struct node {
    struct node *next;
    uint32_t count;
    char word[8];
};

static char text[LENGTH], copy[LENGTH];
static struct node *buckets[BUCKETS], nodes[NODES];
static int used;

static void write_text(uint32_t *state)
{
    for (int i = 0; i < LENGTH - 1; i++)
        text[i] = bench_random(state) % 4 ? 'a' + bench_random(state) % 6 : ' ';
    text[LENGTH - 1] = 0;
}

static void count_word(const char *word, size_t length)
{
    if (length > 7)
        length = 7;
    uint32_t hash = 5381;
    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + word[i];
    struct node **link = &buckets[hash % BUCKETS];
    for (; *link; link = &(*link)->next)
        if (strncmp((*link)->word, word, length) == 0 && !(*link)->word[length]) {
            (*link)->count++;
            return;
        }
    if (used == NODES)
        return;
    *link = &nodes[used++];
    memcpy((*link)->word, word, length);
    (*link)->count = 1;
}

uint32_t bench_run(unsigned rounds)
{
    uint32_t state = 13, sum = 0;
    while (rounds--) {
        write_text(&state);
        memset(buckets, 0, sizeof buckets);
        memset(nodes, 0, sizeof nodes);
        used = 0;
        for (int turn = 0; turn < 16; turn++) {
            memcpy(copy, text, LENGTH);
            memmove(text, copy + LENGTH / 2, LENGTH / 2);
        }
        for (char *word = copy; *word;) {
            size_t length = strcspn(word, " ");
            count_word(word, length);
            word += length;
            word += strspn(word, " ");
        }
        for (int i = 0; i < used; i++)
            sum = sum * 31 + nodes[i].count * nodes[i].word[0];
    }
    return sum;
}
