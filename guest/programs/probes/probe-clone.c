// SPDX-License-Identifier: MIT
// clone with a stack, and threads.
// Rows: T07 the child's esp is the stack argument; F03 clone's own arguments; P18 PARENT_SETTID; P28 and P29
// CHILD_SETTID and CLEARTID; D19 and P43 getpid in a thread is the leader's; C01 to C03 flags that contradict each
// other; P26 and V04 CLONE_VM.

#include "probe.h"

#include <sched.h>
#include <sys/mman.h>

/// A bare clone: the child stores esp into *seen, eax too, and exits with code 0. The parent gets eax.
long clone_and_look(long flags, void *stack, int *ptid, void *tls, int *ctid, unsigned long *seen);
__asm__("    .text\n"
        "    .globl clone_and_look, clone_trap\n"
        "clone_and_look:\n"
        "    pushl %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    pushl %edi\n"
        "    movl 20(%esp), %ebx\n"
        "    movl 24(%esp), %ecx\n"
        "    movl 28(%esp), %edx\n"
        "    movl 32(%esp), %esi\n"
        "    movl 36(%esp), %edi\n"
        "    movl 40(%esp), %ebp\n"
        "    movl $120, %eax\n"
        "clone_trap:\n"
        "    int $0x80\n"
        "    testl %eax, %eax\n"
        "    jz 1f\n"
        "    popl %edi\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    ret\n"
        "1:  movl %esp, 0(%ebp)\n"
        "    movl %eax, 4(%ebp)\n"
        "    xorl %ebx, %ebx\n"
        "    movl $1, %eax\n"
        "    int $0x80\n");

static char *new_stack(void)
{
    char *stack = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return stack + 16384;
}

static void stack_argument(void)
{
    volatile unsigned long seen[2] = {0, 0xdead};
    char *stack = new_stack() - 64;
    long pid = clone_and_look(CLONE_VM | SIGCHLD, stack, NULL, NULL, NULL, (unsigned long *)seen);
    int status = -1;
    check(waitpid(pid, &status, 0) == pid && status == 0, "clone with a stack: status 0x%04x", status);
    check(seen[0] == (unsigned long)stack, "the child's esp is the stack argument");
    check(seen[1] == 0, "the child's eax is %ld", seen[1]);
}

static void tid_arguments(void)
{
    volatile unsigned long seen[2];
    volatile int ptid = 0, ctid = 0;
    long pid = clone_and_look(CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | SIGCHLD, new_stack(),
                              (int *)&ptid, NULL, (int *)&ctid, (unsigned long *)seen);
    check(ptid == pid, "CLONE_PARENT_SETTID: *ptid is %d when clone returns %ld", ptid, pid);
    waitpid(pid, NULL, 0);
    check(ctid == pid, "CLONE_CHILD_SETTID: the child wrote %d", ctid);
}

static volatile pid_t thread_pid, thread_tid, thread_parent;
static volatile int thread_clear = -1;

static int thread(void *argument)
{
    thread_pid = raw(__NR_getpid, 0, 0, 0);
    thread_tid = raw(__NR_gettid, 0, 0, 0);
    thread_parent = raw(__NR_getppid, 0, 0, 0);
    *(volatile int *)argument = 77;
    return 0;
}

/// The kernel clears thread_clear when the thread is gone.
static int wait_until_cleared(void)
{
    for (int turns = 0; thread_clear && turns < 100000; turns++)
        sched_yield();
    return thread_clear == 0;
}

static void thread_ids(void)
{
    volatile int touched = 0;
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID;
    pid_t tid = clone(thread, new_stack(), flags, (void *)&touched, NULL, NULL, (int *)&thread_clear);
    check(tid > 0, "clone(CLONE_THREAD...): %s", tid > 0 ? "a new tid" : strerror(errno));
    check(wait_until_cleared(), "CLONE_CHILD_CLEARTID: the word is 0 after the thread's end");
    check(touched == 77, "memory is shared, the argument arrived");
    check(thread_pid == getpid(), "getpid() in the thread %d, in the leader %d", thread_pid, getpid());
    check(thread_tid == tid && tid != getpid(), "gettid() in the thread %d, clone() returned %d", thread_tid, tid);
    check(gettid() == getpid(), "gettid() in the leader %d", gettid());
    check(thread_parent == getppid(), "getppid() in the thread is the leader's");
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "a thread is not waited for: errno %d", errno);
}

static void contradiction(const char *name, long flags)
{
    long result = raw(__NR_clone, flags, 0, 0);
    if (result == 0)
        _exit(0);
    check(result == -EINVAL, "clone(%s): %ld", name, result);
}

int main(void)
{
    stack_argument();
    tid_arguments();
    thread_ids();
    contradiction("CLONE_NEWNS | CLONE_FS", CLONE_NEWNS | CLONE_FS | SIGCHLD);
    contradiction("CLONE_THREAD without CLONE_SIGHAND", CLONE_THREAD | CLONE_VM | SIGCHLD);
    contradiction("CLONE_SIGHAND without CLONE_VM", CLONE_SIGHAND | SIGCHLD);
    return finish();
}
