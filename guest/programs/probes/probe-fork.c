// SPDX-License-Identifier: MIT
// fork, vfork and clone, seen from both sides.
// Rows: K06 to K08 the two returns; F02 fork, vfork and clone all go through do_fork; F12 the PID; F13 runnable,
// not running; T01 and T02 the child's registers; P17 and I02 PIDs ascend; V02 and V04 vfork; G03 and P26 private
// memory.
//
// For a debugger: fork_trap is the `int $0x80` of a bare fork whose registers are filled with patterns.

#include "probe.h"

#include <sched.h>

/// A bare fork with patterns in ebx, ecx, edx, esi, edi, ebp: what eax and these hold after it, in both processes.
void patterned_fork(unsigned long after[8]);
__asm__("    .text\n"
        "    .globl patterned_fork, fork_trap\n"
        "patterned_fork:\n"
        "    pushal\n"
        "    movl $0x11111111, %ebx\n"
        "    movl $0x22222222, %ecx\n"
        "    movl $0x33333333, %edx\n"
        "    movl $0x44444444, %esi\n"
        "    movl $0x55555555, %edi\n"
        "    movl $0x66666666, %ebp\n"
        "    movl $2, %eax\n"
        "fork_trap:\n"
        "    int $0x80\n"
        "    pushl %ebp\n"
        "    movl 40(%esp), %ebp\n" // after: above ebp, pushal's 32 bytes and the return address
        "    movl %ebx, 0(%ebp)\n"
        "    movl %ecx, 4(%ebp)\n"
        "    movl %edx, 8(%ebp)\n"
        "    movl %esi, 12(%ebp)\n"
        "    movl %edi, 16(%ebp)\n"
        "    popl 20(%ebp)\n"
        "    movl %eax, 24(%ebp)\n"
        "    movl %esp, 28(%ebp)\n"
        "    popal\n"
        "    ret\n");

/// What the child tells the parent through a pipe.
struct tale {
    unsigned long registers[8];
    pid_t pid, parent;
};

static void two_returns(void)
{
    int ends[2];
    pipe(ends);
    pid_t self = getpid();
    unsigned long mine[8];
    patterned_fork(mine);
    if (mine[6] == 0) {
        struct tale tale = {.pid = getpid(), .parent = getppid()};
        memcpy(tale.registers, mine, sizeof mine);
        write(ends[1], &tale, sizeof tale);
        _exit(42);
    }

    struct tale tale = {0};
    read(ends[0], &tale, sizeof tale);
    close(ends[0]);
    close(ends[1]);
    int status = -1;
    pid_t ended = waitpid(mine[6], &status, 0);
    check(tale.registers[6] == 0, "child: eax %ld", tale.registers[6]);
    check((pid_t)mine[6] == tale.pid, "parent: eax %ld, the child's getpid() %d", mine[6], tale.pid);
    check(tale.parent == self, "child: getppid() %d, the parent's getpid() %d", tale.parent, self);
    check(tale.pid > self, "the new pid is greater");
    int same = memcmp(mine, tale.registers, 6 * sizeof mine[0]) == 0 && mine[7] == tale.registers[7];
    check(same, "ebx ecx edx esi edi ebp esp are equal in both");
    check(mine[0] == 0x11111111 && mine[5] == 0x66666666, "and as they were before");
    check(ended == tale.pid && status == 42 << 8, "waitpid() %d, status 0x%04x", ended, status);
}

static volatile int variable;

static void private_memory(void)
{
    variable = 1;
    int ends[2];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        char byte;
        read(ends[0], &byte, 1); // the parent has written to the variable by now
        int seen = variable;
        variable = 3;
        _exit(seen);
    }
    variable = 2;
    write(ends[1], "x", 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(WEXITSTATUS(status) == 1, "fork: the child still sees %d after the parent stored 2", WEXITSTATUS(status));
    check(variable == 2, "fork: the parent still sees %d after the child stored 3", variable);
}

static void shared_memory(void)
{
    variable = 1;
    int before_exit = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        variable = 2;
        _exit(7);
    }
    before_exit = variable;
    int status = -1;
    check(pid > 0 && before_exit == 2, "vfork: the parent comes back after the child's exit and sees its %d",
          before_exit);
    check(waitpid(pid, &status, 0) == pid && status == 7 << 8, "vfork: status 0x%04x", status);
}

static void by_clone(void)
{
    pid_t pid = raw(__NR_clone, SIGCHLD, 0, 0); // flags and stack of a fork
    if (pid == 0)
        _exit(5);
    int status = -1;
    check(waitpid(pid, &status, 0) == pid && status == 5 << 8, "clone(SIGCHLD, 0): like fork, status 0x%04x",
          status);
}

static void ascending(void)
{
    pid_t last = 0;
    int good = 1;
    for (int i = 0; i < 5; i++) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
        good &= pid > last;
        last = pid;
    }
    check(good, "five forks, each with a greater pid, none used again at once");
}

int main(void)
{
    two_returns();
    private_memory();
    shared_memory();
    by_clone();
    ascending();
    return finish();
}
