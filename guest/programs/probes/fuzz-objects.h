// SPDX-License-Identifier: MIT
// Things for calls to meet: System V objects, terminals, descriptors of all kinds, sets of them, and programs with some bytes changed.
#pragma once

#include "fuzz-make.h"

static unsigned char image[1 << 18]; ///< this program as a file
static unsigned image_size;

// ---- System V, terminals, descriptors in number

static void semaphores(void)
{
    unsigned a[6] = {2, below(6), one_in(10) ? any_word() : below(6), 0600 | (one_in(3) ? 0 : 01000) | (one_in(9) ? 02000 : 0), 0, 0};
    static const unsigned char commands[] = {0, 1, 2, 3, 11, 12, 13, 14, 15, 16, 16, 17, 18, 19};
    long id = make(__NR_ipc, "semget", a);
    if (id >= 0)
        board->ids[0][below(SLOTS)] = id;
    unsigned which = one_in(10) ? any_word() : (unsigned)PICK(board->ids[0]), timed = one_in(2);
    short *operations = (short *)room(64);
    for (int i = 0; i < 12; i += 3)
        operations[i] = below(6), operations[i + 1] = (int)below(5) - 2, operations[i + 2] = random_word() & 010000 & random_word() ? 010000 : below(2) << 11;
    make(__NR_ipc, "semop", (unsigned[6]){timed ? 4 : 1, which, one_in(12) ? length() : 1 + below(3), 0, one_in(12) ? bad_pointer(24) : (unsigned)operations, times()});
    make(__NR_ipc, "semctl", (unsigned[6]){3, which, below(7), PICK(commands) | (one_in(2) ? 0x100 : 0), pointer(4), 0});
}

static void messages(void)
{
    long id = make(__NR_ipc, "msgget", (unsigned[6]){13, below(4), 0600 | (one_in(3) ? 0 : 01000), 0, 0, 0});
    if (id >= 0)
        board->ids[1][below(SLOTS)] = id;
    unsigned which = one_in(10) ? any_word() : (unsigned)PICK(board->ids[1]), *text = room(512);
    static const unsigned char commands[] = {0, 1, 2, 3, 11, 12};
    text[0] = small();
    make(__NR_ipc, "msgsnd", (unsigned[6]){11, which, one_in(6) ? length() : below(300), one_in(8) ? 0 : 04000, one_in(10) ? bad_pointer(64) : (unsigned)text, 0});
    unsigned kludge[2] = {one_in(10) ? bad_pointer(300) : (unsigned)text, one_in(3) ? any_word() : below(8)};
    make(__NR_ipc, "msgrcv", (unsigned[6]){12 | (one_in(2) ? 0x10000 : 0), which, one_in(6) ? length() : below(300), one_in(8) ? 0 : 04000 | (random_word() & 030000), one_in(10) ? bad_pointer(8) : (unsigned)kludge, below(8)});
    make(__NR_ipc, "msgctl", (unsigned[6]){14, which, PICK(commands) | (one_in(2) ? 0x100 : 0), 0, pointer(100), 0});
}

static void shared_memory(void)
{
    long id = make(__NR_ipc, "shmget", (unsigned[6]){23, below(4), one_in(12) ? length() : 4096 * below(20) + below(3), 0600 | (one_in(3) ? 0 : 01000), 0, 0});
    if (id >= 0)
        board->ids[2][below(SLOTS)] = id;
    unsigned which = one_in(10) ? any_word() : (unsigned)PICK(board->ids[2]), at = one_in(2) ? 0 : address();
    static const unsigned char commands[] = {0, 1, 2, 3, 11, 12, 13, 14};
    make(__NR_ipc, "shmat", (unsigned[6]){21, which, random_word() & 072000, pointer(4), at, 0});
    make(__NR_ipc, "shmctl", (unsigned[6]){24, which, PICK(commands) | (one_in(2) ? 0x100 : 0), 0, pointer(100), 0});
    if (one_in(2))
        make(__NR_ipc, "shmdt", (unsigned[6]){22, 0, 0, 0, one_in(2) ? address() & ~4095u : at, 0});
}

/// A pair of terminals, somebody's controlling one with luck.
static void terminals(void)
{
    int number = -1, unlock = 0, fd = open("/dev/ptmx", O_RDWR | O_NONBLOCK);
    char name[24];
    if (fd < 0)
        return;
    raw(__NR_ioctl, fd, 0x80045430, (long)&number);
    raw(__NR_ioctl, fd, 0x40045431, (long)&unlock);
    sprintf(name, "/dev/pts/%d", number);
    int slave = open(name, O_RDWR | (one_in(2) ? O_NONBLOCK : 0));
    if (one_in(3))
        raw(__NR_setsid, 0, 0, 0), raw(__NR_ioctl, slave, 0x540e, one_in(2));
    write(fd, "\003\032ab\x7f\n\x04", 7);
    write(slave, (char *)BUFFERS, below(5000));
    if (one_in(3))
        close(fd);
    if (one_in(4))
        close(slave);
}

static void watches(void)
{
    int set = raw(__NR_epoll_create, 5, 0, 0);
    for (int i = 0; i < 6; i++)
        make(__NR_epoll_ctl, "epoll_ctl", (unsigned[6]){set, 1, descriptor(), filled(3, random_word), 0, 0});
    if (one_in(2))
        make(__NR_epoll_wait, "epoll_wait", (unsigned[6]){set, pointer(96), 1 + below(8), below(5), 0, 0});
}

static void opens(void)
{
    int pair[2];
    static const char *const kinds[] = {"/a", "/big", "/d", "/fifo", "/dev/null", "/dev/zero", "/dev/tty", "/proc/self/mem", "/proc/self/maps", "/dev/foo", "/dev/ttyS0", "/m", "/proc/self/fd", "/dev/random"};
    for (int i = 0; i < 6; i++)
        open(PICK(kinds), (one_in(2) ? O_RDWR : O_RDONLY) | O_NONBLOCK);
    if (pipe(pair) == 0 && one_in(2))
        raw(__NR_fcntl, pair[0], F_SETFL, O_NONBLOCK), raw(__NR_fcntl, pair[1], F_SETFL, O_NONBLOCK);
    mmap((void *)ANYTHING, 0x10000, PROT_READ | PROT_WRITE, (one_in(2) ? MAP_SHARED : MAP_PRIVATE) | MAP_FIXED, descriptor(), 0);
}

// ---- executing

static void mutate(unsigned char *bytes, unsigned size)
{
    unsigned reach = one_in(2) ? 52 + 3 * 32 : size;
    for (unsigned n = 1 + below(one_in(2) ? 3 : 20); n; n--)
        bytes[below(reach)] = one_in(3) ? below(256) : PICK(((const unsigned char[]){0, 1, 2, 3, 4, 0xff, 0x7f, 0x80, 0xc0, 0xbf, 8}));
    if (one_in(8)) { // the second header asks for an interpreter
        unsigned header[5] = {3, one_in(2) ? 0x400 : any_word(), 0, 0, one_in(2) ? 8 : any_word()};
        memcpy(bytes + 84, header, sizeof header);
        strcpy((char *)bytes + 0x400, one_in(2) ? "/mutant" : "/exe");
    }
}

static void mutant(void)
{
    static unsigned char copy[sizeof image];
    static char *arguments[3000];
    unsigned many = one_in(3) ? below(2999) : below(4);
    memcpy(copy, image, image_size);
    mutate(copy, image_size);
    if (one_in(6))
        sprintf((char *)copy, "#!%s %s\n", PICK(names), PICK(names));
    int fd = open("/mutant", O_RDWR | O_CREAT | O_TRUNC, 0777);
    write(fd, copy, one_in(4) ? below(image_size) : image_size);
    close(fd);
    for (unsigned i = 0; i < many; i++)
        arguments[i] = (char *)(one_in(2000) ? bad_pointer(8) : (unsigned)PICK(names));
    arguments[many] = NULL;
    execve(one_in(4) ? "/exe" : "/mutant", arguments, one_in(2) ? arguments : environ);
}

/// The same life goes on in a new program.
static void starts_again(void)
{
    char seed[16], steps[16];
    sprintf(seed, "%u", random_word());
    sprintf(steps, "%u", 5 + below(20));
    char *arguments[] = {"life", seed, steps, NULL};
    execve(one_in(3) ? "/suid" : "/exe", arguments, environ);
}
