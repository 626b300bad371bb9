// SPDX-License-Identifier: MIT
// Threads are processes that share: one clone() with CLONE_VM and its sisters, the same copy_process as fork(). They have one
// memory, one getpid() and one table of descriptors, but a stack, a gettid() and an errno each.
// Rows: D19 P43 getpid is the leader's; T07 a stack of its own; T06 W15 a segment for what is its own; P26 shared memory;
// P29 the kernel clears a word when a thread ends, and wakes who waits for that.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <threads.h>
#include <unistd.h>

enum { THREADS = 4, ROUNDS = 500 };

static mtx_t lock;
static volatile int counter, tids[THREADS], errors[THREADS];
static volatile pid_t pids[THREADS];

static int work(void *argument)
{
    int number = *(int *)argument;
    pids[number] = getpid();
    tids[number] = gettid();
    close(1000 + number);
    for (int i = 0; i < ROUNDS; i++) {
        mtx_lock(&lock);
        int seen = counter; // between these two lines another thread could have counted
        if (i % 100 == 0)
            thrd_yield();
        counter = seen + 1;
        mtx_unlock(&lock);
    }
    errors[number] = errno;
    return number * number;
}

int main(void)
{
    thrd_t threads[THREADS];
    int numbers[THREADS], sum = 0, same_pid = 1, other_tid = 1, own_errno = 1;
    mtx_init(&lock, mtx_plain);
    errno = 0;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        if (thrd_create(&threads[i], work, &numbers[i]) != thrd_success) {
            perror("thrd_create");
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        int result;
        thrd_join(threads[i], &result);
        sum += result;
        same_pid &= pids[i] == getpid();
        other_tid &= tids[i] != getpid() && (i == 0 || tids[i] != tids[i - 1]);
        own_errno &= errors[i] == EBADF;
    }
    printf("%d threads counted to %d in one memory\n", THREADS, counter);
    printf("getpid(): %s; gettid(): %s\n", same_pid ? "the same in all" : "different?", other_tid ? "one each" : "the same?");
    printf("errno: %s in each thread, %d here\n", own_errno ? strerror(EBADF) : "something else", errno);
    printf("what they returned, added: %d\n", sum);
    return counter == THREADS * ROUNDS && same_pid && other_tid && own_errno && errno == 0 && sum == 14 ? 0 : 1;
}
