// SPDX-License-Identifier: MIT
// Where a child stands: mounts, thread area, thread numbers, parents, groups, and whether it starts at once.
// Rows: F09 CLONE_STOPPED; P27 mount namespaces; P28 and P29 the child's tid words; P36 parents; P40 and P42 numbers that
// signals reach; P18 a bad pointer; P43 and P44 threads; P46 the count of forks; T06 CLONE_SETTLS.
//
// For a test that looks from outside: settls_trap is the bare clone with CLONE_SETTLS, look_here() a moment worth a look,
// ledger_mark() one at which what the kernel has given out is compared.

#include "ledger.h"
#include "probe.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define MY_CLONE_STOPPED 0x02000000
#define MY_CLONE_NEWNS 0x00020000

static char stack[2][16384] __attribute__((aligned(16)));
static volatile int word;

__attribute__((noinline)) void look_here(void) { __asm__ volatile(""); }

static pid_t clone_copy(long flags) { return raw(__NR_clone, flags | SIGCHLD, 0, 0); }

// ---- P27
static int exists(const char *path) { return access(path, F_OK) == 0; }

static void mounts(void)
{
    int to_child[2], to_parent[2];
    char byte;
    pipe(to_child);
    pipe(to_parent);
    mkdir("/here", 0755);
    mkdir("/there", 0755);
    pid_t pid = clone_copy(MY_CLONE_NEWNS);
    if (pid == 0) {
        int bad = mount("none", "/here", "tmpfs", 0, NULL) != 0;
        bad |= mkdir("/here/childs", 0755) != 0;
        write(to_parent[1], "m", 1);
        read(to_child[0], &byte, 1); // the parent has mounted, too
        bad |= exists("/there/parents") ? 2 : 0;
        bad |= exists("/here/childs") ? 0 : 4;
        _exit(bad);
    }
    check(pid > 0, "clone(CLONE_NEWNS)");
    read(to_parent[0], &byte, 1);
    look_here();
    check(!exists("/here/childs"), "a mount in a child with CLONE_NEWNS is not seen by the parent");
    check(mount("none", "/there", "tmpfs", 0, NULL) == 0 && mkdir("/there/parents", 0755) == 0, "the parent mounts, too");
    write(to_child[1], "x", 1);
    int status = -1;
    waitpid(pid, &status, 0);
    check(status == 0, "and its mount is not seen by the child: status 0x%04x", status);
    check(exists("/there/parents"), "the child's end takes nothing from the parent");

    pid = clone_copy(0);
    if (pid == 0)
        _exit(mount("none", "/here", "tmpfs", 0, NULL) || mkdir("/here/shared", 0755));
    waitpid(pid, &status, 0);
    check(status == 0 && exists("/here/shared"), "a mount in a child without it is seen");
    check(umount("/here") == 0 && umount("/there") == 0 && !exists("/here/shared"), "both are unmounted");
    check(rmdir("/here") == 0 && rmdir("/there") == 0, "and nothing is left of them");
    close(to_child[0]), close(to_child[1]), close(to_parent[0]), close(to_parent[1]);
}

/// A file that outlives the namespace it was opened in.
static void mount_outlived(void)
{
    mkdir("/here", 0755);
    pid_t pid = clone_copy(MY_CLONE_NEWNS | CLONE_FILES);
    if (pid == 0) {
        mount("none", "/here", "tmpfs", 0, NULL);
        int fd = open("/here/file", O_RDWR | O_CREAT, 0644);
        write(fd, "kept", 4);
        _exit(fd);
    }
    int status = -1, fd;
    char text[4] = "";
    waitpid(pid, &status, 0);
    fd = WEXITSTATUS(status);
    lseek(fd, 0, SEEK_SET);
    check(read(fd, text, 4) == 4 && !memcmp(text, "kept", 4), "a file of a namespace that is gone can still be read");
    close(fd);
    check(rmdir("/here") == 0, "after the close nothing is mounted there");

    if (getuid() == 0) {
        pid = fork();
        if (pid == 0) {
            setuid(1000);
            _exit(clone_copy(MY_CLONE_NEWNS) == -EPERM ? 0 : 1);
        }
        waitpid(pid, &status, 0);
        check(status == 0, "CLONE_NEWNS needs CAP_SYS_ADMIN: status 0x%04x", status);
    }
}

/// A namespace ends with its last task: its mounts, one on the other, were nobody else's.
static void tree_of_its_own(void)
{
    mkdir("/here", 0755);
    pid_t pid = clone_copy(MY_CLONE_NEWNS);
    if (pid == 0) {
        mount("none", "/here", "tmpfs", 0, NULL);
        mkdir("/here/below", 0755);
        mount("none", "/here/below", "tmpfs", 0, NULL);
        chdir("/here/below");
        open("/here/below/file", O_RDWR | O_CREAT, 0644);
        pid_t grandchild = clone_copy(MY_CLONE_NEWNS); // a copy of a copy
        if (grandchild == 0)
            _exit(umount("/here/below") == 0); // in use: our working directory
        waitpid(grandchild, NULL, 0);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    rmdir("/here");
}

static void other_domain(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        raw(__NR_personality, 8, 0, 0); // PER_LINUX32
        in_child(look_here);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

// ---- P28, P29
/// The first thing a child does: is its number where CLONE_CHILD_SETTID wanted it?
static int own_word(void *expected)
{
    (void)expected;
    return word != raw(__NR_gettid, 0, 0, 0);
}

static void tid_words(void)
{
    int status = -1;
    word = 0;
    int flags = CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
    pid_t pid = clone(own_word, stack[0] + sizeof stack[0], flags, NULL, NULL, NULL, (int *)&word);
    waitpid(pid, &status, 0);
    check(status == 0, "CLONE_CHILD_SETTID: the number is there before the child's first instruction");
    check(word == 0, "CLONE_CHILD_CLEARTID: and 0 after its end: %d", word);

    set_tid_address((int *)&word);
    word = 5;
    pid = clone_copy(0);
    if (pid == 0)
        _exit(word != 5); // neither written for us, nor cleared at our end
    waitpid(pid, &status, 0);
    check(status == 0 && word == 5, "the parent's own tid word is not the child's");
    set_tid_address(NULL);
}

// ---- P36
static void parents(void)
{
    int numbers[2];
    pipe(numbers);
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        pid_t brother = clone_copy(CLONE_PARENT);
        if (brother == 0) {
            pid_t me[2] = {getpid(), getppid()};
            write(numbers[1], me, sizeof me);
            _exit(3);
        }
        _exit(waitpid(brother, NULL, 0) == -1 && errno == ECHILD ? 0 : 1);
    }
    int status = -1;
    pid_t told[2] = {0, 0};
    check(waitpid(pid, &status, 0) == pid && status == 0, "who cloned with CLONE_PARENT cannot wait for the child");
    read(numbers[0], told, sizeof told);
    check(told[1] == self, "its getppid() is the grandparent");
    check(waitpid(told[0], &status, 0) == told[0] && status == 3 << 8, "who can wait for it: status 0x%04x", status);
    close(numbers[0]), close(numbers[1]);
}

// ---- P40, P42
static void numbers(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        pause();
    }
    setpgid(pid, pid);
    check(kill(pid, 0) == 0 && getpgid(pid) == pid && getsid(pid) == getsid(0), "kill, getpgid and getsid find the child");
    int status = -1;
    check(kill(-pid, SIGTERM) == 0, "kill of its group reaches it");
    check(waitpid(-pid, &status, 0) == pid && WTERMSIG(status) == SIGTERM, "and ends it: status 0x%04x", status);
    check(kill(pid, 0) == -1 && errno == ESRCH, "then the number is nobody's");
}

// ---- P43, P44
static volatile int thread_go, second_word, seconds_pid;
enum { thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_CHILD_CLEARTID };

static int second_thread(void *unused)
{
    (void)unused;
    seconds_pid = raw(__NR_getpid, 0, 0, 0);
    return 0;
}

/// A thread that makes another: the leader of both is the same.
static int thread(void *unused)
{
    second_word = 1;
    clone(second_thread, stack[1] + sizeof stack[1], thread_flags, unused, NULL, NULL, (int *)&second_word);
    while (!thread_go || second_word)
        raw(__NR_sched_yield, 0, 0, 0);
    return 0;
}

static void thread_group(void)
{
    word = 1;
    pid_t tid = clone(thread, stack[0] + sizeof stack[0], thread_flags, NULL, NULL, NULL, (int *)&word);
    look_here(); // two threads: a list of two under the TGID, one leader in the group's and session's tables
    check(tid > 0 && kill(-getpgrp(), 0) == 0, "a thread, in the group by its leader");
    thread_go = 1;
    while (word)
        sched_yield();
    check(seconds_pid == getpid(), "a thread of a thread has the leader's number: %d", seconds_pid);
    look_here();
}

// ---- P46
static long forks_so_far(void)
{
    char text[2048];
    int fd = open("/proc/stat", O_RDONLY);
    long n = read(fd, text, sizeof text - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    char *line = strstr(text, "processes ");
    return line ? atol(line + 10) : -1;
}

static void count_of_forks(void)
{
    long before = forks_so_far();
    in_child(look_here);
    long after = forks_so_far();
    check(before > 0 && (native() ? after > before : after == before + 1), "/proc/stat: processes %ld, then %ld", before, after);
}

// ---- P18
static void bad_tid_pointer(void)
{
    long pid = raw(__NR_clone, CLONE_PARENT_SETTID | SIGCHLD, 0, 16);
    if (pid == 0)
        _exit(0);
    check(pid == -EFAULT, "CLONE_PARENT_SETTID with a bad pointer: EFAULT, no child: %ld", pid);
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "there is none");
}

// ---- T06
struct user_desc {
    unsigned int entry, base, limit, flags;
};

/// clone(flags, stack, tls = esi): the child stores what %gs:0 holds into *seen and exits.
long clone_settls(long flags, void *child_stack, struct user_desc *tls, volatile unsigned *seen);
__asm__("    .text\n"
        "    .globl clone_settls, settls_trap\n"
        "clone_settls:\n"
        "    pushl %ebp\n"
        "    pushl %ebx\n"
        "    pushl %esi\n"
        "    movl 16(%esp), %ebx\n"
        "    movl 20(%esp), %ecx\n"
        "    movl 24(%esp), %esi\n"
        "    movl 28(%esp), %ebp\n"
        "    movl $120, %eax\n"
        "settls_trap:\n"
        "    int $0x80\n"
        "    testl %eax, %eax\n"
        "    jz 1f\n"
        "    popl %esi\n"
        "    popl %ebx\n"
        "    popl %ebp\n"
        "    ret\n"
        "1:  movl %gs:0, %eax\n"
        "    movl %eax, (%ebp)\n"
        "    xorl %ebx, %ebx\n"
        "    movl $1, %eax\n"
        "    int $0x80\n");

static void thread_area(void)
{
    static volatile unsigned mine = 0x0b5e55ed, childs = 0xc001c0de, seen;
    unsigned short gs;
    __asm__("movw %%gs, %0" : "=r"(gs));
    enum { flags = 0x51 }; // 32-bit, limit in pages, usable
    if (!gs) {
        struct user_desc area = {-1u, (unsigned)&mine, 0xfffff, flags};
        check(raw(__NR_set_thread_area, (long)&area, 0, 0) == 0, "set_thread_area: entry %u", area.entry);
        __asm__ volatile("movw %w0, %%gs" : : "r"(area.entry << 3 | 3));
        gs = area.entry << 3 | 3;
    }
    unsigned before, after;
    __asm__ volatile("movl %%gs:0, %0" : "=r"(before));
    struct user_desc tls = {gs >> 3, (unsigned)&childs, 0xfffff, flags};
    long pid = clone_settls(CLONE_VM | CLONE_SETTLS | SIGCHLD, stack[0] + sizeof stack[0], &tls, &seen);
    int status = -1;
    waitpid(pid, &status, 0);
    __asm__ volatile("movl %%gs:0, %0" : "=r"(after));
    check(status == 0 && seen == childs, "CLONE_SETTLS: the child's %%gs:0 is 0x%08x", seen);
    check(before == after && after != childs, "the parent's is as it was");
    if (!native())
        ioperm(0x80, 1, 1); // a refused child gives its copy of the port bitmap back, too
    tls.entry = 5;
    check(clone_settls(CLONE_VM | CLONE_SETTLS | SIGCHLD, stack[0] + sizeof stack[0], &tls, &seen) == -EINVAL,
          "entry 5 is none for threads: EINVAL");
    check(clone_settls(CLONE_VM | CLONE_SETTLS | SIGCHLD, stack[0] + sizeof stack[0], (void *)16, &seen) == -EFAULT,
          "a bad pointer: EFAULT");
}

// ---- F09
static void stopped(void)
{
    word = 0;
    pid_t pid = clone_copy(MY_CLONE_STOPPED);
    if (pid == 0)
        _exit(6);
    int status = -1;
    for (int i = 0; i < 5; i++)
        sched_yield();
    check(waitpid(pid, &status, WNOHANG) == 0, "CLONE_STOPPED: the child does not run");
    kill(pid, SIGCONT);
    check(waitpid(pid, &status, 0) == pid && status == 6 << 8, "until SIGCONT: status 0x%04x", status);
}

int main(void)
{
    if (!native()) { // needs root; and an empty root directory
        mounts();
        mount_outlived();
        ledger_twice("namespaces", tree_of_its_own);
        ledger_twice("execution domains", other_domain);
    }
    tid_words();
    parents();
    numbers();
    thread_group();
    count_of_forks();
    thread_area();
    if (!native()) { // Linux dropped the flag in 2.6.38, and no longer minds where the parent's word is
        stopped();
        bad_tid_pointer();
    }
    return finish();
}
