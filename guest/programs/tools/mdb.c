// SPDX-License-Identifier: MIT
// mdb, a machine-level debugger inside the guest: breakpoints by int3, steps by TF, watchpoints by the debug registers, all by way
// of ptrace. Commands come from standard input, so a script can drive it.
// Rows: E10 the debugger collects information while its tracee is stopped; R13 X07 single steps; X05.
//
//     mdb PROGRAM [ARGS...]      mdb -p PID
//
// A breakpoint is the byte 0xcc in place of the instruction's first. Going on from there: the old byte is put back, one step, and
// 0xcc again.

#include "mdb-symbols.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum { BREAKPOINTS = 32, DR0 = USER_DEBUGREG, DR6 = DR0 + 24, DR7 = DR0 + 28 };

static pid_t pid;
static int alive, attached;
static int pending; ///< the signal that it stopped by, to be delivered when it goes on
static struct {
    unsigned long address;
    unsigned char old;
} breakpoints[BREAKPOINTS];

static const struct {
    const char *name;
    int offset;
} registers[] = {
#define R(name) {#name, offsetof(struct user_regs_struct, name)}
    R(eax), R(ebx), R(ecx), R(edx), R(esi), R(edi), R(ebp), R(esp), R(eip), R(eflags),
    R(cs), R(ss), R(ds), R(es), R(fs), R(gs), R(orig_eax),
#undef R
};
enum { REGISTERS = sizeof registers / sizeof registers[0] };

static long get_register(int offset)
{
    long value = 0;
    ptrace(PTRACE_PEEKUSR, pid, (void *)(long)offset, &value);
    return value;
}
static int set_register(int offset, long value) { return ptrace(PTRACE_POKEUSR, pid, (void *)(long)offset, (void *)value); }
#define get(reg) get_register(offsetof(struct user_regs_struct, reg))

static int find_register(const char *name)
{
    for (int i = 0; i < REGISTERS; i++)
        if (strcmp(registers[i].name, name) == 0)
            return registers[i].offset;
    return -1;
}

static int read_word(unsigned long address, long *word) { return ptrace(PTRACE_PEEKDATA, pid, (void *)address, word); }

static int write_byte(unsigned long address, unsigned char byte, unsigned char *old)
{
    long word;
    unsigned shift = 8 * (address & 3);
    if (read_word(address & ~3ul, &word))
        return -1;
    if (old)
        *old = word >> shift;
    word = (word & ~(0xffl << shift)) | (long)byte << shift;
    return ptrace(PTRACE_POKEDATA, pid, (void *)(address & ~3ul), (void *)word);
}

static int breakpoint_at(unsigned long address)
{
    for (int i = 0; i < BREAKPOINTS; i++)
        if (breakpoints[i].address == address)
            return i;
    return -1;
}

static void print_place(unsigned long address)
{
    const char *name = name_at(address);
    printf(*name ? "%#010lx <%s>\n" : "%#010lx\n", address, name);
}

// ---- running

/// Waits for the next stop or the end; says which. True while it lives.
static int wait_for_stop(void)
{
    int status;
    if (waitpid(pid, &status, 0x40000000 /* __WALL */) != pid) {
        perror("mdb: waitpid");
        return alive = 0;
    }
    pending = 0;
    if (WIFEXITED(status))
        printf("exited with %d\n", WEXITSTATUS(status));
    if (WIFSIGNALED(status))
        printf("killed by signal %d, %s\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    alive = WIFSTOPPED(status);
    if (alive && WSTOPSIG(status) != SIGTRAP) {
        pending = WSTOPSIG(status);
        printf("signal %d, %s, at ", pending, strsignal(pending));
        print_place(get(eip));
    }
    return alive;
}

static int resume(int request)
{
    if (ptrace(request, pid, NULL, (void *)(long)pending)) {
        perror("mdb: going on");
        return 0;
    }
    return wait_for_stop();
}

/// One instruction, also from a breakpoint.
static int step_one(void)
{
    unsigned long from = get(eip);
    int at = from ? breakpoint_at(from) : -1;
    if (at >= 0)
        write_byte(from, breakpoints[at].old, NULL);
    int lives = resume(PTRACE_SINGLESTEP);
    if (at >= 0 && lives && breakpoints[at].address)
        write_byte(from, 0xcc, NULL);
    return lives;
}

static void report_trap(void)
{
    unsigned long eip = get(eip);
    long condition = get_register(DR6);
    if (pending)
        return;
    int at = breakpoint_at(eip - 1);
    if (condition & 1) {
        printf("watchpoint: stored before ");
        set_register(DR6, 0);
    } else if (at >= 0) { // behind the int3: back to the instruction that it stands for
        set_register(offsetof(struct user_regs_struct, eip), --eip);
        printf("breakpoint %d at ", at);
    } else {
        printf("stopped at ");
    }
    print_place(eip);
}

static void cont(void)
{
    if (breakpoint_at(get(eip)) >= 0 && (!step_one() || pending))
        return;
    if (resume(PTRACE_CONT))
        report_trap();
}

static void step(const char *count)
{
    long n = count ? strtol(count, NULL, 0) : 1;
    for (; n > 0 && step_one() && !pending; n--)
        ;
    if (alive && !pending)
        print_place(get(eip));
}

// ---- looking and changing

/// A number, a register ($eip), a name, each with +N or -N behind it. False, with a message, if it is none.
static int evaluate(const char *text, unsigned long *value)
{
    char word[64], *end;
    size_t length = text ? strcspn(text + 1, "+-") + 1 : 0;
    if (!text || length >= sizeof word) {
        printf("where?\n");
        return 0;
    }
    memcpy(word, text, length);
    word[length] = 0;
    *value = strtoul(word, &end, 0);
    if (word[0] == '$' && find_register(word + 1) >= 0)
        *value = get_register(find_register(word + 1));
    else if (*end && !(*value = address_of(word))) {
        printf("no symbol %s\n", word);
        return 0;
    }
    *value += strtol(text + length, NULL, 0);
    return 1;
}

static void set_breakpoint(const char *where)
{
    unsigned long address;
    int at = breakpoint_at(0);
    if (!evaluate(where, &address))
        return;
    if (at < 0 || breakpoint_at(address) >= 0) {
        printf(at < 0 ? "no more breakpoints\n" : "there is one already\n");
        return;
    }
    if (write_byte(address, 0xcc, &breakpoints[at].old)) {
        printf("no memory at %#lx\n", address);
        return;
    }
    breakpoints[at].address = address;
    printf("breakpoint %d at ", at);
    print_place(address);
}

static void delete_breakpoint(const char *number)
{
    long at = number ? strtol(number, NULL, 0) : -1;
    if (at < 0 || at >= BREAKPOINTS || !breakpoints[at].address) {
        printf("no such breakpoint\n");
        return;
    }
    write_byte(breakpoints[at].address, breakpoints[at].old, NULL);
    breakpoints[at].address = 0;
}

/// DR0, four bytes, stores only.
static void watch(const char *where)
{
    unsigned long address;
    if (!evaluate(where, &address))
        return;
    if (set_register(DR0, address & ~3ul) || set_register(DR7, 0xd0001))
        printf("refused: %s\n", strerror(errno));
    else
        printf("watching 4 bytes at %#lx\n", address & ~3ul);
}

static void print_registers(void)
{
    for (int i = 0; i < REGISTERS; i++)
        printf("%-8s %08lx%s", registers[i].name, get_register(registers[i].offset), i % 4 == 3 ? "\n" : "   ");
    printf("\n");
}

/// The program's own bytes: our int3s are not shown.
static long without_breakpoints(unsigned long address, long word)
{
    for (int i = 0; i < BREAKPOINTS; i++) {
        unsigned long at = breakpoints[i].address - address;
        if (breakpoints[i].address && at < 4)
            word = (word & ~(0xffl << 8 * at)) | (long)breakpoints[i].old << 8 * at;
    }
    return word;
}

static void print_memory(const char *where, const char *count)
{
    unsigned long address;
    long n = count ? strtol(count, NULL, 0) : 4, word;
    if (!evaluate(where, &address))
        return;
    for (long i = 0; i < n; i++, address += 4) {
        if (read_word(address, &word)) {
            printf("%sno memory at %#lx\n", i % 4 ? "\n" : "", address);
            return;
        }
        if (i % 4 == 0)
            printf("%08lx:", address);
        printf(" %08lx%s", without_breakpoints(address, word), i % 4 == 3 || i == n - 1 ? "\n" : "");
    }
}

/// set REGISTER VALUE, set *ADDRESS VALUE
static void set(const char *what, const char *to)
{
    unsigned long value, address;
    if (!what || !to || !evaluate(to, &value))
        return;
    if (*what == '*' && evaluate(what + 1, &address)) {
        if (ptrace(PTRACE_POKEDATA, pid, (void *)address, (void *)value))
            printf("no memory at %#lx\n", address);
    } else if (*what != '*' && (find_register(what) < 0 || set_register(find_register(what), value))) {
        printf("%s cannot be set to %#lx\n", what, value);
    }
}

/// By the chain of saved EBPs: [ebp] the caller's, [ebp+4] where it goes on.
static void backtrace(void)
{
    unsigned long eip = get(eip), ebp = get(ebp);
    for (int depth = 0; depth < 32; depth++) {
        long caller_ebp, caller_eip;
        printf("#%d  ", depth);
        print_place(eip);
        if (!ebp || read_word(ebp, &caller_ebp) || read_word(ebp + 4, &caller_eip) || !caller_eip)
            return;
        if (caller_ebp && (unsigned long)caller_ebp <= ebp)
            return;
        eip = caller_eip;
        ebp = caller_ebp;
    }
}

static void help(void)
{
    printf("break WHERE   delete N   watch WHERE   cont   step [N]   regs   mem WHERE [WORDS]   bt\n"
           "set REGISTER VALUE   set *ADDRESS VALUE   detach   kill   quit      WHERE: number, $register, name, with +N\n");
}

/// False at the end.
static int command(char *line)
{
    char *word[3] = {0};
    int n = 0;
    for (char *at = strtok(line, " \t\n"); at && n < 3; at = strtok(NULL, " \t\n"))
        word[n++] = at;
    const char *name = word[0];
    if (!name)
        return 1;
    if (!strcmp(name, "break") || !strcmp(name, "b")) set_breakpoint(word[1]);
    else if (!strcmp(name, "delete")) delete_breakpoint(word[1]);
    else if (!strcmp(name, "watch")) watch(word[1]);
    else if (!strcmp(name, "cont") || !strcmp(name, "c")) cont();
    else if (!strcmp(name, "step") || !strcmp(name, "s")) step(word[1]);
    else if (!strcmp(name, "regs")) print_registers();
    else if (!strcmp(name, "mem")) print_memory(word[1], word[2]);
    else if (!strcmp(name, "bt")) backtrace();
    else if (!strcmp(name, "set")) set(word[1], word[2]);
    else if (!strcmp(name, "kill")) resume(PTRACE_KILL);
    else if (!strcmp(name, "detach") || !strcmp(name, "quit") || !strcmp(name, "q")) return 0;
    else help();
    return alive;
}

/// A process that was attached goes on as if nothing had been; one that we started dies with us.
static void leave(void)
{
    for (int i = 0; i < BREAKPOINTS; i++)
        if (breakpoints[i].address)
            write_byte(breakpoints[i].address, breakpoints[i].old, NULL);
    if (attached)
        ptrace(PTRACE_DETACH, pid, NULL, (void *)(long)pending);
    else
        kill(pid, SIGKILL);
}

static pid_t start(char **command)
{
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execvp(command[0], command);
        fprintf(stderr, "mdb: %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    return child;
}

int main(int argc, char **argv)
{
    char line[128], path[32];
    attached = argc == 3 && !strcmp(argv[1], "-p");
    if (argc < 2) {
        fprintf(stderr, "usage: mdb PROGRAM [ARGS...] | mdb -p PID\n");
        return 1;
    }
    pid = attached ? atoi(argv[2]) : start(argv + 1);
    if (attached && ptrace(PTRACE_ATTACH, pid, NULL, NULL)) {
        fprintf(stderr, "mdb: attach to %d: %s\n", pid, strerror(errno));
        return 1;
    }
    setvbuf(stdout, NULL, 1 /* _IOLBF */, 0);
    if (!wait_for_stop())
        return 1;
    pending = 0; // the SIGSTOP of attaching is ours
    snprintf(path, sizeof path, "/proc/%d/exe", pid);
    load_symbols(path);
    printf("%d stopped at ", pid);
    print_place(get(eip));
    while (fgets(line, sizeof line, stdin) && command(line))
        ;
    if (alive)
        leave();
    return 0;
}
