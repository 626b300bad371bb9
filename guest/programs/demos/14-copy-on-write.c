// SPDX-License-Identifier: MIT
// fork() copies no memory: both processes get the same pages, read-only. The first write to a page is a fault, and the kernel makes
// a copy (do_wp_page). So a fork costs what is written afterwards. The kernel counts such faults; getrusage() tells.
// Rows: P26 private memory, copied on write; G03 two processes, one address, different data; S03 why the child runs first.
//
// Look at it:  trapgate debug demos/14-copy-on-write   then  break do_wp_page

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGES = 32, PAGE = 4096 };

int getrusage(int who, long *usage);

/// Faults of this process that needed no disk.
static long faults(void)
{
    long usage[18]; // struct rusage: two times of two words, then counters, of which minflt is the fifth
    getrusage(0, usage);
    return usage[8];
}

static char *memory;

/// Writes one byte to each of `pages` pages. The number of faults that it took.
static long touch(int pages, char value)
{
    long before = faults();
    for (int i = 0; i < pages; i++)
        ((volatile char *)memory)[i * PAGE] = value;
    return faults() - before;
}

static int child(void)
{
    long sum = 0, before = faults();
    for (int i = 0; i < PAGES; i++)
        sum += memory[i * PAGE];
    long reading = faults() - before, half = touch(PAGES / 2, 2), again = touch(PAGES / 2, 3), rest = touch(PAGES, 4);
    printf("child:  reading all pages: %ld faults, the sum is %ld\n", reading, sum);
    printf("child:  writing to %d: %ld faults; to the same again: %ld; to all %d: %ld\n", PAGES / 2, half, again, PAGES, rest);
    return reading == 0 && sum == PAGES && half == PAGES / 2 && again == 0 && rest == PAGES / 2 ? 0 : 1;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); // fork copies the buffer too: leave nothing in it
    char *block = malloc((PAGES + 1) * PAGE);
    memory = (char *)(((unsigned long)block + PAGE - 1) & ~(PAGE - 1ul));
    printf("before: %d new pages: %ld faults\n", PAGES, touch(PAGES, 1));
    printf("before: once they are there: %ld\n", touch(PAGES, 1));

    int status;
    pid_t pid = fork();
    if (pid == 0)
        exit(child());
    waitpid(pid, &status, 0);
    int still = memory[0];
    printf("parent: my byte is still %d; writing to all %d: %ld faults, but nobody shares them now: nothing is copied\n", still,
           PAGES, touch(PAGES, 5));
    return status == 0 && still == 1 ? 0 : 1;
}
