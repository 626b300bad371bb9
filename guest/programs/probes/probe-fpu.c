// SPDX-License-Identifier: MIT
// The registers of the FPU, MMX and SSE belong to their process: across fork, switches, signals, exec and ptrace. Patterns are put
// into all of them, something happens, and they are looked at again. Works with what the processor has: --cpu 486, p2, p3.
// For a debugger: symbol fpu_fork_trap is the `int $0x80` of a fork with the patterns in the registers.
// Rows: P04, P05, H20; linux-facts "Signal frames" (the FPU's part).

#include "probe.h"

#include <sched.h>
#include <sys/ptrace.h>

struct fsave {
    unsigned long cw, sw, tag, ip, cs, operand, ds;
    unsigned char st[8][10];
};
struct registers {
    struct fsave x87; ///< the MMX registers are the significands
    unsigned long mxcsr, xmm[8][4];
};
struct fxsave {
    unsigned short cw, sw, tag, op;
    unsigned long ip, cs, operand, ds, mxcsr, mask;
    unsigned char st[8][16];
    unsigned long xmm[8][4], padding[56];
};
/// Behind sigcontext: the fnsave form, two words, and the fxsave form if the processor has it (magic 0).
struct frame {
    struct fsave x87;
    unsigned short status, magic;
    struct fxsave fx;
};

static int has_fxsr, has_sse;

static void find_features(void)
{
    static char text[4096];
    int fd = open("/proc/cpuinfo", O_RDONLY);
    if (fd < 0)
        return;
    for (long have = 0, got; (got = read(fd, text + have, sizeof(text) - 1 - have)) > 0;)
        have += got;
    close(fd);
    has_fxsr = strstr(text, " fxsr") != NULL;
    has_sse = strstr(text, " sse") != NULL;
    dprintf(1, "     FXSAVE: %s, SSE: %s\n", has_fxsr ? "yes" : "no", has_sse ? "yes" : "no");
}

static inline __attribute__((always_inline)) void load(const struct registers *r)
{
    __asm__ volatile("frstor %0" : : "m"(r->x87));
    if (has_sse)
        __asm__ volatile("ldmxcsr %0\n\tmovups (%1),%%xmm0\n\tmovups 16(%1),%%xmm1\n\tmovups 32(%1),%%xmm2\n\t"
                         "movups 48(%1),%%xmm3\n\tmovups 64(%1),%%xmm4\n\tmovups 80(%1),%%xmm5\n\tmovups 96(%1),%%xmm6\n\t"
                         "movups 112(%1),%%xmm7"
                         : : "m"(r->mxcsr), "r"(r->xmm), "m"(r->xmm));
}
static inline __attribute__((always_inline)) void store(struct registers *r)
{
    __asm__ volatile("fnsave %0\n\tfrstor %0" : "=m"(r->x87));
    if (has_sse)
        __asm__ volatile("stmxcsr %0\n\tmovups %%xmm0,(%2)\n\tmovups %%xmm1,16(%2)\n\tmovups %%xmm2,32(%2)\n\t"
                         "movups %%xmm3,48(%2)\n\tmovups %%xmm4,64(%2)\n\tmovups %%xmm5,80(%2)\n\tmovups %%xmm6,96(%2)\n\t"
                         "movups %%xmm7,112(%2)"
                         : "=m"(r->mxcsr), "=m"(r->xmm) : "r"(r->xmm));
}

/// Numbers that no two registers and no two seeds share; all valid, so that the tags say so.
static struct registers pattern(unsigned seed)
{
    struct registers r;
    memset(&r, 0, sizeof r);
    r.x87.cw = 0xffff0000 | 0x27f | (seed & 3) << 10;
    r.x87.sw = 0xffff0000 | (seed & 7) << 11;
    r.x87.tag = 0xffff0000;
    for (unsigned i = 0; i < 8; i++) {
        unsigned long long significand = 0x8000000000000000ull | (unsigned long long)seed << 32 | 0x11223300u | i;
        unsigned short exponent = 0x3ff0 + i + (seed & 1) * 0x8000;
        memcpy(r.x87.st[i], &significand, 8);
        memcpy(r.x87.st[i] + 8, &exponent, 2);
        for (unsigned lane = 0; lane < 4; lane++)
            r.xmm[i][lane] = seed << 16 | i << 8 | lane | 0x3f000000;
    }
    r.mxcsr = 0x1f80 | (seed & 3) << 13 | (seed & 0x3f);
    return r;
}

static int same_x87(const struct fsave *a, const struct fsave *b)
{
    return ((a->cw ^ b->cw) & 0xffff) == 0 && ((a->sw ^ b->sw) & 0xffff) == 0 && ((a->tag ^ b->tag) & 0xffff) == 0 &&
           memcmp(a->st, b->st, sizeof a->st) == 0;
}
static int same(const struct registers *a, const struct registers *b)
{
    return same_x87(&a->x87, &b->x87) &&
           (!has_sse || (a->mxcsr == b->mxcsr && memcmp(a->xmm, b->xmm, sizeof a->xmm) == 0));
}

static int status_of(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

/// fork without a function of libc in between.
long fork_here(void);
__asm__("    .globl fork_here, fpu_fork_trap\n"
        "fork_here:\n"
        "    movl $2, %eax\n"
        "fpu_fork_trap:\n"
        "    int $0x80\n"
        "    ret\n");

static void across_fork(void)
{
    const struct registers mine = pattern(0x41), other = pattern(0x52);
    struct registers seen;
    load(&mine);
    pid_t pid = fork_here();
    store(&seen);
    if (pid == 0) {
        int good = same(&seen, &mine);
        load(&other); // the parent must not notice
        sched_yield();
        store(&seen);
        _exit(good && same(&seen, &other) ? 7 : 8);
    }
    check(same(&seen, &mine), "the parent's registers are as before fork");
    load(&mine);
    int status = status_of(pid);
    store(&seen);
    check(status == 7, "the child began with the same registers, then had its own (%d)", status);
    check(same(&seen, &mine), "what the child did with its registers changed none of the parent's");
}

/// The child only looks: what it has never touched itself came with the copy.
static void fork_twice(void)
{
    const struct registers mine = pattern(0x63);
    struct registers seen;
    load(&mine);
    pid_t pid = fork_here();
    if (pid == 0) {
        pid_t grandchild = fork_here(); // before anything here has touched the FPU
        store(&seen);
        int good = same(&seen, &mine);
        if (grandchild == 0)
            _exit(good ? 7 : 8);
        _exit(good && status_of(grandchild) == 7 ? 7 : 8);
    }
    check(status_of(pid) == 7, "a grandchild inherits through a child that has not touched the FPU");
}

static void across_switches(void)
{
    pid_t pids[4];
    for (unsigned n = 0; n < 4; n++) {
        pids[n] = fork();
        if (pids[n] != 0)
            continue;
        const struct registers mine = pattern(0x100 + 37 * n);
        struct registers seen;
        for (int round = 0; round < 50; round++) {
            load(&mine);
            sched_yield();
            store(&seen);
            if (!same(&seen, &mine))
                _exit(8);
        }
        _exit(7);
    }
    int good = 0;
    for (unsigned n = 0; n < 4; n++)
        good += status_of(pids[n]) == 7;
    check(good == 4, "four processes take turns, each with its own registers (%d good)", good);
}

static void mmx(void)
{
    if (!has_fxsr)
        return;
    unsigned long long in[8], out[8];
    for (unsigned i = 0; i < 8; i++)
        in[i] = 0x0102030405060708ull * (i + 1);
    __asm__ volatile("movq (%0),%%mm0\n\tmovq 8(%0),%%mm1\n\tmovq 16(%0),%%mm2\n\tmovq 24(%0),%%mm3\n\tmovq 32(%0),%%mm4\n\t"
                     "movq 40(%0),%%mm5\n\tmovq 48(%0),%%mm6\n\tmovq 56(%0),%%mm7" : : "r"(in), "m"(in));
    pid_t pid = fork_here();
    __asm__ volatile("movq %%mm0,(%1)\n\tmovq %%mm1,8(%1)\n\tmovq %%mm2,16(%1)\n\tmovq %%mm3,24(%1)\n\tmovq %%mm4,32(%1)\n\t"
                     "movq %%mm5,40(%1)\n\tmovq %%mm6,48(%1)\n\tmovq %%mm7,56(%1)\n\temms" : "=m"(out) : "r"(out));
    int good = memcmp(in, out, sizeof in) == 0;
    if (pid == 0)
        _exit(good ? 7 : 8);
    check(good, "the parent's MMX registers are as before fork");
    check(status_of(pid) == 7, "so are the child's");
}

// --- Signals -----------------------------------------------------------------------------------------------------

static struct registers in_handler, clobber;
static struct fsave frame_x87;
static unsigned long frame_mxcsr, frame_xmm3, frame_magic;
static volatile long code;

static struct frame *frame_of(void *context)
{
    return *(struct frame **)((char *)context + 20 + 76); // ucontext: sigcontext at 20, its fpstate at 76
}

static void on_usr1(int number, siginfo_t *info, void *context)
{
    struct frame *frame = frame_of(context);
    (void)number, (void)info;
    store(&in_handler);
    frame_x87 = frame->x87;
    frame_magic = frame->magic;
    if (has_sse) {
        frame_mxcsr = frame->fx.mxcsr;
        frame_xmm3 = frame->fx.xmm[3][1];
        frame->fx.xmm[3][2] = 0x600df00d;
    }
    frame->x87.st[2][0] = 0x99;
    load(&clobber);
}

static void across_signal(void)
{
    struct registers mine = pattern(0x75), seen, fresh;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_usr1;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &action, NULL);
    clobber = pattern(0x86);
    pid_t self = getpid();
    load(&mine);
    kill(self, SIGUSR1);
    store(&seen);
    __asm__ volatile("fninit");
    memset(&fresh, 0, sizeof fresh);
    __asm__ volatile("fnsave %0" : "=m"(fresh.x87));
    check((in_handler.x87.cw & 0xffff) == 0x37f && (in_handler.x87.sw & 0xffff) == 0 &&
              (in_handler.x87.tag & 0xffff) == 0xffff && (!has_sse || in_handler.mxcsr == 0x1f80),
          "a handler begins with an FPU as after fninit: %lx %lx %lx %lx", in_handler.x87.cw, in_handler.x87.sw,
          in_handler.x87.tag, in_handler.mxcsr);
    check(same_x87(&frame_x87, &mine.x87), "the frame holds the interrupted x87 registers");
    if (!native())
        check(frame_magic == (has_fxsr ? 0 : 0xffff), "the frame's magic tells of the fxsave form: %lx", frame_magic);
    if (has_sse)
        check(frame_mxcsr == mine.mxcsr && frame_xmm3 == mine.xmm[3][1], "and MXCSR and the XMM registers: %lx %lx",
              frame_mxcsr, frame_xmm3);
    mine.xmm[3][2] = 0x600df00d;
    mine.x87.st[2][0] = 0x99;
    check(same(&seen, &mine), "after the handler they are back, with what it wrote into the frame");
}

static void on_fpe(int number, siginfo_t *info, void *context)
{
    struct frame *frame = frame_of(context);
    (void)number;
    code = info->si_code;
    frame->x87.cw |= 0x3f;
    frame->x87.sw &= ~0x80fful;
    if (has_sse)
        frame->fx.mxcsr |= 0x1f80;
}

static void exceptions(void)
{
    const unsigned long divide = 0x1d80, all = 0x1f80;
    const unsigned short x87_divide = 0x37b;
    const float one[4] = { 1, 1, 1, 1 }, zero[4] = { 0, 1, 1, 1 };
    unsigned long after = 0, quotient[4];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_fpe;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGFPE, &action, NULL);
    code = 0;
    __asm__ volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait\n\tfninit" : : "m"(x87_divide));
    check(code == 3, "an x87 division by zero is SIGFPE with FPE_FLTDIV: %ld", code);
    if (!has_sse)
        return;
    code = 0;
    __asm__ volatile("ldmxcsr %2\n\tmovups %3,%%xmm0\n\tmovups %4,%%xmm1\n\tdivps %%xmm1,%%xmm0\n\tstmxcsr %0\n\t"
                     "movups %%xmm0,%1\n\tldmxcsr %5"
                     : "=m"(after), "=m"(quotient) : "m"(divide), "m"(one), "m"(zero), "m"(all));
    check(code == 3, "an SSE division by zero is SIGFPE with FPE_FLTDIV: %ld", code);
    check(after == 0x1f84 && quotient[0] == 0x7f800000 && quotient[1] == 0x3f800000,
          "masked by the handler it goes on: %lx %lx %lx", after, quotient[0], quotient[1]);
}

// --- ptrace and exec ------------------------------------------------------------------------------------------------

static void traced(void)
{
    const struct registers mine = pattern(0x97);
    struct registers changed = mine, seen;
    changed.x87.st[5][1] = 0x77;
    changed.xmm[5][3] = 0x12345678;
    pid_t pid = fork();
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        pid_t self = getpid();
        load(&mine);
        kill(self, SIGSTOP);
        store(&seen);
        if (!has_sse)
            memcpy(changed.xmm, mine.xmm, sizeof mine.xmm);
        _exit(same(&seen, &changed) ? 7 : 8);
    }
    struct fsave x87;
    static struct fxsave fx __attribute__((aligned(16)));
    int status;
    waitpid(pid, &status, 0);
    long got = ptrace(PTRACE_GETFPREGS, pid, NULL, &x87);
    check(got == 0 && same_x87(&x87, &mine.x87), "PTRACE_GETFPREGS gives the stopped child's registers: %ld", got);
    got = ptrace(PTRACE_GETFPXREGS, pid, NULL, &fx);
    if (has_fxsr)
        check(got == 0 && (!has_sse || (fx.mxcsr == mine.mxcsr && memcmp(fx.xmm, mine.xmm, sizeof fx.xmm) == 0)),
              "PTRACE_GETFPXREGS gives MXCSR and XMM registers: %ld", got);
    else
        check(got < 0, "PTRACE_GETFPXREGS is refused without fxsave: %ld", got);
    if (has_sse) {
        fx.xmm[5][3] = 0x12345678;
        if (!native())
            fx.mxcsr |= 0xffff0000; // bits that no processor has must not reach fxrstor
        check(ptrace(PTRACE_SETFPXREGS, pid, NULL, &fx) == 0, "PTRACE_SETFPXREGS writes them");
    }
    x87.st[5][1] = 0x77;
    check(ptrace(PTRACE_SETFPREGS, pid, NULL, &x87) == 0, "PTRACE_SETFPREGS writes the x87's");
    ptrace(PTRACE_CONT, pid, NULL, NULL);
    check((status = status_of(pid)) == 7, "the child finds what its tracer wrote (%d)", status);
}

static int fresh(void)
{
    struct registers seen;
    store(&seen);
    int good = (seen.x87.cw & 0xffff) == 0x37f && (seen.x87.tag & 0xffff) == 0xffff && (!has_sse || seen.mxcsr == 0x1f80);
    for (int i = 0; has_sse && i < 8; i++)
        good &= (seen.xmm[i][0] | seen.xmm[i][3]) == 0;
    return good ? 7 : 8;
}

static void across_exec(void)
{
    char *arguments[] = { "probe-fpu", "fresh", NULL };
    const struct registers mine = pattern(0xa8);
    pid_t pid = fork();
    if (pid == 0) {
        load(&mine);
        execve("/proc/self/exe", arguments, arguments + 2);
        _exit(9);
    }
    int status = status_of(pid);
    check(status == 7, "a program begins with an FPU as after fninit and XMM registers of zeros (%d)", status);
}

int main(int argc, char **argv)
{
    (void)argv;
    find_features();
    if (argc > 1)
        return fresh();
    across_fork();
    fork_twice();
    across_switches();
    mmx();
    across_signal();
    exceptions();
    traced();
    across_exec();
    return finish();
}
