// SPDX-License-Identifier: MIT
// Many processes: one after the other, all at once, and as many as anybody can make. The host compares what the kernel has given
// out before and after each (tests/guest/load.cpp). It needs a machine of its own: on another kernel it does nothing.
// Rows: L04 a fork bomb stops at the limit, I02, S07.
//
//     probe-load SEQUENCE AT-ONCE

#include "probe.h"

#include "ledger.h"

#include <sys/calls.h>

static int sequence, at_once;

static void one_after_the_other(void)
{
    int good = 0;
    for (int i = 0; i < sequence; i++) {
        int status = -1;
        pid_t pid = fork();
        if (pid == 0)
            _exit(i & 0x7f);
        good += waitpid(pid, &status, 0) == pid && status == (i & 0x7f) << 8;
    }
    check(good == sequence, "%d forks one after the other", good);
}

/// All of them live until the pipe is closed.
static void all_at_once(void)
{
    int ends[2], made = 0, good = 0;
    pipe(ends);
    for (int i = 0; i < at_once; i++) {
        pid_t pid = fork();
        if (pid == 0) {
            char byte;
            close(ends[1]);
            read(ends[0], &byte, 1);
            _exit(5);
        }
        made += pid > 0;
    }
    close(ends[0]), close(ends[1]);
    for (int status; wait(&status) > 0;)
        good += status == 5 << 8;
    check(made == at_once && good == made, "%d processes at once, %d ended well", made, good);
}

static void bomb(void)
{
    for (;;)
        if (fork() < 0)
            raw(__NR_sched_yield, 0, 0, 0);
}

/// Everybody forks as fast as possible; meanwhile the machine must still be usable.
static void fork_bomb(int uid)
{
    int good = 0;
    pid_t pid = fork();
    if (pid == 0) {
        nice(5);
        if (uid) {
            unsigned long limit[2] = {100, 100};
            raw(__NR_setrlimit, 6, (long)limit, 0);
            setresuid(uid, uid, uid);
        }
        bomb();
    }
    raw(__NR_nanosleep, (long)(long[2]){0, 300000000}, 0, 0);
    for (int i = 0; i < 10; i++) { // as in a shell, beside it
        int status = -1;
        pid_t other = fork();
        if (other == 0)
            _exit(6);
        good += other > 0 && waitpid(other, &status, 0) == other && status == 6 << 8;
    }
    check(uid == 0 || good == 10, "beside the fork bomb of user %d: %d of 10 forks", uid, good);
    for (int i = 0; kill(-1, SIGKILL) == 0 && i < 1000; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        raw(__NR_nanosleep, (long)(long[2]){0, 1000000}, 0, 0);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    check(kill(-1, 0) == -1 && errno == ESRCH, "it is over");
}

static void bomb_of_a_user(void)
{
    fork_bomb(1000);
}
static void bomb_of_root(void)
{
    fork_bomb(0);
}

int main(int argc, char **argv)
{
    if (native() || argc < 3) {
        printf("another kernel, or no numbers: nothing is done\n");
        return 0;
    }
    sequence = at_once = 20;
    one_after_the_other(), all_at_once(); // for the caches
    ledger_mark();
    sequence = atoi(argv[1]), at_once = atoi(argv[2]);
    ledger_topic = "one after the other";
    one_after_the_other();
    ledger_mark();
    ledger_topic = "at once";
    all_at_once();
    ledger_mark();
    ledger_topic = "a user's bomb";
    bomb_of_a_user();
    ledger_mark();
    ledger_topic = "root's bomb";
    bomb_of_root();
    ledger_mark();
    return finish();
}
