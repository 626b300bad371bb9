// SPDX-License-Identifier: MIT
// Every call with every argument wrong in each way that its kind allows; prints one line for each: call, what was wrong, and
// the result, as a number of errno or `ok`. tests/guest/errno-table.tsv holds what Linux says (tests/tools/errno-table).
// Row U01. The calls are errno-calls.def. Each call runs in a child of its own, as user 1000, in a directory that is made anew.

#include "probe.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE 4096
#define UNMAPPED 0x10000
#define KERNEL 0xC0100000

enum kind { NONE, K_FD, K_PID, K_IN, K_TIME, K_OUT, K_PATH, K_FLAG, K_N };
struct argument {
    enum kind kind;
    long value;
    int size;
};
struct call {
    const char *name, *text;
    long number;
    struct argument arguments[6];
};

static char buffer[PAGE];
static const char text[16] = "0123456789";
static const char zeros8[8], zeros16[16], zeros32[32], zeros128[128];
static const long no_words[1] = {0}, one[1] = {1}, bad_time[2] = {0, 1000000000};
static const long no_stack[3] = {0, 2, 0}, small_stack[3] = {(long)buffer, 0, 16};
static const long select_block[5] = {0, 0, 0, 0, (long)zeros8};
static const long mmap_block[6] = {0, PAGE, 1, 2, 10, 0};
static const long vector[2] = {(long)buffer, 4};
static const long capabilities[2] = {0x20080522, 0};
static const long thread_area[4] = {-1, 0, 0xfffff, 0x51};

#define FD(n) {K_FD, n, 0}
#define PID(n) {K_PID, n, 0}
#define IN(data) {K_IN, (long)(data), sizeof(data)}
#define TIME(data) {K_TIME, (long)(data), sizeof(data)}
#define OUT(n) {K_OUT, (long)buffer, n}
#define PATH(name) {K_PATH, (long)(name), sizeof(name)}
#define FLAG(n) {K_FLAG, n, 0}
#define N(n) {K_N, n, 0}
#define CALL(name, ...) {#name, #name "(" #__VA_ARGS__ ")", __NR_##name, {__VA_ARGS__}},
static const struct call calls[] = {
#include "errno-calls.def"
};

static char *hole; ///< the first byte behind the last mapped one
static char *read_only, *unreadable, *long_name;

static void make_memory(void)
{
    char *area = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(area + PAGE, PAGE);
    hole = area + PAGE;
    read_only = area + 2 * PAGE;
    unreadable = area + 3 * PAGE;
    long_name = area + 4 * PAGE;
    memset(long_name, 'n', 5000);
    mprotect(read_only, PAGE, PROT_READ);
    mprotect(unreadable, PAGE, PROT_NONE);
}

static void move(int fd, int to)
{
    dup2(fd, to);
    close(fd);
}

static void make_files(void)
{
    int ends[2];
    static const char *const gone[] = {"new", "link", "link2", "node", "node2", "symlink", "symlink2", "f", "l", "loop", NULL};
    static const char *const folders[] = {"d", "d2", "d3", NULL};
    chdir("/tmp/probe-errno-table");
    for (int i = 0; gone[i]; i++)
        unlink(gone[i]);
    for (int i = 0; folders[i]; i++)
        rmdir(folders[i]);
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC, 0644);
    write(fd, text, 10);
    lseek(fd, 0, SEEK_SET);
    move(fd, 12);
    move(open("f", O_RDONLY), 10);
    move(open("f", O_WRONLY), 11);
    move(open(".", O_RDONLY), 13);
    pipe(ends);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    move(ends[0], 14);
    move(ends[1], 15);
    mkdir("d", 0755);
    symlink("nowhere", "l");
    symlink("loop", "loop");
}

static void try(const struct call *call, const long *a, const char *what)
{
    lseek(10, 0, SEEK_SET);
    lseek(13, 0, SEEK_SET);
    errno = 0;
    long result = syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    int error = errno;
    if (result == -1 && error)
        printf("%s\t%s\t%d\n", call->text, what, error);
    else
        printf("%s\t%s\tok\n", call->text, what);
}

static void with(const struct call *call, int position, long value, const char *what)
{
    long a[6];
    char label[64];
    for (int i = 0; i < 6; i++)
        a[i] = call->arguments[i].value;
    a[position] = value;
    snprintf(label, sizeof label, "%d %s", position + 1, what);
    try(call, a, label);
}

static void bad_pointers(const struct call *call, int i)
{
    const struct argument *argument = &call->arguments[i];
    if (argument->kind != K_TIME)
        with(call, i, 0, "null");
    with(call, i, UNMAPPED, "unmapped");
    with(call, i, KERNEL, "kernel");
    if (argument->kind == K_OUT)
        with(call, i, (long)read_only, "read-only");
    with(call, i, (long)unreadable, "no access");
    if (argument->size > 1 && argument->kind != K_PATH) {
        if (argument->kind != K_OUT)
            memcpy(hole - argument->size / 2, (const void *)argument->value, argument->size / 2);
        with(call, i, (long)(hole - argument->size / 2), "straddles a hole");
    }
}

static void bad_names(const struct call *call, int i)
{
    memset(hole - 4, 'n', 4);
    with(call, i, (long)(hole - 4), "no end before a hole");
    with(call, i, (long)long_name, "too long");
    with(call, i, (long)"", "empty");
    with(call, i, (long)"none/x", "no such directory");
    with(call, i, (long)"f/x", "no directory");
    with(call, i, (long)"loop", "loop");
}

static void bad_argument(const struct call *call, int i)
{
    switch (call->arguments[i].kind) {
    case K_FD:
        with(call, i, -1, "-1");
        with(call, i, 99, "not open");
        with(call, i, 0x7fffffff, "huge");
        break;
    case K_PID:
        with(call, i, 0x3fffffff, "nobody");
        break;
    case K_FLAG:
        with(call, i, -1, "all bits");
        with(call, i, 0x40000000, "unknown bit");
        break;
    case K_IN:
    case K_TIME:
    case K_OUT: bad_pointers(call, i); break;
    case K_PATH:
        bad_pointers(call, i);
        bad_names(call, i);
        break;
    default: break;
    }
}

static void try_all(const struct call *call)
{
    long good[6];
    make_files();
    for (int i = 0; i < 6; i++)
        good[i] = call->arguments[i].value;
    for (int i = 0; i < 6; i++)
        bad_argument(call, i);
    try(call, good, "all good");
}

int main(int argc, char **argv)
{
    mkdir("/tmp/probe-errno-table", 0777);
    chmod("/tmp/probe-errno-table", 0777);
    if (getuid() == 0 && (syscall(__NR_setgroups32, 0, 0) || setgid(1000) || setuid(1000)))
        return 2;
    umask(022);
    make_memory();
    for (unsigned i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (argc > 1 && strcmp(argv[1], calls[i].name))
            continue;
        fflush(stdout);
        pid_t pid = fork();
        int status = 0;
        if (pid == 0) {
            try_all(&calls[i]);
            fflush(stdout);
            _exit(0);
        }
        waitpid(pid, &status, 0);
        if (status)
            printf("%s\tended\t0x%04x\n", calls[i].text, status);
    }
    return 0;
}
