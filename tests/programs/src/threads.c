// SPDX-License-Identifier: MIT
// POSIX threads of glibc, used by a program that knows nothing of the kernel below: futexes, set_thread_area, clear_child_tid,
// tgkill, robust lists. What it prints does not depend on who runs first, so it is the same everywhere.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 50

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int counter, turn;

static void *count(void *arg)
{
    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&lock);
        int seen = counter;
        if (i % 50 == 0)
            sched_yield(); // with the lock held: the others must sleep
        counter = seen + 1;
        pthread_mutex_unlock(&lock);
    }
    return arg;
}

static void mutex(void)
{
    pthread_t threads[THREADS];
    intptr_t sum = 0;
    for (intptr_t i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, count, (void *)i))
            abort();
    for (int i = 0; i < THREADS; i++) {
        void *result;
        pthread_join(threads[i], &result);
        sum += (intptr_t)result;
    }
    printf("mutex: %d, results %d\n", counter, (int)sum);
}

static void *take_turns(void *arg)
{
    int me = (intptr_t)arg;
    pthread_mutex_lock(&lock);
    for (int round = 0; round < 3; round++) {
        while (turn % 4 != me)
            pthread_cond_wait(&changed, &lock);
        printf("turn %d: thread %d\n", turn, me);
        turn++;
        pthread_cond_broadcast(&changed);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static void condition(void)
{
    pthread_t threads[4];
    for (intptr_t i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, take_turns, (void *)i);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_nsec += 20000000;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    pthread_mutex_lock(&lock);
    printf("a condition nobody signals: %s\n", strerror(pthread_cond_timedwait(&changed, &lock, &when)));
    pthread_mutex_unlock(&lock);
}

static pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static int table[2];
static void *reader(void *arg)
{
    intptr_t torn = 0;
    for (int i = 0; i < 100; i++) {
        pthread_rwlock_rdlock(&table_lock);
        torn += table[0] != table[1];
        pthread_rwlock_unlock(&table_lock);
        sched_yield();
    }
    return (void *)torn + (arg != NULL);
}
static void *writer(void *arg)
{
    for (int i = 0; i < 100; i++) {
        pthread_rwlock_wrlock(&table_lock);
        table[0]++;
        sched_yield();
        table[1]++;
        pthread_rwlock_unlock(&table_lock);
    }
    return arg;
}

static void rwlock(void)
{
    pthread_t threads[6];
    intptr_t torn = 0;
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, i < 4 ? reader : writer, NULL);
    for (int i = 0; i < 6; i++) {
        void *result;
        pthread_join(threads[i], &result);
        torn += (intptr_t)result;
    }
    printf("rwlock: %d %d, torn %d\n", table[0], table[1], (int)torn);
}

static pthread_barrier_t barrier;
static int arrived, early, serial;
static void *meet(void *arg)
{
    for (int round = 1; round <= 5; round++) {
        __sync_fetch_and_add(&arrived, 1);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __sync_fetch_and_add(&serial, 1);
        if (arrived < round * 8)
            __sync_fetch_and_add(&early, 1);
        pthread_barrier_wait(&barrier);
    }
    return arg;
}

static void barriers(void)
{
    pthread_t threads[8];
    pthread_barrier_init(&barrier, NULL, 8);
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, meet, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    printf("barrier: %d arrived, %d early, %d serial\n", arrived, early, serial);
}

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int destroyed, made;
static __thread int own = 7;
static void destroy(void *value) { __sync_fetch_and_add(&destroyed, *(int *)value), free(value); }
static void make_key(void) { made++, pthread_key_create(&key, destroy); }
static void *specific(void *arg)
{
    pthread_once(&once, make_key);
    int *value = malloc(sizeof *value);
    *value = (intptr_t)arg;
    pthread_setspecific(key, value);
    own += (intptr_t)arg;
    sched_yield();
    return (void *)(intptr_t)(pthread_getspecific(key) == value && own == 7 + (intptr_t)arg);
}

static void specific_data(void)
{
    pthread_t threads[10];
    int right = 0;
    for (intptr_t i = 0; i < 10; i++)
        pthread_create(&threads[i], NULL, specific, (void *)i);
    for (int i = 0; i < 10; i++) {
        void *result;
        pthread_join(threads[i], &result);
        right += (intptr_t)result;
    }
    printf("thread-specific data: %d right, %d key, destroyed %d, own %d\n", right, made, destroyed, own);
}

static int undone;
static void undo(void *arg) { undone += arg != NULL, pthread_mutex_unlock(&lock); }
static sem_t ready;
static void *wait_for_ever(void *arg)
{
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(undo, arg);
    sem_post(&ready);
    for (;;)
        pthread_cond_wait(&changed, &lock);
    pthread_cleanup_pop(0);
    return NULL;
}
static void *read_for_ever(void *arg)
{
    char byte;
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(undo, "read");
    sem_post(&ready);
    read(*(int *)arg, &byte, 1);
    pthread_cleanup_pop(0);
    return NULL;
}
static void *run_for_ever(void *arg)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&ready);
    for (volatile int i = 0;; i++)
        ;
    return arg;
}

static void cancel_one(const char *what, void *(*function)(void *), void *arg)
{
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, function, arg);
    while (sem_wait(&ready))
        ;
    usleep(5000);
    printf("cancel %s: %d", what, pthread_cancel(thread));
    pthread_join(thread, &result);
    printf(" %s, undone %d\n", result == PTHREAD_CANCELED ? "cancelled" : "?", undone);
}

static void cancel(void)
{
    int ends[2];
    sem_init(&ready, 0, 0);
    if (pipe(ends))
        abort();
    cancel_one("a wait", wait_for_ever, "condition");
    cancel_one("a read", read_for_ever, &ends[0]);
    cancel_one("a loop", run_for_ever, NULL);
}

static volatile sig_atomic_t hit;
static pthread_t hit_thread;
static void handler(int signal) { hit = signal, hit_thread = pthread_self(); }
static void *be_hit(void *arg)
{
    sem_post(&ready);
    while (!hit)
        usleep(1000);
    return arg;
}

static void kill_thread(void)
{
    pthread_t thread;
    struct sigaction action = {.sa_handler = handler};
    sigset_t set;
    int signal;
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&thread, NULL, be_hit, NULL);
    while (sem_wait(&ready))
        ;
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, NULL);
    printf("pthread_kill: signal %d, in the right thread: %d\n", (int)hit, pthread_equal(hit_thread, thread));
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR2);
    sigwait(&set, &signal);
    printf("sigwait: %d\n", signal);
}

static pthread_mutex_t robust;
static void *die_with_lock(void *arg) { return pthread_mutex_lock(&robust), arg; }

static void make_robust(pthread_mutex_t *mutex, int shared)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, shared);
    printf("robust mutex: %d\n", pthread_mutex_init(mutex, &attributes));
}

static void robustness(void)
{
    pthread_t thread;
    make_robust(&robust, PTHREAD_PROCESS_PRIVATE);
    pthread_create(&thread, NULL, die_with_lock, NULL);
    pthread_join(thread, NULL);
    int result = pthread_mutex_lock(&robust);
    printf("lock of a dead thread: %s\n", strerrorname_np(result));
    printf("consistent: %d", pthread_mutex_consistent(&robust));
    printf(", unlock: %d", pthread_mutex_unlock(&robust));
    printf(", lock: %d\n", pthread_mutex_lock(&robust));
    pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    make_robust(shared, PTHREAD_PROCESS_SHARED);
    int ends[2];
    char byte;
    if (pipe(ends))
        abort();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_mutex_lock(shared);
        if (write(ends[1], "x", 1) == 1)
            usleep(30000); // the parent waits for the lock by now
        kill(getpid(), SIGKILL);
    }
    if (read(ends[0], &byte, 1) != 1)
        abort();
    result = pthread_mutex_lock(shared);
    printf("lock of a killed process: %s\n", strerrorname_np(result));
    pthread_mutex_unlock(shared); // not made consistent
    printf("after that: %s\n", strerrorname_np(pthread_mutex_lock(shared)));
    waitpid(pid, NULL, 0);
}

static volatile int *shared_counters;
static void *spin(void *arg)
{
    for (;;)
        shared_counters[(intptr_t)arg]++;
    return NULL;
}

static int moving(void)
{
    int before[3], count = 0;
    for (int i = 0; i < 3; i++)
        before[i] = shared_counters[i];
    usleep(200000);
    for (int i = 0; i < 3; i++)
        count += before[i] != shared_counters[i];
    return count;
}

/// SIGSTOP, SIGCONT and SIGKILL are for the whole process, whichever thread they are sent to.
static void stop_all(void)
{
    int status;
    shared_counters = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        for (intptr_t i = 0; i < 3; i++)
            pthread_create(&thread, NULL, spin, (void *)i);
        for (;;)
            pause();
    }
    while (!shared_counters[0] || !shared_counters[1] || !shared_counters[2])
        usleep(1000);
    printf("threads that move: %d", moving());
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    printf(", stopped by %d: %d", WSTOPSIG(status), moving());
    kill(pid, SIGCONT);
    waitpid(pid, &status, WCONTINUED);
    printf(", continued %d: %d", WIFCONTINUED(status), moving());
    tgkill(pid, pid, SIGKILL);
    waitpid(pid, &status, 0);
    printf(", killed by %d: %d\n", WTERMSIG(status), moving());
}

static pthread_t chosen;
static void note(int signal) { chosen = pthread_self(), hit = signal; }
static void *unblock(void *arg)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    sem_post(&ready);
    while (hit != SIGTERM)
        usleep(1000);
    return arg;
}

/// A signal for the process goes to a thread that does not block it.
static void choose(void)
{
    pthread_t thread, idlers[3];
    sigset_t set;
    struct sigaction action = {.sa_handler = note};
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigaction(SIGTERM, &action, NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&idlers[i], NULL, wait_for_ever, "idler");
    pthread_create(&thread, NULL, unblock, NULL);
    for (int i = 0; i < 4; i++)
        while (sem_wait(&ready))
            ;
    kill(getpid(), SIGTERM);
    pthread_join(thread, NULL);
    printf("the thread that does not block it: %d\n", pthread_equal(chosen, thread));
    for (int i = 0; i < 3; i++) {
        pthread_cancel(idlers[i]);
        pthread_join(idlers[i], NULL);
    }
    union sigval value = {.sival_int = 1234};
    siginfo_t info;
    int result = pthread_sigqueue(pthread_self(), SIGTERM, value);
    sigwaitinfo(&set, &info);
    printf("pthread_sigqueue: %d, code %d, value %d\n", result, info.si_code, info.si_value.sival_int);
}

static void *nothing(void *arg) { return arg; }
static void *fork_there(void *arg)
{
    pthread_t me = pthread_self();
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0)
        _exit(pthread_equal(me, pthread_self()) && !arg ? 6 : 7);
    int status;
    waitpid(pid, &status, 0);
    return (void *)(intptr_t)WEXITSTATUS(status);
}

static void come_and_go(void)
{
    int good = 0;
    void *result;
    pthread_t thread;
    for (intptr_t i = 0; i < 1000; i++) {
        pthread_create(&thread, NULL, nothing, (void *)i);
        pthread_join(thread, &result);
        good += result == (void *)i;
    }
    pthread_t forker;
    pthread_create(&forker, NULL, fork_there, NULL);
    pthread_join(forker, &result);
    printf("%d threads came and went; a fork in a thread: %d\n", good, (int)(intptr_t)result);
}

static void *leave(void *arg) { exit((intptr_t)arg); }
static void *idle(void *arg) { return pause(), arg; }
static char program[4096]; // while the first thread is a zombie /proc/self/exe leads nowhere
static void *replace(void *arg)
{
    char *const words[] = {program, arg, NULL};
    usleep(5000);
    execv(words[0], words);
    _exit(99);
}
static void *crash(void *arg) { return *(volatile int *)0 = 1, arg; }

/// A child with a few threads, of which one does `function`.
static void end_of(const char *what, void *(*function)(void *), void *arg)
{
    int status;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        for (int i = 0; i < 3; i++)
            pthread_create(&thread, NULL, idle, NULL);
        pthread_create(&thread, NULL, function, arg);
        pthread_exit(NULL); // even the first thread may end before the others
    }
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status))
        printf("%s: signal %d\n", what, WTERMSIG(status));
    else
        printf("%s: status %d\n", what, WEXITSTATUS(status));
}

/// Of priority-inheriting locks the C library asks the kernel once.
static int inherit(void)
{
    pthread_mutex_t mutex;
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
    int result = pthread_mutex_init(&mutex, &attributes);
    printf("a mutex with priority inheritance: %s\n", strerrorname_np(result));
    return result ? 3 : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "inherit"))
        return inherit();
    if (argc > 1) {
        printf("a new program: %s, the only thread: %d\n", argv[1], gettid() == getpid());
        return 5;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (readlink("/proc/self/exe", program, sizeof program - 1) < 0)
        return 1;
    mutex();
    condition();
    rwlock();
    barriers();
    specific_data();
    cancel();
    kill_thread();
    robustness();
    stop_all();
    choose();
    come_and_go();
    end_of("exit() in a thread", leave, (void *)3);
    end_of("execve() in a thread", replace, "again");
    end_of("a fault in a thread", crash, NULL);
    return 0;
}
