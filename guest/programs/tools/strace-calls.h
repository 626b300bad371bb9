// SPDX-License-Identifier: MIT
// How strace shows a system call: its name, each argument by a letter, its result. Only strace.c includes this.
//
//     d decimal   x hexadecimal   o octal mode   s path or string   F flags of open   f file descriptor   S signal
//     b bytes to the kernel, as many as the next argument says      B bytes from the kernel, as many as the result says
//     a array of strings   w wait status   P the two ends of a pipe   C flags of clone   t time (two words)   W wait options
// Small letters are read at the entry; B, w and P at the exit, where the kernel has stored what they show.
// A call that is not in the table shows three hexadecimal words.
#pragma once

#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>

enum { IN_FILE = 1, IN_PROCESS = 2, IN_SIGNAL = 4, ADDRESS = 8, NEVER = 16 };

struct call {
    short number, kind; ///< IN_...: the groups of -e; ADDRESS: what the result is; NEVER: it does not return
    const char *arguments;
};

static const struct call known_calls[] = {
    {1, IN_PROCESS | NEVER, "d"}, {2, IN_PROCESS, ""}, {3, 0, "fBd"}, {4, 0, "fbd"}, {5, IN_FILE, "sFo"}, {6, 0, "f"},
    {7, IN_PROCESS, "dwW"}, {8, IN_FILE, "so"}, {9, IN_FILE, "ss"}, {10, IN_FILE, "s"}, {11, IN_PROCESS | IN_FILE, "sax"},
    {12, IN_FILE, "s"}, {13, 0, "x"}, {14, IN_FILE, "sox"}, {15, IN_FILE, "so"}, {19, 0, "fdd"}, {20, 0, ""},
    {24, 0, ""}, {26, 0, "xdxx"}, {27, 0, "d"}, {29, IN_SIGNAL, ""}, {33, IN_FILE, "so"}, {34, 0, "d"}, {36, 0, ""},
    {37, IN_SIGNAL, "dS"}, {38, IN_FILE, "ss"}, {39, IN_FILE, "so"}, {40, IN_FILE, "s"}, {41, 0, "f"}, {42, 0, "P"},
    {45, ADDRESS, "x"}, {47, 0, ""}, {48, IN_SIGNAL, "Sx"}, {54, 0, "fxx"}, {55, 0, "fdx"}, {57, 0, "dd"}, {60, 0, "o"},
    {63, 0, "ff"}, {64, 0, ""}, {65, 0, ""}, {66, 0, ""}, {67, IN_SIGNAL, "Sxx"}, {75, 0, "dx"}, {76, 0, "dx"},
    {78, 0, "xx"}, {83, IN_FILE, "ss"}, {85, IN_FILE, "sBd"}, {88, 0, "xxx"}, {90, ADDRESS, "x"}, {91, 0, "xx"},
    {102, 0, "dx"}, {106, IN_FILE, "sx"}, {107, IN_FILE, "sx"}, {108, 0, "fx"}, {114, IN_PROCESS, "dwWx"},
    {119, IN_SIGNAL, ""}, {120, IN_PROCESS, "Cxxxx"}, {122, 0, "x"}, {125, 0, "xxx"}, {126, IN_SIGNAL, "dxx"},
    {133, 0, "f"}, {140, 0, "fddxd"}, {141, 0, "fxd"}, {142, 0, "dxxxx"}, {145, 0, "fxd"}, {146, 0, "fxd"},
    {158, 0, ""}, {162, 0, "tx"}, {163, ADDRESS, "xxxx"}, {168, 0, "xdd"}, {172, 0, "dx"}, {173, IN_SIGNAL, ""},
    {174, IN_SIGNAL, "Sxxd"}, {175, IN_SIGNAL, "dxxd"}, {176, IN_SIGNAL, "xd"}, {179, IN_SIGNAL, "xd"}, {183, 0, "Bd"},
    {186, IN_SIGNAL, "xx"}, {190, IN_PROCESS, ""}, {191, 0, "dx"}, {192, ADDRESS, "xdxxdx"}, {195, IN_FILE, "sx"},
    {196, IN_FILE, "sx"}, {197, 0, "fx"}, {199, 0, ""}, {200, 0, ""}, {201, 0, ""}, {202, 0, ""}, {213, 0, "d"},
    {214, 0, "d"}, {219, 0, "xdd"}, {220, 0, "fxd"}, {221, 0, "fdx"}, {224, 0, ""}, {238, IN_SIGNAL, "dS"},
    {240, 0, "xdd"}, {243, 0, "x"}, {252, IN_PROCESS | NEVER, "d"}, {258, 0, "x"}, {270, IN_SIGNAL, "ddS"},
};

static const char *const call_names[] = {
#define ABI(number, name) [number] = #name,
#include "../../libc/abi/i386.def"
#undef ABI
};

static int string_limit = 32;

static const char *call_name(long number)
{
    static char unknown[24];
    if (number >= 0 && number < (long)(sizeof call_names / sizeof call_names[0]) && call_names[number])
        return call_names[number];
    snprintf(unknown, sizeof unknown, "syscall_%#lx", number);
    return unknown;
}

static const struct call *known_call(long number)
{
    static const struct call other = {-1, 0, "xxx"};
    for (unsigned i = 0; i < sizeof known_calls / sizeof known_calls[0]; i++)
        if (known_calls[i].number == number)
            return &known_calls[i];
    return &other;
}

static int result_is_address(long number) { return known_call(number)->kind & ADDRESS; }
static int call_returns(long number) { return !(known_call(number)->kind & NEVER); }
static int in_group(long number, const char *name, size_t length)
{
    int kind = known_call(number)->kind;
    return (length == 4 && !strncmp(name, "file", 4) && (kind & IN_FILE)) ||
           (length == 7 && !strncmp(name, "process", 7) && (kind & IN_PROCESS)) ||
           (length == 6 && !strncmp(name, "signal", 6) && (kind & IN_SIGNAL));
}

static const char *error_name(long error)
{
    static const char *const names[] = {
        [1] = "EPERM",    [2] = "ENOENT",   [3] = "ESRCH",     [4] = "EINTR",    [5] = "EIO",      [6] = "ENXIO",
        [7] = "E2BIG",    [8] = "ENOEXEC",  [9] = "EBADF",     [10] = "ECHILD",  [11] = "EAGAIN",  [12] = "ENOMEM",
        [13] = "EACCES",  [14] = "EFAULT",  [16] = "EBUSY",    [17] = "EEXIST",  [18] = "EXDEV",   [19] = "ENODEV",
        [20] = "ENOTDIR", [21] = "EISDIR",  [22] = "EINVAL",   [23] = "ENFILE",  [24] = "EMFILE",  [25] = "ENOTTY",
        [26] = "ETXTBSY", [27] = "EFBIG",   [28] = "ENOSPC",   [29] = "ESPIPE",  [30] = "EROFS",   [31] = "EMLINK",
        [32] = "EPIPE",   [33] = "EDOM",    [34] = "ERANGE",   [35] = "EDEADLK", [36] = "ENAMETOOLONG",
        [38] = "ENOSYS",  [39] = "ENOTEMPTY", [40] = "ELOOP",  [97] = "EAFNOSUPPORT",
        [110] = "ETIMEDOUT", [512] = "ERESTARTSYS", [513] = "ERESTARTNOINTR", [514] = "ERESTARTNOHAND",
        [516] = "ERESTART_RESTARTBLOCK",
    };
    return error < (long)(sizeof names / sizeof names[0]) ? names[error] : NULL;
}

static const char *signal_name(int signal)
{
    static const char *const names[] = {
        "SIG_0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1",
        "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
        "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR",
        "SIGSYS",
    };
    static char realtime[16];
    if (signal >= 0 && signal < (int)(sizeof names / sizeof names[0]))
        return names[signal];
    snprintf(realtime, sizeof realtime, "SIGRT_%d", signal - 32);
    return realtime;
}

/// Text that grows in a buffer and is cut at its end.
struct text {
    char *at, *end;
};

__attribute__((format(printf, 2, 3))) static void put(struct text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->at, t->end - t->at, format, args);
    va_end(args);
    t->at = n < t->end - t->at ? t->at + n : t->end - 1;
}

/// A byte of the tracee's memory; -1 if there is none. It is fetched by words.
static int tracee_byte(pid_t pid, unsigned long address)
{
    static unsigned long at = 1;
    static pid_t whose;
    static long word;
    if (whose != pid || at != (address & ~3ul)) {
        at = address & ~3ul;
        whose = pid;
        if (ptrace(PTRACE_PEEKDATA, pid, (void *)at, &word)) {
            at = 1;
            return -1;
        }
    }
    int byte = word >> 8 * (address & 3) & 0xff;
    if ((address & 3) == 3)
        at = 1; // never an old word
    return byte;
}

/// `length` bytes, or (-1) up to the null; at most string_limit of them.
static void put_string(struct text *t, pid_t pid, unsigned long address, long length)
{
    if (!address) {
        put(t, "NULL");
        return;
    }
    if (tracee_byte(pid, address) < 0 && length) {
        put(t, "%#lx", address);
        return;
    }
    put(t, "\"");
    long n = 0;
    int c = 0;
    for (; n < string_limit && n != length && (c = tracee_byte(pid, address + n)) >= 0 && (c || length >= 0); n++) {
        if (c == '\n' || c == '\t' || c == '"' || c == '\\')
            put(t, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : c);
        else
            put(t, c >= 32 && c < 127 ? "%c" : "\\%o", c);
    }
    put(t, n == string_limit && n != length && tracee_byte(pid, address + n) > 0 ? "\"..." : "\"");
}

static unsigned long tracee_word(pid_t pid, unsigned long address)
{
    unsigned long word = 0;
    ptrace(PTRACE_PEEKDATA, pid, (void *)address, &word);
    return word;
}

static void put_array(struct text *t, pid_t pid, unsigned long address)
{
    put(t, "[");
    for (int i = 0; i < 16; i++) {
        unsigned long string = tracee_word(pid, address + 4 * i);
        if (!string)
            break;
        put(t, i ? ", " : "");
        put_string(t, pid, string, -1);
    }
    put(t, "]");
}

struct flag {
    unsigned long bit;
    const char *name;
};

static void put_flags(struct text *t, unsigned long value, const struct flag *flags, const char *first)
{
    put(t, "%s", first);
    for (; flags->name; flags++) {
        if ((value & flags->bit) != flags->bit)
            continue;
        put(t, "%s%s", *first ? "|" : "", flags->name);
        first = "|";
        value &= ~flags->bit;
    }
    if (value || !*first)
        put(t, *first ? "|%#lx" : "%#lx", value);
}

static void put_open_flags(struct text *t, unsigned long value)
{
    static const struct flag flags[] = {{0100, "O_CREAT"}, {0200, "O_EXCL"}, {0400, "O_NOCTTY"}, {01000, "O_TRUNC"},
                                        {02000, "O_APPEND"}, {04000, "O_NONBLOCK"}, {0100000, "O_LARGEFILE"},
                                        {0200000, "O_DIRECTORY"}, {02000000, "O_CLOEXEC"}, {0, NULL}};
    static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
    put_flags(t, value & ~3ul, flags, modes[value & 3]);
}

static void put_clone_flags(struct text *t, unsigned long value)
{
    static const struct flag flags[] = {
        {0x100, "CLONE_VM"}, {0x200, "CLONE_FS"}, {0x400, "CLONE_FILES"}, {0x800, "CLONE_SIGHAND"},
        {0x2000, "CLONE_PTRACE"}, {0x4000, "CLONE_VFORK"}, {0x8000, "CLONE_PARENT"}, {0x10000, "CLONE_THREAD"},
        {0x20000, "CLONE_NEWNS"}, {0x40000, "CLONE_SYSVSEM"}, {0x80000, "CLONE_SETTLS"}, {0x100000, "CLONE_PARENT_SETTID"},
        {0x200000, "CLONE_CHILD_CLEARTID"}, {0x800000, "CLONE_UNTRACED"}, {0x1000000, "CLONE_CHILD_SETTID"}, {0, NULL}};
    put_flags(t, value & ~0xfful, flags, value & 0xff ? signal_name(value & 0xff) : "");
}

static void put_wait_options(struct text *t, unsigned long value)
{
    static const struct flag flags[] = {{1, "WNOHANG"}, {2, "WUNTRACED"}, {8, "WCONTINUED"}, {0x40000000, "__WALL"},
                                        {0x80000000, "__WCLONE"}, {0, NULL}};
    if (value)
        put_flags(t, value, flags, "");
    else
        put(t, "0");
}

static void put_wait_status(struct text *t, pid_t pid, unsigned long address, long result)
{
    unsigned status = address && result > 0 ? tracee_word(pid, address) : 0;
    if (!address)
        put(t, "NULL");
    else if (result <= 0)
        put(t, "%#lx", address);
    else if ((status & 0x7f) == 0)
        put(t, "[{WIFEXITED(s) && WEXITSTATUS(s) == %u}]", status >> 8 & 0xff);
    else if ((status & 0xff) == 0x7f)
        put(t, "[{WIFSTOPPED(s) && WSTOPSIG(s) == %s}]", signal_name(status >> 8 & 0x7f));
    else
        put(t, "[{WIFSIGNALED(s) && WTERMSIG(s) == %s}]", signal_name(status & 0x7f));
}

static void put_argument(struct text *t, pid_t pid, char letter, unsigned long value, unsigned long next)
{
    switch (letter) {
    case 'd': case 'f': put(t, "%ld", value); break;
    case 'o': put(t, value ? "0%lo" : "%lo", value); break;
    case 's': put_string(t, pid, value, -1); break;
    case 'b': put_string(t, pid, value, next); break;
    case 'a': put_array(t, pid, value); break;
    case 'F': put_open_flags(t, value); break;
    case 'C': put_clone_flags(t, value); break;
    case 'W': put_wait_options(t, value); break;
    case 'S': put(t, "%s", signal_name(value)); break;
    case 't': put(t, "{%ld, %ld}", tracee_word(pid, value), tracee_word(pid, value + 4)); break;
    default: put(t, value ? "%#lx" : "NULL", value);
    }
}

static void put_output(struct text *t, pid_t pid, char letter, unsigned long value, long result)
{
    if (letter == 'w')
        put_wait_status(t, pid, value, result);
    else if (result < 0)
        put(t, "%#lx", value);
    else if (letter == 'P')
        put(t, "[%ld, %ld]", tracee_word(pid, value), tracee_word(pid, value + 4));
    else
        put_string(t, pid, value, result);
}

static int is_output(char letter) { return letter == 'B' || letter == 'w' || letter == 'P'; }

static void put_arguments(struct text *t, pid_t pid, const struct user_regs_struct *regs, int from, int to, long result)
{
    const long value[7] = {regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp, 0};
    const char *letters = known_call(regs->orig_eax)->arguments;
    for (int i = from; i < to; i++) {
        put(t, i ? ", " : "");
        if (is_output(letters[i]))
            put_output(t, pid, letters[i], value[i], result);
        else
            put_argument(t, pid, letters[i], value[i], value[i + 1]);
    }
}

/// The first argument that is known at the exit only, or the number of arguments.
static int first_output(const char *letters)
{
    int i = 0;
    while (letters[i] && !is_output(letters[i]))
        i++;
    return i;
}

/// At the entry: name( and the arguments before the first that the kernel has yet to store. The length of the text.
static unsigned describe_call(pid_t pid, const struct user_regs_struct *regs, char *to, size_t size)
{
    struct text t = {to, to + size};
    put(&t, "%s(", call_name(regs->orig_eax));
    put_arguments(&t, pid, regs, 0, first_output(known_call(regs->orig_eax)->arguments), 0);
    return t.at - to;
}

/// At the exit: the rest.
static void describe_outputs(pid_t pid, const struct user_regs_struct *regs, long result, char *to, size_t size)
{
    const char *letters = known_call(regs->orig_eax)->arguments;
    struct text t = {to, to + size};
    *to = 0;
    put_arguments(&t, pid, regs, first_output(letters), strlen(letters), result);
}
