// SPDX-License-Identifier: MIT
// What a fuzzer passes to system calls: values of the kind that an argument has, mostly good ones, with bad ones mixed in.
// A kind is a letter (value_of); fuzz-calls.def says which letters a call has. All values come from one seeded stream.
#pragma once

#include <string.h>
#include <sys/mman.h>

static unsigned random_state = 1;

static unsigned random_word(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state * 2654435761u >> 3 ^ random_state;
}

static unsigned below(unsigned limit) { return random_word() % limit; }
static int one_in(unsigned n) { return below(n) == 0; }
#define PICK(array) ((array)[below(sizeof(array) / sizeof((array)[0]))])

// ---- memory of every sort, always at the same addresses

enum {
    BOARD = 0x50000000,  ///< shared by all children of a round: numbers of System V objects, futexes
    BUFFERS = 0x50010000, BUFFERS_SIZE = 0x8000, ///< ordinary memory; behind it nothing
    READ_ONLY = 0x50030000,
    NO_ACCESS = 0x50040000,
    OF_FILE = 0x50050000, ///< shared with a file of 5000 bytes: its third page cannot be read
    CODE = 0x50060000,    ///< can be executed
    ANYTHING = 0x50100000, ANYTHING_SIZE = 0x100000, ///< where the fuzzer maps and unmaps
};
enum { SLOTS = 16 };

/// What the children of a round tell each other.
struct board {
    int ids[3][SLOTS]; ///< of semaphores, message queues, shared memory
    int pids[SLOTS];
    int words[64];     ///< futexes
};
#define board ((struct board *)BOARD)

static unsigned bad_pointer(unsigned size)
{
    switch (below(14)) {
    case 0: return 0;
    case 1: return below(4096);
    case 2: return 0xc0000000 + below(0x400000);
    case 3: return 0xc0000000 - 1 - below(size + 8);
    case 4: return READ_ONLY + below(4096);
    case 5: return NO_ACCESS;
    case 6: return BUFFERS + BUFFERS_SIZE - 1 - below(size + 4); // begins well
    case 7: return OF_FILE + 0x1000 + below(0x2000);
    case 8: return 0xffffe000 + below(0x800);
    case 9: return 0x08048000 + below(0x8000);
    case 10: return ~0u - below(4100);
    case 11: return READ_ONLY - 1 - below(size + 4);
    case 12: return ANYTHING + below(ANYTHING_SIZE);
    default: return random_word();
    }
}

/// A place for `size` bytes, mostly aligned, sometimes across the border of two pages or at the very end.
static unsigned good_pointer(unsigned size)
{
    switch (below(12)) {
    case 0: return BUFFERS + BUFFERS_SIZE - size;
    case 1: return BUFFERS + 4096 * (1 + below(6)) - size / 2;
    case 2: return BUFFERS + below(BUFFERS_SIZE / 2) + below(4);
    case 3: return OF_FILE + below(200) * 4;
    case 4: return BOARD + below(1000) * 4;
    default: return BUFFERS + below(BUFFERS_SIZE / 16 - 256) * 16;
    }
}

static unsigned pointer(unsigned size) { return one_in(9) ? bad_pointer(size) : good_pointer(size < 4096 ? size : 4096); }

/// Room for a structure that we fill; the pages are there unless the fuzzer has taken them away from itself.
static unsigned *room(unsigned size) { return (unsigned *)(BUFFERS + 64 * below((BUFFERS_SIZE - 4096) / 64) + (one_in(8) ? 4096 - size / 2 : 0)); }

// ---- numbers

static unsigned any_word(void)
{
    static const unsigned edges[] = {0, 1, 2, 3, ~0u, ~1u, 0x7fffffff, 0x80000000, 0xc0000000, 0xbffffffc, 0xfffff000, 4095, 4096, 4097, 65535, 65536};
    switch (below(4)) {
    case 0: return PICK(edges);
    case 1: return below(64);
    case 2: return 1u << below(32);
    default: return random_word();
    }
}

static unsigned length(void)
{
    static const unsigned lengths[] = {0, 1, 3, 4, 8, 12, 16, 28, 64, 100, 512, 1000, 4095, 4096, 4097, 8192, 20000, 65536, 70000};
    static const unsigned huge[] = {0x7fffffff, 0x80000000, ~0u, 0x100000, 0x4000000, 0xfffff000, 0x7ffff000, 0x40000000};
    return one_in(12) ? PICK(huge) : PICK(lengths);
}

static unsigned descriptor(void)
{
    switch (below(16)) {
    case 0: return below(200);
    case 1: return -1;
    case 2: return one_in(2) ? -100u : any_word();
    default: return below(34);
    }
}

static unsigned process(void)
{
    switch (below(12)) {
    case 0: return 0;
    case 1: return -(int)below(40);
    case 2: return any_word();
    case 3: return getppid();
    case 4: return below(400);
    case 5: case 6: return getpid();
    case 7: case 8: return getpid() + 1 + below(6); // a child, with luck
    default: return PICK(board->pids);
    }
}

static unsigned signal_number(void) { return one_in(12) ? any_word() : one_in(3) ? 32 + below(34) : below(33); }

static unsigned user(void)
{
    static const unsigned ids[] = {0, 0, 1000, 1000, 1001, 65535, 65536, ~0u};
    return one_in(16) ? random_word() : PICK(ids);
}

static unsigned address(void)
{
    static const unsigned ours[] = {BOARD, BUFFERS, READ_ONLY, NO_ACCESS, OF_FILE, CODE, 0x08048000, 0xbffff000, 0xbfff0000, 0xffffe000, 0xbfffe000};
    switch (below(24)) {
    case 0: return PICK(ours) + 4096 * below(16);
    case 1: return any_word();
    case 2: return bad_pointer(4096);
    case 3: return 0;
    default: return ANYTHING + 4096 * below(ANYTHING_SIZE / 4096) + (one_in(20) ? 1 + below(4095) : 0);
    }
}

static unsigned span(void) { return one_in(12) ? length() : 4096 * below(one_in(6) ? 300 : 12); }

// ---- texts

static const char *const names[] = {
    "a", "b", "c", "d/a", "d/b", "d", "d/e", "d/e/f", "e", "link", "dangling", "loop", "fifo", "big", "exe", "script", "mutant", "./", "..", "/", "",
    "dev/null", "dev/zero", "dev/full", "dev/tty", "dev/ptmx", "dev/ttyS0", "dev/random", "dev/foo", "dev/pts/0", "dev/pts/1", "dev/pts/2", "dev/pts", "m", "m/a", "m/b", "m/c",
    "proc/self/maps", "proc/self/mem", "proc/self/stat", "proc/self/status", "proc/self/fd", "proc/self/fd/3", "proc/self/exe", "proc/self/cwd", "proc/self/root",
    "proc/self/environ", "proc/self/cmdline", "proc/self/auxv", "proc/self/mounts", "proc/self/limits", "proc/mounts", "proc/meminfo", "proc/stat", "proc/interrupts",
    "proc/devices", "proc/filesystems", "proc/1/status", "proc/1/mem", "proc/sys/kernel/hostname", "proc/sys/kernel/domainname", "proc/cpuinfo", "proc", "proc/2", "proc/2/fd", "proc/audit", "proc/loadavg",
    "/../../a", "a/", "a/b", "d//e/../e/./f", "link/../a",
};

static unsigned text(const char *from)
{
    unsigned size = strlen(from) + 1;
    unsigned to = one_in(10) ? BUFFERS + BUFFERS_SIZE - size : BUFFERS + 64 * below(BUFFERS_SIZE / 64 - 8);
    memcpy((char *)to, from, size - one_in(60)); // now and then without its end
    return to;
}

static unsigned path(void)
{
    if (one_in(14))
        return bad_pointer(64);
    if (one_in(60)) { // long
        unsigned size = one_in(2) ? 4090 + below(12) : 250 + below(10), at = BUFFERS + below(4096);
        memset((char *)at, 'x', size);
        ((char *)at)[size] = 0;
        return at;
    }
    if (one_in(12)) { // a process' own files
        static const char *const parts[] = {"maps", "mem", "stat", "fd", "fd/4", "exe", "cwd", "root", "status", "environ", "cmdline", "auxv"};
        char of_process[40];
        unsigned number = process() & 0x7fff;
        sprintf(of_process, "/proc/%u/%s", number > 2 ? number : (unsigned)getpid(), PICK(parts)); // init's root is not for us
        return text(of_process);
    }
    return text(PICK(names));
}

static unsigned word_of_text(void)
{
    static const char *const words[] = {"ramfs", "tmpfs", "proc", "devpts", "none", "", "x", "12", "-1", "user.a", "host\n", "/", "bind", "mode=0", "size=4k", "9999999999", "\001\002\377"};
    return one_in(14) ? bad_pointer(8) : text(PICK(words));
}

// ---- structures

static unsigned filled(unsigned words, unsigned (*content)(void))
{
    if (one_in(12))
        return one_in(3) ? 0 : bad_pointer(4 * words);
    unsigned *at = room(4 * words);
    for (unsigned i = 0; i < words; i++)
        at[i] = content();
    return (unsigned)at;
}

static int ours(unsigned at, unsigned size) { return at >= BUFFERS && at < BUFFERS + BUFFERS_SIZE - size; }
static unsigned small(void) { return one_in(10) ? any_word() : below(16); }
static unsigned span_of_time(void) { return one_in(12) ? any_word() : one_in(2) ? 0 : below(3000000); }
static unsigned limit(void) { return one_in(4) ? ~0u : one_in(3) ? any_word() : below(40) << below(21); }
static unsigned handler(void);

/// Seconds and small parts of a second, in turns: timespec, timeval, itimerval, utimbuf.
static unsigned times(void)
{
    unsigned at = filled(8, span_of_time);
    if (ours(at, 32) && !one_in(12))
        for (int i = 0; i < 8; i += 2)
            ((unsigned *)at)[i] = one_in(20);
    return at;
}

/// Mostly without the alarm clock, which ends sleeps.
static unsigned signal_set(void)
{
    unsigned at = filled(2, one_in(3) ? any_word : random_word);
    if (ours(at, 8) && !one_in(12))
        *(unsigned *)at &= ~(1u << 13);
    return at;
}

static unsigned vector(void)
{
    unsigned at = filled(16, length);
    if (ours(at, 64))
        for (int i = 0; i < 16; i += 2)
            ((unsigned *)at)[i] = pointer(4096);
    return at;
}

/// struct pollfd: a descriptor, and events in the lower half of a word.
static unsigned poll_set(void)
{
    unsigned at = filled(16, random_word);
    if (ours(at, 64))
        for (int i = 0; i < 16; i += 2)
            ((unsigned *)at)[i] = descriptor();
    return at;
}

/// The kernel's sigaction: handler, flags, restorer, mask. Without SA_RESTORER the page of the kernel has the way back.
static unsigned action(void)
{
    unsigned at = filled(5, any_word);
    if (ours(at, 20)) {
        unsigned *words = (unsigned *)at;
        words[0] = handler();
        words[1] = (random_word() & 0xd8000007) | (one_in(10) ? 0x04000000 : 0);
        words[3] = random_word() & random_word();
    }
    return at;
}

/// A descriptor of a segment: entry, base, limit, bits.
static unsigned segment(void)
{
    unsigned at = filled(4, any_word);
    if (ours(at, 16) && !one_in(4)) {
        unsigned *words = (unsigned *)at;
        words[0] = one_in(3) ? ~0u : below(18);
        words[3] = random_word() & 0x7f;
    }
    return at;
}

/// The value of an argument of kind `letter`; `number` is what stands behind the letter.
static unsigned value_of(char letter, unsigned number)
{
    switch (letter) {
    case 'f': return descriptor();
    case 'F': return one_in(2) ? -100u : descriptor();
    case 'p': return path();
    case 's': return word_of_text();
    case 'b': return pointer(number ? number : 4096);
    case 'n': return length();
    case 'i': return filled(number ? number : 16, one_in(2) ? small : any_word);
    case 't': return times();
    case 'v': return vector();
    case 'P': return poll_set();
    case 'S': return signal_set();
    case 'A': return action();
    case 'D': return segment();
    case 'R': return filled(4, limit);
    case 'g': return signal_number();
    case 'd': return process();
    case 'u': return user();
    case 'm': return address();
    case 'M': return span();
    case 'w': return any_word();
    case 'h': return one_in(16) ? pointer(4) : BOARD + sizeof(int) * (4 * SLOTS + below(64));
    case 'x': return one_in(24) ? any_word() : one_in(3) ? number & random_word() & random_word() : number & random_word();
    case 'c': return one_in(24) ? any_word() : below(number);
    case 'k': return number;
    case 'z': return one_in(4) ? any_word() : below(20000);
    case 'j': return one_in(30) ? any_word() : below(20);
    default: return 0;
    }
}
