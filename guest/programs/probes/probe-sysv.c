// SPDX-License-Identifier: MIT
// System V shared memory and message queues. Truth: shmget(2), shmat(2), shmctl(2), msgget(2), msgop(2), msgctl(2), and the
// same program on a host's Linux. Semaphores have a probe of their own. Row A02's idea: ipc(2) multiplexes. Symbols: none.

#include "probe.h"

#include <sched.h>

#define UNMAPPED ((void *)0x10000)
#define KERNEL ((void *)0xC0100000)
#define PAGE 4096
enum { MSGSND = 11, MSGRCV, MSGGET, MSGCTL, SHMAT = 21, SHMDT, SHMGET, SHMCTL };
enum { RMID = 0, SET = 1, STAT = 2, WIDE = 0x100, CREATE = 01000, EXCLUSIVE = 02000, NOWAIT = 04000 };
enum { READ_ONLY = 010000, ROUND = 020000, NO_ERROR = 010000, EXCEPT = 020000 };

static long ipc(long call, long a, long b, long c, const void *pointer, long fifth)
{
    long result = syscall(__NR_ipc, call, a, b, c, (long)pointer, fifth);
    return result == -1 ? -errno : result;
}
static char *attach(int id, const void *at, int flags)
{
    unsigned long address = 0;
    long error = ipc(SHMAT, id, flags, (long)&address, at, 0);
    return error ? (char *)error : (char *)address;
}
static long detach(const void *at) { return ipc(SHMDT, 0, 0, 0, at, 0); }
static unsigned attached(int id)
{
    unsigned status[32] = {0};
    return ipc(SHMCTL, id, STAT | WIDE, 0, status, 0) ? ~0u : status[18];
}
static int end_of(long pid)
{
    int status = -1;
    waitpid(pid, &status, 0);
    return status;
}

static void segments(void)
{
    int id = ipc(SHMGET, 0, 3 * PAGE - 1, CREATE | 0600, NULL, 0);
    char *one = attach(id, NULL, 0), *two = attach(id, NULL, READ_ONLY);
    check(id >= 0 && (unsigned long)one < -4096UL && (unsigned long)two < -4096UL && one != two && attached(id) == 2, "a segment, attached twice");
    one[2 * PAGE] = 'x';
    check(two[2 * PAGE] == 'x' && two[0] == 0, "what is written at one place is read at the other");
    long pid = fork();
    if (pid == 0) {
        one[5] = 'c';
        _exit(attached(id) == 4 ? 0 : 1);
    }
    check(end_of(pid) == 0 && two[5] == 'c' && attached(id) == 2, "a child inherits both, and its exit detaches them");
    check(detach(two) == 0 && attached(id) == 1 && detach(two) == -EINVAL, "shmdt, once");
    check(attach(id, one + PAGE, 0) == (char *)-EINVAL && attach(id, one + 1, 0) == (char *)-EINVAL, "not where something is, nor off a page");
    check(ipc(SHMCTL, id, RMID, 0, NULL, 0) == 0 && one[5] == 'c' && attached(id) == 1, "removed, it stays until it is detached");
    check(detach(one) == 0 && ipc(SHMCTL, id, STAT | WIDE, 0, &id, 0) == -EINVAL, "then it is gone");
}

static void segments_refused(void)
{
    int id = ipc(SHMGET, 0x5eed, PAGE, CREATE | EXCLUSIVE | 0600, NULL, 0);
    check(id >= 0 && ipc(SHMGET, 0x5eed, PAGE, 0, NULL, 0) == id, "a key finds its segment again");
    check(ipc(SHMGET, 0x5eed, PAGE, CREATE | EXCLUSIVE, NULL, 0) == -EEXIST && ipc(SHMGET, 0x5eed, 2 * PAGE, 0, NULL, 0) == -EINVAL &&
              ipc(SHMGET, 0x5eee, PAGE, 0, NULL, 0) == -ENOENT && ipc(SHMGET, 0, 0, CREATE, NULL, 0) == -EINVAL, "EEXIST, EINVAL, ENOENT, EINVAL");
    check(ipc(SHMAT, id, 0, (long)UNMAPPED, NULL, 0) == -EFAULT && ipc(SHMAT, -1, 0, (long)&id, NULL, 0) == -EINVAL, "a bad place for the address; a bad id");
    check(ipc(SHMCTL, id, STAT | WIDE, 0, UNMAPPED, 0) == -EFAULT && ipc(SHMCTL, id, STAT | WIDE, 0, KERNEL, 0) == -EFAULT &&
              ipc(SHMCTL, id, 99, 0, &id, 0) == -EINVAL, "a bad buffer; a bad command");
    if (getuid() == 0 && fork() == 0) {
        setuid(1000);
        _exit(attach(id, NULL, 0) == (char *)-EACCES && ipc(SHMCTL, id, RMID, 0, NULL, 0) == -EPERM ? 0 : 1);
    }
    int status = 0;
    check(getuid() != 0 || (wait(&status) > 0 && status == 0), "another user: EACCES, EPERM");
    ipc(SHMCTL, id, RMID, 0, NULL, 0);
}

struct message {
    long type;
    char text[16];
};
static long send(int id, long type, const char *text, int flags)
{
    struct message m = {type, ""};
    strcpy(m.text, text);
    return ipc(MSGSND, id, strlen(text) + 1, flags, &m, 0);
}
static struct message got;
/// The fifth argument of msgrcv travels in the version-1 form.
static long receive(int id, int size, long type, int flags) { return ipc(0x10000 | MSGRCV, id, size, flags, &got, type); }

static void messages(void)
{
    int id = ipc(MSGGET, 0, CREATE | 0600, 0, NULL, 0);
    check(send(id, 3, "three", 0) == 0 && send(id, 1, "one", 0) == 0 && send(id, 2, "two", 0) == 0, "three messages");
    check(receive(id, 16, -2, 0) == 4 && got.type == 1 && !strcmp(got.text, "one"), "type -2: the lowest first");
    check(receive(id, 16, 2, 0) == 4 && got.type == 2, "type 2: that one");
    check(receive(id, 2, 0, 0) == -E2BIG && receive(id, 2, 0, NO_ERROR) == 2 && got.type == 3 && !memcmp(got.text, "th", 2), "too small: E2BIG, or cut off");
    check(receive(id, 16, 0, NOWAIT) == -ENOMSG, "empty: ENOMSG");
    struct {
        void *message;
        long type;
    } kludge = {&got, 9};
    send(id, 9, "old", 0);
    check(ipc(MSGRCV, id, 16, 0, &kludge, 0) == 4 && got.type == 9, "the old form takes a pointer to two of its arguments");
    send(id, 1, "a", 0);
    send(id, 2, "b", 0);
    check(receive(id, 16, 1, EXCEPT) == 2 && got.type == 2 && receive(id, 16, 0, 0) == 2, "MSG_EXCEPT: any but that");
    long pid = fork();
    if (pid == 0)
        _exit(receive(id, 16, 5, 0) == 6 && !strcmp(got.text, "hello") ? 0 : 1);
    sched_yield();
    check(send(id, 4, "not it", 0) == 0 && send(id, 5, "hello", 0) == 0 && end_of(pid) == 0, "a receiver sleeps until its type comes");
    pid = fork();
    if (pid == 0)
        _exit(receive(id, 16, 77, 0) == -EIDRM ? 0 : 1);
    for (int i = 0; i < 5; i++)
        sched_yield();
    check(ipc(MSGCTL, id, RMID, 0, NULL, 0) == 0 && (end_of(pid) == 0 || native()), "removal wakes it with EIDRM");
}

static void a_full_queue(void)
{
    static struct {
        long type;
        char text[8192];
    } big = {1, ""};
    int id = ipc(MSGGET, 0, CREATE | 0600, 0, NULL, 0);
    unsigned status[32];
    check(ipc(MSGSND, id, 8192, 0, &big, 0) == 0 && ipc(MSGSND, id, 8192, 0, &big, 0) == 0, "16384 bytes");
    check(ipc(MSGSND, id, 1, NOWAIT, &big, 0) == -EAGAIN, "no more: EAGAIN");
    check(ipc(MSGCTL, id, STAT | WIDE, 0, status, 0) == 0 && status[15] == 16384 && status[16] == 2 && status[17] == 16384, "IPC_STAT counts them");
    long pid = fork();
    if (pid == 0)
        _exit(ipc(MSGSND, id, 8192, 0, &big, 0) == 0 ? 0 : 1);
    sched_yield();
    check(ipc(0x10000 | MSGRCV, id, 8192, 0, &big, 0) == 8192 && end_of(pid) == 0, "a sender sleeps until there is room");
    check(ipc(MSGSND, id, 8193, 0, &big, 0) == -EINVAL && ipc(MSGSND, id, -1, 0, &big, 0) == -EINVAL, "too long: EINVAL");
    big.type = 0;
    check(ipc(MSGSND, id, 1, 0, &big, 0) == -EINVAL && ipc(MSGSND, id, 1, 0, UNMAPPED, 0) == -EFAULT &&
              ipc(MSGSND, -1, 1, 0, &big, 0) == -EINVAL, "type 0, bad pointer, bad id");
    check(ipc(MSGRCV, id, 1, 0, NULL, 0) == -EINVAL && ipc(MSGRCV, id, 1, 0, UNMAPPED, 0) == -EFAULT, "the old form without its pointer: EINVAL; a bad one: EFAULT");
    check(ipc(MSGCTL, id, 99, 0, status, 0) == -EINVAL && ipc(MSGCTL, id, RMID, 0, NULL, 0) == 0 && ipc(MSGCTL, id, STAT, 0, status, 0) == -EINVAL, "msgctl");
    check(ipc(99, 0, 0, 0, NULL, 0) == -ENOSYS, "an unknown call of ipc: ENOSYS");
}

int main(void)
{
    segments();
    segments_refused();
    messages();
    a_full_queue();
    return finish();
}
