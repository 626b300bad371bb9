// SPDX-License-Identifier: MIT
// How probe-core crashes its children, and how it reads the core file that one of them has left.
#pragma once

#include "probe.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define UNLIMITED (~0UL)
#define PAGE 4096
#define MARK 0x5ca1ab1e
enum { PT_LOAD = 1, PT_NOTE = 4, NT_PRSTATUS = 1, NT_PRFPREG = 2, NT_PRPSINFO = 3, NT_AUXV = 6 };
/// Of NT_PRSTATUS, by byte: what elf_prstatus is made of.
enum { CURSIG = 12, PID = 24, REGS = 72, FPVALID = 140, PRSTATUS_SIZE = 144 };
enum { EBX, ECX, EDX, ESI, EDI, EBP, EAX, EIP = 12, CS = 13, ESP = 15 };

struct crash {
    unsigned long limit;
    int threads, signal, uid, stays_dumpable;
    const char *program;
    int pid, status; ///< what came of it
};

static inline void set_core_limit(unsigned long limit)
{
    unsigned long both[2] = {limit, UNLIMITED};
    raw(__NR_setrlimit, 4, (long)both, 0);
}
static inline int exists(const char *name)
{
    struct stat st;
    return lstat(name, &st) == 0;
}
static inline void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    write(fd, text, strlen(text));
    close(fd);
}
static inline void copy_file(const char *from, const char *to, int mode)
{
    char buffer[PAGE];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, mode);
    for (int n; (n = read(in, buffer, sizeof buffer)) > 0;)
        write(out, buffer, n);
    close(in);
    close(out);
    chmod(to, mode);
}
static inline void remove_cores(void)
{
    DIR *dir = opendir(".");
    struct dirent *entry;
    while ((entry = readdir(dir)))
        if (strncmp(entry->d_name, "core", 4) == 0)
            unlink(entry->d_name);
    closedir(dir);
}

/// Three pages: never touched, marked, read only and never touched. A core file has one page of them.
static volatile unsigned *area;
static inline void make_area(void)
{
    area = mmap((void *)0x50000000, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    area[PAGE / 4] = MARK;
    mmap((void *)0x60000000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}

/// st(0) is pi, st(1) is 1. EBP stays, so that a debugger finds the callers.
__attribute__((noinline, used)) static void die_with_known_registers(void)
{
    __asm__ volatile("fninit; fld1; fldpi\n\t"
                     "movl $0x11111111, %%ebx; movl $0x22222222, %%ecx; movl $0x33333333, %%edx\n\t"
                     "movl $0x44444444, %%esi; movl $0x55555555, %%edi; movl $0x66666666, %%eax\n"
                     ".globl core_trap\ncore_trap: movl %%eax, 4" : : : "ebx", "ecx", "edx", "esi", "edi", "eax", "memory");
}
extern char core_trap[];

/// A thread that is found with EBX = 0x7000000N in its pause.
static char thread_stacks[4][8192];
static volatile int threads_ready;
static inline int sleeper(void *number)
{
    __sync_fetch_and_add(&threads_ready, 1);
    for (;;)
        raw(__NR_pause, (long)number, 0, 0);
    return 0;
}
__attribute__((noinline)) static void start_threads(int n)
{
    for (int i = 0; i < n; i++)
        clone(sleeper, thread_stacks[i] + 8192, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
              (void *)(0x70000000 + i), NULL, NULL, NULL);
    while (threads_ready < n)
        sched_yield();
}

static inline void crash_as_told(const struct crash *crash)
{
    set_core_limit(crash->limit);
    if (crash->uid) {
        setuid(crash->uid);
        raw(__NR_prctl, 4, crash->stays_dumpable, 0);
    }
    if (crash->program)
        execve(crash->program, (char *[]){(char *)crash->program, "--crash", NULL}, (char *[]){NULL});
    make_area();
    start_threads(crash->threads);
    if (crash->signal)
        kill(getpid(), crash->signal);
    die_with_known_registers();
}

static inline int crash_child(struct crash *crash)
{
    crash->status = -1;
    crash->pid = fork();
    if (crash->pid == 0) {
        crash_as_told(crash);
        _exit(77);
    }
    waitpid(crash->pid, &crash->status, 0);
    return crash->status;
}

// ---- reading one

static unsigned char *core_bytes;
static long core_size;
static inline unsigned word(unsigned long offset)
{
    unsigned value = 0;
    if (offset + 4 <= (unsigned long)core_size)
        memcpy(&value, core_bytes + offset, 4);
    return value;
}
static inline int load_core(const char *name)
{
    int fd = open(name, O_RDONLY);
    core_size = lseek(fd, 0, SEEK_END);
    core_bytes = malloc(core_size + 4);
    lseek(fd, 0, SEEK_SET);
    long got = read(fd, core_bytes, core_size);
    close(fd);
    return core_size > PAGE && got == core_size && memcmp(core_bytes, "\177ELF\1\1\1", 7) == 0;
}

/// The program header (its offset in the file) of the area at `address`; 0: none.
static inline unsigned long header_of(unsigned long address)
{
    unsigned count = word(44) & 0xffff;
    for (unsigned long at = word(28), i = 0; i < count; i++, at += 32)
        if (word(at) == PT_LOAD && address - word(at + 8) < word(at + 20))
            return at;
    return 0;
}

struct notes {
    unsigned long prstatus[8], prpsinfo, auxv, fpregs; ///< where each is in the file
    int threads;
};
static inline struct notes find_notes(void)
{
    struct notes found = {.threads = 0};
    unsigned long at = word(word(28) + 4), end = at + word(word(28) + 16);
    while (at + 12 < end) {
        unsigned long data = at + 12 + ((word(at) + 3) & ~3U);
        switch (word(at + 8)) {
        case NT_PRSTATUS: found.prstatus[found.threads++ & 7] = data; break;
        case NT_PRPSINFO: found.prpsinfo = data; break;
        case NT_AUXV: found.auxv = data; break;
        case NT_PRFPREG: found.fpregs = found.fpregs ? found.fpregs : data;
        }
        at = data + ((word(at + 4) + 3) & ~3U);
    }
    return found;
}

static inline void check_registers(const struct notes *n, int pid)
{
    static const unsigned expected[] = {0x11111111, 0x22222222, 0x33333333, 0x44444444, 0x55555555};
    unsigned long regs = n->prstatus[0] + REGS;
    for (int i = EBX; i <= EDI; i++)
        check(word(regs + 4 * i) == expected[i], "register %d in the core is %x", i, word(regs + 4 * i));
    check(word(regs + 4 * EIP) == (unsigned long)core_trap && word(regs + 4 * EAX) == 0x66666666, "EIP %x is where it died",
          word(regs + 4 * EIP));
    check((word(n->prstatus[0] + CURSIG) & 0xffff) == SIGSEGV && (int)word(n->prstatus[0] + PID) == pid,
          "signal and PID are noted");
    check(word(n->prstatus[0] + FPVALID) == 1 && n->fpregs && word(n->fpregs + 7 * 4 + 4) == 0xc90fdaa2, "pi is in st(0)");
    check(memcmp(core_bytes + n->prpsinfo + 28, "probe-core", 11) == 0, "the program's name is noted");
    check(word(n->auxv) != 0, "the auxiliary vector, too");
}

static inline void check_memory(const struct notes *n)
{
    unsigned long marked = header_of(0x50000000), empty = header_of(0x60000000), text = header_of((unsigned long)core_trap);
    unsigned long esp = word(n->prstatus[0] + REGS + 4 * ESP), own_stack = header_of(esp);
    check(marked && word(marked + 16) == 16 * PAGE && word(word(marked + 4) + PAGE) == MARK, "the marked page is there");
    check(marked && word(word(marked + 4)) == 0, "a page that was never touched is zeros");
    check(empty && word(empty + 16) == 0 && word(empty + 20) == PAGE, "an area without pages has no contents");
    check(text && word(text + 16) == 0, "the code is not repeated");
    check(own_stack && word(own_stack + 16) == word(own_stack + 20), "the stack is there");
    check(native() || header_of(0xffffe000), "the vsyscall page is there");
}

/// A core file as it should be; it is removed.
static inline void check_contents(const char *name, int pid, int threads)
{
    if (!check(load_core(name) && (word(16) & 0xffff) == 4, "%s is an ELF core file of %ld bytes", name, core_size))
        return;
    struct notes n = find_notes();
    check(n.threads == threads, "it tells of %d threads", n.threads);
    check_registers(&n, pid);
    check_memory(&n);
    int sleepers = 0;
    for (int i = 1; i < n.threads && i < 8; i++)
        sleepers += (word(n.prstatus[i] + REGS + 4 * EBX) & ~3U) == 0x70000000;
    check(sleepers == threads - 1, "each other thread was where it slept: %d", sleepers);
    free(core_bytes);
    unlink(name);
}
