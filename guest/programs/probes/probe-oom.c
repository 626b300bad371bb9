// SPDX-License-Identifier: MIT
// Memory used up in several ways. Somebody who asked for it is refused or killed; who lives quietly goes on, so does the kernel.
// The host compares what the kernel has given out before and after each (tests/guest/out_of_memory.cpp).
// It needs a machine of its own, a small one: on another kernel it does nothing.

#include "probe.h"

#include "ledger.h"

#include <sys/mman.h>
#include <sys/stat.h>

enum { MEGABYTE = 1 << 20, ENOUGH = 512 }; ///< more megabytes than the machine has

static pid_t bystander; ///< init's child: of another family
static int alive[2];    ///< what it is asked through, and answers
static int answers[2];

static void adopt_a_bystander(void)
{
    pipe(alive);
    pipe(answers);
    pid_t pid = fork();
    if (pid == 0) {
        pid_t child = fork();
        if (child == 0) {
            char byte;
            close(alive[1]);
            while (read(alive[0], &byte, 1) == 1)
                write(answers[1], &byte, 1);
            _exit(0);
        }
        write(answers[1], &child, sizeof child);
        _exit(0);
    }
    read(answers[0], &bystander, sizeof bystander);
    waitpid(pid, NULL, 0);
}

static int bystander_answers(void)
{
    char byte = 0;
    return write(alive[1], "?", 1) == 1 && read(answers[0], &byte, 1) == 1 && byte == '?';
}

/// Private memory, a megabyte at a time, every page of it written to. How many megabytes there were to have.
static int take(int megabytes)
{
    for (int i = 0; i < megabytes; i++) {
        char *at = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED)
            return i;
        for (int page = 0; page < MEGABYTE; page += 4096)
            at[page] = 1;
    }
    return megabytes;
}

static int refused_or_killed(int status)
{
    return status == 0 || status == SIGKILL;
}

static void one_hog(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        take(ENOUGH);
        _exit(1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == SIGKILL, "one hog: 0x%04x", status);
}

static void many_hogs(void)
{
    enum { HOGS = 10 };
    pid_t pids[HOGS];
    int killed = 0, strange = 0;
    for (int i = 0; i < HOGS; i++)
        if ((pids[i] = fork()) == 0) {
            take(5);
            raw(__NR_sched_yield, 0, 0, 0);
            take(5);
            _exit(0);
        }
    for (int i = 0; i < HOGS; i++) {
        int status = 0;
        if (pids[i] < 0)
            continue; // the others had taken everything
        waitpid(pids[i], &status, 0);
        killed += status == SIGKILL;
        strange += !refused_or_killed(status);
    }
    check(killed > 0 && !strange, "ten hogs: %d killed, %d ended strangely", killed, strange);
}

static char block[65536];

/// The memory of a pipe is nobody's.
static void hog_in_pipes(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 12; i++)
            if (fork() == 0) {
                int ends[2];
                while (pipe(ends) == 0) {
                    fcntl(ends[1], F_SETFL, O_NONBLOCK);
                    while (write(ends[1], block, 4096) > 0)
                        ;
                }
                take(2);
                _exit(0);
            }
        while (wait(NULL) > 0)
            ;
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(refused_or_killed(status), "pipes full of data: 0x%04x", status);
}

static void hog_in_a_file(void)
{
    int fd = open("/tmp/hog", O_WRONLY | O_CREAT | O_TRUNC, 0600), written = 0;
    errno = 0;
    for (ssize_t n; (n = write(fd, block, sizeof block)) > 0 && written < ENOUGH * MEGABYTE;)
        written += n;
    int error = errno;
    check(error == ENOSPC || error == ENOMEM, "a file of %d KB, then errno %d", written >> 10, error);
    check(in_child(one_hog) == 0, "a hog beside it");
    close(fd);
    unlink("/tmp/hog");
}

/// A page every four megabytes: the tables take as much as the pages.
static void page_tables(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int depth = 0; depth < 40; depth++) {
            for (unsigned long at = 0x10000000; at < 0xb0000000; at += 4 * MEGABYTE) {
                char *page = mmap((void *)at, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
                if (page == MAP_FAILED)
                    break;
                *page = 1;
            }
            pid_t child = fork();
            if (child < 0)
                _exit(0);
            if (child > 0) {
                int status = -1;
                waitpid(child, &status, 0);
                _exit(0);
            }
        }
        _exit(0);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(refused_or_killed(status), "page tables: 0x%04x", status);
}

/// Each has a child that does the same.
static void deep_fork(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (;;) {
            take(1);
            pid_t child = fork();
            if (child < 0)
                _exit(0);
            if (child > 0) {
                waitpid(child, NULL, 0);
                _exit(0);
            }
        }
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(refused_or_killed(status), "a deep family of hogs: 0x%04x", status);
}

static void shared_memory(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < ENOUGH; i++) {
            char *at = mmap(NULL, MEGABYTE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (at == MAP_FAILED)
                _exit(0);
            for (int page = 0; page < MEGABYTE; page += 4096)
                at[page] = 1;
        }
        _exit(1);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(refused_or_killed(status), "shared memory: 0x%04x", status);
}

/// The child has its parent's memory, and the parent sleeps until it has ended: both have to go.
static void hog_in_vfork(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (vfork() == 0) {
            take(ENOUGH);
            _exit(1);
        }
        pause();
    }
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == SIGKILL, "a hog that has its parent's memory: 0x%04x", status);
}

static void settle(const char *what)
{
    for (int i = 0; i < 200; i++) // orphans are init's to reap
        raw(__NR_sched_yield, 0, 0, 0);
    check(bystander_answers(), "after %s: the bystander still answers", what);
}

static const struct {
    const char *name;
    void (*work)(void);
} shapes[] = {
    {"one hog", one_hog},         {"many hogs", many_hogs},     {"pipes", hog_in_pipes}, {"a file", hog_in_a_file},
    {"page tables", page_tables}, {"a deep family", deep_fork}, {"shared memory", shared_memory},
    {"vfork", hog_in_vfork},
};

int main(void)
{
    if (native()) {
        printf("another kernel: its memory is left alone\n");
        return 0;
    }
    adopt_a_bystander();
    memset(block, 7, sizeof block); // its pages are ours from now on
    for (unsigned i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        ledger_topic = shapes[i].name;
        if (i == 0) {
            shapes[i].work();
            settle("a first time");
        }
        ledger_mark();
        shapes[i].work();
        settle(shapes[i].name);
        ledger_mark();
    }
    return finish();
}
