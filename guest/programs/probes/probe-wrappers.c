// SPDX-License-Identifier: MIT
// The library's functions one after the other, each between two marks, so that a test can count what each of them does.
// Rows: W01 W03 W04 W05 one wrapper; W11 syscall(); W08 reasons of failure; W10 where errors end; W14 W15 errno;
// W16 W17 W18 functions with no, several and the same system call; W19 the heap; W20 _syscall6; W24 what is returned.
//
//     probe-wrappers          (its second name, sh, makes it the shell that system() and popen() look for)

#include "probe.h"

#include <sys/calls.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <threads.h>

/// A place for a test to stop at: what follows belongs to `section`.
__attribute__((noinline)) void marked(const char *section)
{
    __asm__ volatile("" : : "r"(section) : "memory");
}

/// The first character is read beforehand, so that the page is there when the test looks at the name.
static void mark(const char *section)
{
    (void)*(const volatile char *)section;
    marked(section);
}

static int ascending(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void without_a_call(void)
{
    int numbers[] = {3, 1, 2};
    mark("strlen");
    size_t length = strlen("four");
    mark("abs");
    int absolute = abs(-length);
    mark("qsort");
    qsort(numbers, 3, sizeof *numbers, ascending);
    mark("");
    check(absolute == 4 && numbers[0] == 1 && numbers[2] == 3, "strlen, abs, qsort work");
}

static void over_brk(void)
{
    mark("malloc");
    void *first = malloc(16);
    mark("malloc again");
    void *second = malloc(16);
    mark("calloc");
    char *zeros = calloc(1 << 10, 1 << 10);
    char *high = sbrk(0);
    mark("free");
    free(zeros);
    mark("");
    char *low = sbrk(0);
    check(first && second && zeros, "malloc and calloc give memory");
    check(high - (char *)first > 1 << 20, "1 MB of calloc raises the break");
    check(high - low >= 1 << 20, "free() of the last block lowers it by %ld", (long)(high - low));
    mark("brk up");
    char *big = malloc(1 << 20);
    mark("");
    check((char *)sbrk(0) - low >= 1 << 20, "malloc(1 MB) raises it by %ld", (long)((char *)sbrk(0) - low));
    free(big);
    check(sbrk(0) == low, "and free() lowers it to where it was");
}

static void a_shell(void)
{
    char program[256] = "";
    mkdir("/bin", 0755);
    if (access("/bin/sh", X_OK) < 0 && readlink("/proc/self/exe", program, sizeof program - 1) > 0)
        symlink(program, "/bin/sh");
    mark("system");
    int status = system("exit 3");
    mark("popen");
    FILE *file = popen("echo out", "r");
    char line[16] = "";
    fgets(line, sizeof line, file);
    int end = pclose(file);
    mark("");
    check(status == 3 << 8, "system(\"exit 3\"): status 0x%04x", status);
    check(strcmp(line, "out\n") == 0 && end == 0, "popen(\"echo out\") reads \"out\", status 0x%04x", end);
}

/// What /bin/sh -c does for us when there is no shell.
static int shell(const char *command)
{
    if (strncmp(command, "echo ", 5) == 0)
        puts(command + 5);
    return strncmp(command, "exit ", 5) == 0 ? atoi(command + 5) : 0;
}

static void failures_have_reasons(void)
{
    check(lseek(0, 0, 77) == -1 && (errno == EINVAL || errno == ESPIPE), "lseek with whence 77: errno %d", errno);
    check(munmap((void *)1, 4096) == -1 && errno == EINVAL, "munmap of an odd address: EINVAL, %d", errno);

    unsigned long limit[2] = {8, 8}, old[2];
    syscall(__NR_ugetrlimit, 7, old); // RLIMIT_NOFILE
    limit[1] = old[1];
    syscall(__NR_setrlimit, 7, limit);
    int fd, count = 0;
    while ((fd = dup(1)) >= 0 && count < 100)
        count++;
    check(fd == -1 && errno == EMFILE && count <= 5, "dup with 8 descriptors at most: EMFILE after %d, %d", count, errno);
    for (fd = 3; fd < 8; fd++)
        close(fd);
    syscall(__NR_setrlimit, 7, old);

    void *page = mmap(NULL, 0xb0000000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(native() || (page == MAP_FAILED && errno == ENOMEM), "mmap of 2.75 GB: ENOMEM, %d", errno);
    check(brk((void *)0xc0000000) == -1 && errno == ENOMEM, "brk into the kernel: ENOMEM, %d", errno);
}

/// personality() returns what it was given the time before: a call that can be made to return anything.
static void where_errors_end(void)
{
    errno = 0;
    mark("errors");
    syscall(__NR_personality, -4095);
    long error = syscall(__NR_personality, -4096);
    int number = errno;
    errno = 0;
    long result = syscall(__NR_personality, 0);
    mark("");
    check(error == -1 && number == 4095, "a result of -4095: returns %ld, errno %d", error, number);
    check(result == -4096 && errno == 0, "a result of -4096: returns %ld, errno %d", result, errno);

    personality(-4095);
    check(personality(-4096) == -1 && errno == 4095, "the same through a wrapper: errno %d", errno);
    errno = 0;
    check(personality(0) == -4096 && errno == 0, "and -4096 is a result there, too");
}

static void errno_stays(void)
{
    int result = open("/none", O_RDONLY);
    int kept = errno;
    getpid();
    check(result == -1 && kept == 2 && errno == 2, "after a getpid() that succeeded errno is still %d", errno);
    raw(__NR_open, (long)"/etc", O_WRONLY, 0);
    check(errno == 2, "a bare call that fails leaves errno alone: only wrappers write it");
}

static int in_a_thread(void *shared)
{
    int before = errno;
    close(77);
    ((int *)shared)[0] = before;
    ((int *)shared)[1] = errno;
    return 5;
}

static void errno_of_a_thread(void)
{
    thrd_t thread;
    int shared[2] = {-1, -1}, result = -1;
    errno = ENOENT;
    check(thrd_create(&thread, in_a_thread, shared) == thrd_success, "thrd_create");
    thrd_join(thread, &result);
    check(result == 5, "thrd_join: the thread returned %d", result);
    check(shared[0] == 0 && shared[1] == EBADF, "errno in the thread: first %d, then %d", shared[0], shared[1]);
    check(errno == ENOENT, "errno of the first thread is still %d", errno);
}

static void printf_changes_errno(void)
{
    int kept = dup(1);
    fflush(stdout);
    close(1);
    setvbuf(stdout, NULL, _IONBF, 0);
    open("/none", O_RDONLY);
    int before = errno;
    printf("nobody reads this\n");
    int after = errno;
    dup2(kept, 1);
    close(kept);
    check(before == ENOENT && after == EBADF, "errno before printf to a closed stdout %d, behind it %d", before, after);
}

/// What a wrapper returns means something else for each call.
static void results(void)
{
    mark("results");
    int fd = open("/tmp/probe-wrappers.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ssize_t wrote = write(fd, "twelve bytes", 12);
    lseek(fd, 0, SEEK_SET);
    char text[16];
    ssize_t got = read(fd, text, sizeof text), end = read(fd, text, sizeof text);
    mark("");
    check(fd >= 3 && wrote == 12 && got == 12 && end == 0, "open: descriptor %d; write %ld, read %ld, then %ld", fd,
          (long)wrote, (long)got, (long)end);
    int status = -1;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    check(pid > 1 && waitpid(pid, &status, 0) == pid && status == 0, "fork and waitpid: the child's pid %d", pid);
    close(fd);
    unlink("/tmp/probe-wrappers.tmp");
}

#define __NR_macro_mmap2 __NR_mmap2
__attribute__((noinline)) _syscall6(long, macro_mmap2, long, address, long, length, long, protection, long, flags, long,
                                    fd, long, page)

/// The sixth argument goes through ebp, which the function must give back.
static void six_arguments(void)
{
    int fd = open("/tmp/probe-wrappers.six", O_RDWR | O_CREAT | O_TRUNC, 0600);
    ftruncate(fd, 3 * 4096);
    pwrite64(fd, "third page", 10, 2 * 4096);
    long before, after, page;
    mark("six");
    __asm__ volatile("movl %%ebp, %0" : "=m"(before));
    page = macro_mmap2(0, 4096, PROT_READ, MAP_PRIVATE, fd, 2);
    __asm__ volatile("movl %%ebp, %0" : "=m"(after));
    mark("");
    check((page & 4095) == 0 && strcmp((char *)page, "third page") == 0, "_syscall6: mmap2 of the third page");
    check(before == after, "ebp is what it was");
    page = syscall(__NR_mmap2, 0, 4096, PROT_READ, MAP_PRIVATE, fd, 2);
    check((page & 4095) == 0 && strcmp((char *)page, "third page") == 0, "syscall() passes six arguments, too");
    close(fd);
    unlink("/tmp/probe-wrappers.six");
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "-c") == 0)
        return shell(argv[2]);
    without_a_call();
    over_brk();
    a_shell();
    failures_have_reasons();
    where_errors_end();
    errno_stays();
    errno_of_a_thread();
    printf_changes_errno();
    results();
    six_arguments();
    return finish();
}
