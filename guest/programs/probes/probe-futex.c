// SPDX-License-Identifier: MIT
// futex(2) without a library: waiting and waking, moving waiters, changing a second word, times, stops, shared memory, robust
// lists in all their brokenness. The same answers on a host's Linux. Rows: S07; issue's threads.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <time.h>

#define WAIT 0
#define WAKE 1
#define REQUEUE 3
#define CMP_REQUEUE 4
#define WAKE_OP 5
#define WAIT_BITSET 9
#define WAKE_BITSET 10
#define PRIVATE 128
#define OP(op, arg, cmp, cmp_arg) ((op) << 28 | (cmp) << 24 | (arg) << 12 | (cmp_arg))

/// All words that processes share.
static struct shared {
    volatile int a, b, c, done;
    struct {
        volatile unsigned next[1];
        volatile int word;
    } locks[3];
    volatile unsigned head[3];
} * s;

static long call(volatile int *word, int operation, int value, const void *timeout, volatile int *word2, int value3)
{
    int result = futex((int *)word, operation, value, timeout, (int *)word2, value3);
    return result < 0 ? -errno : result;
}

static pid_t waiter(volatile int *word, int operation, int bits)
{
    pid_t pid = fork();
    if (pid == 0) {
        long result = call(word, operation, 0, NULL, NULL, bits);
        __sync_fetch_and_add(&s->done, 1);
        _exit(result == 0 ? 0 : 1);
    }
    return pid;
}

static int wait_all(int count)
{
    int bad = 0;
    while (count--) {
        int status = -1;
        wait(&status);
        bad += status != 0;
    }
    return bad;
}

/// Until `n` processes sleep at `word`: waking nobody tells nothing, so give them time.
static void settle(void) { usleep(30000); }

static void simple(void)
{
    struct timespec little = {0, 20000000}, bad = {0, 1000000000};
    s->a = 5;
    check(call(&s->a, WAIT, 4, NULL, NULL, 0) == -EAGAIN, "another value: EAGAIN");
    check(call(&s->a, WAIT, 5, &little, NULL, 0) == -ETIMEDOUT, "its time is over: ETIMEDOUT");
    check(call(&s->a, WAIT | PRIVATE, 5, &little, NULL, 0) == -ETIMEDOUT, "the same in private");
    check(call(&s->a, WAIT, 5, &bad, NULL, 0) == -EINVAL, "a time that is none: EINVAL");
    check(call((int *)((char *)&s->a + 1), WAIT, 5, NULL, NULL, 0) == -EINVAL, "a crooked address: EINVAL");
    check(call((int *)0x1000, WAIT, 5, NULL, NULL, 0) == -EFAULT, "no memory there: EFAULT");
    check(call((int *)0xc0100000, WAKE, 5, NULL, NULL, 0) == -EFAULT || native(), "the kernel's memory: EFAULT");
    check(call(&s->a, WAKE, 1, NULL, NULL, 0) == 0, "nobody to wake");
    check(call(&s->a, 77, 1, NULL, NULL, 0) == -ENOSYS, "no such operation: ENOSYS");
    check(call(&s->a, WAIT_BITSET, 5, NULL, NULL, 0) == -EINVAL, "no bits: EINVAL");
}

static void wake(void)
{
    s->a = s->done = 0;
    for (int i = 0; i < 3; i++)
        waiter(&s->a, WAIT, 0);
    settle();
    check(call(&s->a, WAKE, 1, NULL, NULL, 0) == 1, "one of three is woken");
    settle();
    check(s->done == 1, "and only one went on: %d", s->done);
    check(call(&s->a, WAKE, 100, NULL, NULL, 0) == 2, "then the others");
    check(wait_all(3) == 0, "all of them ended well");
    waiter(&s->a, WAIT_BITSET, 1);
    waiter(&s->a, WAIT_BITSET, 2);
    settle();
    check(call(&s->a, WAKE_BITSET, 9, NULL, NULL, 4) == 0, "nobody waits for bit 4");
    check(call(&s->a, WAKE_BITSET, 9, NULL, NULL, 2) == 1, "one for bit 2");
    check(call(&s->a, WAKE, 9, NULL, NULL, 0) == 1, "the other one hears of everything");
    wait_all(2);
}

static void requeue(void)
{
    s->a = s->b = s->done = 0;
    for (int i = 0; i < 4; i++)
        waiter(&s->a, WAIT, 0);
    settle();
    check(call(&s->a, CMP_REQUEUE, 1, (void *)2, &s->b, 1) == -EAGAIN, "CMP_REQUEUE compares: EAGAIN");
    check(call(&s->a, CMP_REQUEUE, 1, (void *)2, &s->b, 0) == 3, "one woken, two moved");
    check(call(&s->b, WAKE, 9, NULL, NULL, 0) == 2, "the two wait at the other word");
    check(call(&s->a, REQUEUE, 0, (void *)9, &s->b, 0) == 1, "REQUEUE moves the last one");
    check(call(&s->a, WAKE, 9, NULL, NULL, 0) == 0 && call(&s->b, WAKE, 9, NULL, NULL, 0) == 1, "where it is woken");
    check(wait_all(4) == 0, "all of them ended well");
}

static void wake_op(void)
{
    s->a = s->b = 0;
    waiter(&s->a, WAIT, 0);
    waiter(&s->b, WAIT, 0);
    settle();
    s->b = 3;
    check(call(&s->a, WAKE_OP, 1, (void *)1, &s->b, OP(1, 5, 4, 9)) == 1 && s->b == 8, "b += 5, and b was not above 9: %d", s->b);
    check(call(&s->a, WAKE_OP, 1, (void *)1, &s->b, OP(0, 2, 0, 8)) == 1 && s->b == 2, "b = 2, and b was 8: %d", s->b);
    check(wait_all(2) == 0, "both ended well");
    s->b = 0xff;
    call(&s->a, WAKE_OP, 1, (void *)1, &s->b, OP(3, 0xf, 0, 0));
    check(s->b == 0xf0, "and not: %x", s->b);
    call(&s->a, WAKE_OP, 1, (void *)1, &s->b, OP(4, 0xff, 0, 0));
    check(s->b == 0x0f, "exclusive or: %x", s->b);
    call(&s->a, WAKE_OP, 1, (void *)1, &s->b, OP(8 | 2, 8, 0, 0));
    check(s->b == 0x10f, "or with a bit's number: %x", s->b);
}

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void stopped(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct timespec time = {0, 300000000};
        long begin = now();
        int result = call(&s->c, WAIT, 0, &time, NULL, 0);
        _exit(result != -ETIMEDOUT ? 1 : now() - begin < 295 ? 2 : 0);
    }
    int status;
    settle();
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    settle();
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    check(status == 0, "a wait goes on after a stop, until the same moment: %04x", status);
}

static void nothing(int signal) { (void)signal; }
static void interrupted(void)
{
    struct sigaction action;
    struct timespec time = {5, 0};
    memset(&action, 0, sizeof action);
    action.sa_handler = nothing;
    sigaction(SIGUSR1, &action, NULL);
    pid_t me = getpid(), pid = fork();
    if (pid == 0) {
        settle();
        kill(me, SIGUSR1);
        settle();
        kill(me, SIGUSR1);
        _exit(0);
    }
    check(call(&s->c, WAIT, 0, &time, NULL, 0) == -EINTR, "a handler ends a wait: EINTR");
    check(call(&s->c, WAIT, 0, NULL, NULL, 0) == -EINTR, "one without a time, too");
    waitpid(pid, NULL, 0);
}

/// A child takes locks 0 and 1, is about to take 2, and dies. `breakage` makes its list useless in some way.
static void robust(const char *name, int breakage, int first, int second, int third)
{
    for (int i = 0; i < 3; i++)
        s->locks[i].word = 0;
    pid_t pid = fork();
    if (pid == 0) {
        unsigned end = (unsigned)&s->head[0];
        int me = gettid();
        s->locks[0].next[0] = (unsigned)&s->locks[1].next[0] | 1; // bit 0 is no part of the address
        s->locks[1].next[0] = breakage == 1 ? (unsigned)&s->locks[0].next[0] : breakage == 2 ? 0x1004 : end;
        s->head[0] = (unsigned)&s->locks[0].next[0];
        s->head[1] = (char *)&s->locks[0].word - (char *)&s->locks[0].next[0];
        s->head[2] = breakage == 3 ? 0 : (unsigned)&s->locks[2].next[0];
        s->locks[0].word = me | 0x80000000;
        s->locks[1].word = breakage == 4 ? me + 1 : me;
        s->locks[2].word = me;
        check(raw(__NR_set_robust_list, end, 11, 0) == -EINVAL, "a list head of another size: EINVAL");
        raw(__NR_set_robust_list, breakage == 5 ? 0x1000 : end, 12, 0);
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    int got[3];
    for (int i = 0; i < 3; i++)
        got[i] = (s->locks[i].word & 0x40000000) != 0 && (s->locks[i].word & 0x3fffffff) == 0;
    check(status == 0 && got[0] == first && got[1] == second && got[2] == third, "robust list, %s: %d %d %d", name, got[0], got[1],
          got[2]);
}

int main(void)
{
    s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    simple();
    wake();
    requeue();
    wake_op();
    stopped();
    interrupted();
    robust("whole", 0, 1, 1, 1);
    robust("in a circle", 1, 1, 1, 1);
    robust("that leads nowhere", 2, 1, 1, 0);
    robust("without a pending lock", 3, 1, 1, 0);
    robust("with a lock of somebody else's", 4, 1, 0, 1);
    robust("whose head is nowhere", 5, 0, 0, 0);
    return finish();
}
