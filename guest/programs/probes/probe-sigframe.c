// SPDX-License-Identifier: MIT
// The frames that the kernel pushes for a handler, and the way back. Assembly puts known values into all registers and
// faults; a handler in assembly looks at nothing and changes a few words of the frame. tests/guest/signal_frames.cpp
// stops at fault_old, old_handler, fault_rt and rt_handler and reads the words.
// Rows: D12 (calls that start again), H13's way back; linux-facts "Signal frames".

#include "probe.h"

#include <sys/mman.h>

/// Loads the registers from `values` (ebx ecx edx esi edi ebp eax) and faults; `after` takes what they are afterwards.
struct registers {
    unsigned long ebx, ecx, edx, esi, edi, ebp, eax, eflags;
};
extern void run_old(const struct registers *values, struct registers *after);
extern void run_rt(const struct registers *values, struct registers *after);
extern void old_handler(int), rt_handler(int, siginfo_t *, void *);
extern const char fault_old[], fault_rt[];

// Both make the flags, eax and eip of the interrupted program other ones: sigreturn takes what a program may set itself.
// 0x200cd5 is OF, DF, SF, ZF, AF, PF, CF and, refused, ID; so is IOPL (0x3000). The RPL of cs and ss is forced to 3.
#define HANDLER(name, context) \
    ".globl " #name "\n.type " #name ",@function\n" #name ":\n\t" \
    context \
    "orl $0x200cd5, 64(%eax)\n\torl $0x3000, 64(%eax)\n\tmovl $0x600df00d, 44(%eax)\n\taddl $2, 56(%eax)\n\t" \
    "andl $~3, 60(%eax)\n\tandl $~3, 72(%eax)\n\tret\n"
#define RUN(name, label, instruction) \
    ".globl " #name "\n.type " #name ",@function\n" #name ":\n\t" \
    "pushl %ebx\n\tpushl %esi\n\tpushl %edi\n\tpushl %ebp\n\tmovl 20(%esp), %eax\n\t" \
    "movl 0(%eax), %ebx\n\tmovl 4(%eax), %ecx\n\tmovl 8(%eax), %edx\n\tmovl 12(%eax), %esi\n\tmovl 16(%eax), %edi\n\t" \
    "movl 20(%eax), %ebp\n\tmovl 24(%eax), %eax\n" \
    ".globl " #label "\n" #label ":\n\t" instruction "\n\t" \
    "pushfl\n\tpushl %eax\n\tmovl 32(%esp), %eax\n\tmovl %ebx, 0(%eax)\n\tmovl %ecx, 4(%eax)\n\tmovl %edx, 8(%eax)\n\t" \
    "movl %esi, 12(%eax)\n\tmovl %edi, 16(%eax)\n\tmovl %ebp, 20(%eax)\n\tpopl 24(%eax)\n\tpopl 28(%eax)\n\tcld\n\t" \
    "popl %ebp\n\tpopl %edi\n\tpopl %esi\n\tpopl %ebx\n\tret\n"
__asm__(HANDLER(old_handler, "leal 8(%esp), %eax\n\t") HANDLER(rt_handler, "movl 12(%esp), %eax\n\tleal 20(%eax), %eax\n\t")
            RUN(run_old, fault_old, "ud2") RUN(run_rt, fault_rt, "movl %eax, (%esi)"));

static const struct registers wanted = {0xb0b0b0b0, 0xc1c1c1c1, 0xd2d2d2d2, 0x00003510, 0xd1d1d1d1, 0xbebebebe, 0xa5a5a5a5, 0};

static void compare(const char *what, const struct registers *after)
{
    check(after->ebx == wanted.ebx && after->ecx == wanted.ecx && after->edx == wanted.edx && after->esi == wanted.esi &&
              after->edi == wanted.edi && after->ebp == wanted.ebp,
          "%s: the registers are back", what);
    check(after->eax == 0x600df00d, "%s: eax is what the handler wrote into the frame: %lx", what, after->eax);
    check((after->eflags & 0xcd5) == 0xcd5, "%s: OF DF SF ZF AF PF CF are what it wrote: %lx", what, after->eflags);
    check((after->eflags & 0x203000) == 0, "%s: ID and IOPL are not taken: %lx", what, after->eflags);
}

static void frames(void)
{
    struct registers after;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = old_handler;
    sigaddset(&action.sa_mask, SIGUSR2);
    sigaddset(&action.sa_mask, 40);
    sigaction(SIGILL, &action, NULL);
    action.sa_sigaction = rt_handler;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, NULL);
    __asm__ volatile("fninit\n\tfld1"); // now there is FPU state to save
    sigset_t some, before, now;
    sigemptyset(&some);
    sigaddset(&some, SIGHUP);
    sigaddset(&some, 33);
    sigprocmask(SIG_SETMASK, &some, &before);
    run_old(&wanted, &after);
    compare("sigreturn", &after);
    run_rt(&wanted, &after);
    compare("rt_sigreturn", &after);
    sigprocmask(SIG_SETMASK, &before, &now);
    check(now.bits[0] == some.bits[0] && now.bits[1] == some.bits[1], "the mask is back: %lx %lx", now.bits[0], now.bits[1]);
    unsigned short control;
    __asm__ volatile("fnstcw %0\n\tfstp %%st(0)" : "=m"(control));
    check(control == 0x37f, "the FPU's control word is back: %x", control);
}

/// sigreturn with ESP where nothing is, with a stack that ends in the middle of a frame.
static void frame_nowhere(void)
{
    __asm__ volatile("movl $0x20000000, %%esp\n\tmovl $119, %%eax\n\tint $0x80" : : : "memory");
}
static void rt_frame_nowhere(void)
{
    __asm__ volatile("movl $0x20000000, %%esp\n\tmovl $173, %%eax\n\tint $0x80" : : : "memory");
}
static void frame_in_the_kernel(void)
{
    __asm__ volatile("movl $0xc0100000, %%esp\n\tmovl $119, %%eax\n\tint $0x80" : : : "memory");
}

/// A frame whose cs is the kernel's: iret refuses it with RPL 3.
static void frame_with_kernel_cs(void)
{
    static unsigned long frame[200];
    memset(frame, 0, sizeof frame);
    frame[2 + 14] = (unsigned long)frame_nowhere;
    frame[2 + 15] = 0x60;
    frame[2 + 16] = 0x200;
    frame[2 + 18] = 0x7b;
    __asm__ volatile("movl %0, %%esp\n\tmovl $119, %%eax\n\tint $0x80" : : "r"((char *)frame + 8) : "memory");
}

static void handler(int signal) { (void)signal; }

/// The frame does not fit on the stack: a SIGSEGV that no handler on that stack can take.
static void no_stack_for_a_frame(void)
{
    signal(SIGUSR1, handler);
    signal(SIGSEGV, handler);
    __asm__ volatile("movl $0x1000, %%esp\n\tint $0x80" : : "a"(__NR_kill), "b"(getpid()), "c"(SIGUSR1) : "memory");
}

static void ends_by(const char *what, void (*function)(void), int signal)
{
    int status = in_child(function);
    check((status & 0x7f) == signal, "%s: status 0x%04x", what, status);
}

static int ends[2];
static volatile int caught;
static void count(int signal) { caught += signal == SIGUSR1; }

/// read() on an empty pipe, a handler, then data. What read() gives.
static int interrupted_read(unsigned long flags, void (*function)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = function;
    action.sa_flags = flags;
    sigaction(SIGUSR1, &action, NULL);
    caught = 0;
    pid_t parent = getpid(), pid = fork();
    if (pid == 0) {
        usleep(20000);
        kill(parent, SIGUSR1);
        usleep(20000);
        write(ends[1], "x", 1);
        _exit(0);
    }
    char byte;
    int result = read(ends[0], &byte, 1);
    int error = errno;
    waitpid(pid, NULL, 0);
    if (result < 0)
        read(ends[0], &byte, 1);
    return result < 0 ? -error : result;
}

int main(void)
{
    frames();
    ends_by("sigreturn without a frame", frame_nowhere, SIGSEGV);
    ends_by("rt_sigreturn without a frame", rt_frame_nowhere, SIGSEGV);
    ends_by("sigreturn with a frame in the kernel", frame_in_the_kernel, SIGSEGV);
    ends_by("sigreturn to the kernel's code segment", frame_with_kernel_cs, SIGSEGV);
    ends_by("no stack for a frame", no_stack_for_a_frame, SIGSEGV);
    pipe(ends);
    int result = interrupted_read(SA_RESTART, count);
    check(result == 1 && caught == 1, "with SA_RESTART the call starts again: %d", result);
    result = interrupted_read(0, count);
    check(result == -EINTR && caught == 1, "without it gives EINTR: %d", result);
    result = interrupted_read(0, SIG_IGN);
    check(result == 1, "an ignored signal disturbs nothing: %d", result);
    return finish();
}
