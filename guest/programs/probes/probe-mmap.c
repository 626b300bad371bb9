// SPDX-License-Identifier: MIT
// Memory as programs map it: files shared and private, what becomes of them when a file shrinks, shared memory across
// fork, mremap, the stack and its limit, locked memory, and what /proc says of it all.
// Truth: mmap(2), mremap(2), mincore(2), mlock(2), getrlimit(2), proc(5);
// the same program on a host's Linux. Symbols: none.

#include "probe.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define PAGE 4096
#ifndef MAP_GROWSDOWN
#define MAP_GROWSDOWN 0x100
#endif
#define AS_LIMIT 9
#define DATA_LIMIT 2
#define STACK_LIMIT 3
#define MEMLOCK_LIMIT 8

static const char path[] = "/tmp/probe-mmap.tmp";
static int file;

static long sys(long number, long a, long b, long c, long d)
{
    long result = syscall(number, a, b, c, d);
    return result == -1 ? -errno : result;
}
static char *map(int length, int prot, int flags, int fd) { return mmap(NULL, length, prot, flags, fd, 0); }
static char *anonymous(int pages) { return map(pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1); }
static void limit(int which, unsigned long soft)
{
    unsigned long values[2] = {soft, soft};
    sys(__NR_setrlimit, which, (long)values, 0, 0);
}

/// The signal that ends a child which calls `function`, or 0.
static int signal_of(void (*function)(void))
{
    int status = in_child(function);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static char *where;
static void read_there(void) { *(volatile char *)where; }
static void write_there(void) { *(volatile char *)where = 1; }

static void shared_file(void)
{
    char text[8] = "";
    char *page = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file);
    memcpy(page + 2, "XY", 2);
    lseek(file, 0, SEEK_SET);
    check(read(file, text, 6) == 6 && memcmp(text, "01XY45", 6) == 0, "what is written to a shared mapping, read() sees");
    lseek(file, 4, SEEK_SET);
    write(file, "ab", 2);
    check(memcmp(page, "01XYab", 6) == 0, "what write() writes, the mapping sees");
    pid_t pid = fork();
    if (pid == 0) {
        page[0] = 'c';
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    check(page[0] == 'c', "what a child writes, the parent sees");
    check(sys(__NR_msync, (long)page, PAGE, 4, 0) == 0 && sys(__NR_msync, (long)page, PAGE, 5, 0) == -EINVAL &&
              sys(__NR_msync, (long)page + 1, PAGE, 4, 0) == -EINVAL, "msync");
    where = page + PAGE;
    check(signal_of(read_there) == SIGBUS, "the page behind the end of the file: SIGBUS");
    check(page[100] == 0, "the rest of the file's last page is zeros");
    ftruncate(file, 2 * PAGE);
    check(signal_of(read_there) == 0, "after the file has grown, it is there");
    page[PAGE] = 7;
    ftruncate(file, 10);
    check(signal_of(read_there) == SIGBUS, "after it has shrunk, no more");
    ftruncate(file, 2 * PAGE);
    check(page[PAGE] == 0, "and what was cut off does not come back");
    munmap(page, 2 * PAGE);
}

static void private_file(void)
{
    char *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file);
    char text[4] = "";
    check(page[2] == 'X', "a private mapping shows the file");
    page[2] = 'p';
    lseek(file, 2, SEEK_SET);
    check(read(file, text, 1) == 1 && text[0] == 'X', "what is written there stays out of the file");
    lseek(file, 3, SEEK_SET);
    write(file, "Z", 1);
    check(page[3] == 'Y' && page[2] == 'p', "and the copy keeps what it had");
    check(sys(__NR_madvise, (long)page, PAGE, 4, 0) == 0 && page[2] == 'X' && page[3] == 'Z', "MADV_DONTNEED: the file again");
    ftruncate(file, 0);
    where = page;
    check(signal_of(read_there) == SIGBUS, "a file of 0 bytes: SIGBUS in the private mapping, too");
    ftruncate(file, PAGE);
    munmap(page, PAGE);
}

static void access_rights(void)
{
    int reader = open(path, O_RDONLY), writer = open(path, O_WRONLY), directory = open("/", O_RDONLY);
    check(map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader) == MAP_FAILED && errno == EACCES, "shared and writable from a reader: EACCES");
    check(map(PAGE, PROT_READ, MAP_SHARED, writer) == MAP_FAILED && errno == EACCES, "any from a writer: EACCES");
    check(map(PAGE, PROT_READ, MAP_PRIVATE, directory) == MAP_FAILED && errno == ENODEV, "a directory: ENODEV");
    char *page = map(PAGE, PROT_READ, MAP_SHARED, reader);
    check(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES, "mprotect cannot give what open did not: EACCES");
    where = page;
    check(signal_of(write_there) == SIGSEGV, "a write to a page that is read-only: SIGSEGV");
    check(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, reader, 0) == MAP_FAILED && errno == EINVAL, "no length: EINVAL");
    check(mmap((void *)0x1001, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, reader, 0) == MAP_FAILED && errno == EINVAL, "MAP_FIXED, not on a page: EINVAL");
    check(map(PAGE, PROT_READ, 0, reader) == MAP_FAILED && errno == EINVAL, "neither shared nor private: EINVAL");
    check(map(PAGE, PROT_READ, MAP_PRIVATE, 99) == MAP_FAILED && errno == EBADF, "no such descriptor: EBADF");
    munmap(page, PAGE);
    close(reader);
    close(writer);
    close(directory);
}

static void shared_anonymous(void)
{
    volatile int *page = (void *)map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
    pid_t pid = fork();
    if (pid == 0) {
        page[0] = 1;
        page[PAGE / 4] = 2;
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    check(page[0] == 1 && page[PAGE / 4] == 2, "shared memory without a file reaches over fork");
    char *grown = (void *)sys(__NR_mremap, (long)page, 2 * PAGE, 4 * PAGE, 1);
    where = grown + 3 * PAGE;
    check(((int *)grown)[0] == 1 && signal_of(read_there) == SIGBUS, "mremap makes the area longer, not the object: SIGBUS behind it");
    munmap(grown, 4 * PAGE);
}

static void remapped(void)
{
    char *area = anonymous(8);
    for (int i = 0; i < 8; i++)
        area[i * PAGE] = 'a' + i;
    check(sys(__NR_mremap, (long)area, 8 * PAGE, 4 * PAGE, 0) == (long)area, "mremap to less stays in place");
    where = area + 4 * PAGE;
    check(signal_of(read_there) == SIGSEGV, "the rest is gone");
    char *guard = mmap(area + 4 * PAGE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    check(sys(__NR_mremap, (long)area, 4 * PAGE, 6 * PAGE, 0) == -ENOMEM, "no room and no MAYMOVE: ENOMEM");
    char *moved = (char *)sys(__NR_mremap, (long)area, 4 * PAGE, 6 * PAGE, 1);
    check(moved != area && moved[0] == 'a' && moved[3 * PAGE] == 'd' && moved[5 * PAGE] == 0, "it moves, with what is in it");
    check(sys(__NR_mremap, (long)moved, PAGE, PAGE, 8) == -EINVAL && sys(__NR_mremap, (long)moved + 1, PAGE, PAGE, 0) == -EINVAL &&
              sys(__NR_mremap, 0x10000, PAGE, 2 * PAGE, 0) == -EFAULT, "bad flag, bad place, nothing there");
    munmap(moved, 6 * PAGE);
    munmap(guard, PAGE);
}

static void resident(void)
{
    unsigned char there[4];
    char *area = anonymous(4);
    area[PAGE] = 1;
    check(sys(__NR_mincore, (long)area, 4 * PAGE, (long)there, 0) == 0 && !(there[0] & 1) && (there[1] & 1) && !(there[2] & 1), "mincore");
    check(sys(__NR_mincore, (long)area + 1, PAGE, (long)there, 0) == -EINVAL && sys(__NR_mincore, 0x10000, PAGE, (long)there, 0) == -ENOMEM &&
              sys(__NR_mincore, (long)area, PAGE, 0x10000, 0) == -EFAULT, "mincore refuses");
    char *there_at_once = map(2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | 0x8000, -1);
    sys(__NR_mincore, (long)there_at_once, 2 * PAGE, (long)there, 0);
    check((there[0] & 1) && (there[1] & 1), "MAP_POPULATE");
    munmap(area + 2 * PAGE, PAGE);
    check(sys(__NR_madvise, (long)area, 4 * PAGE, 4, 0) == -ENOMEM && area[PAGE] == 0, "madvise over a hole: ENOMEM, but done");
    check(sys(__NR_madvise, (long)area, PAGE, 99, 0) == -EINVAL, "unknown advice: EINVAL");
}

static void locked(void)
{
    char *area = anonymous(4);
    check(sys(__NR_mlock, (long)area, 2 * PAGE, 0, 0) == 0, "mlock");
    unsigned char there[2] = {0};
    sys(__NR_mincore, (long)area, 2 * PAGE, (long)there, 0);
    check((there[0] & 1) && (there[1] & 1), "brings the pages in");
    check(sys(__NR_madvise, (long)area, PAGE, 4, 0) == -EINVAL, "locked memory is not given away: EINVAL");
    check(sys(__NR_mlock, 0x10000, PAGE, 0, 0) == -ENOMEM, "a hole cannot be locked: ENOMEM");
    check(sys(__NR_munlock, (long)area, 2 * PAGE, 0, 0) == 0 && sys(__NR_madvise, (long)area, PAGE, 4, 0) == 0, "munlock");
    if (getuid() == 0)
        setuid(1000);
    limit(MEMLOCK_LIMIT, 2 * PAGE);
    check(sys(__NR_mlock, (long)area, 3 * PAGE, 0, 0) == -ENOMEM && sys(__NR_mlock, (long)area, 2 * PAGE, 0, 0) == 0, "RLIMIT_MEMLOCK: ENOMEM");
    limit(MEMLOCK_LIMIT, 0);
    check(sys(__NR_mlock, (long)area + 3 * PAGE, PAGE, 0, 0) == -EPERM, "a limit of 0: EPERM");
    _exit(failures != 0);
}

static void limits(void)
{
    limit(AS_LIMIT, 32 << 20);
    check(anonymous(16384) == MAP_FAILED && errno == ENOMEM, "RLIMIT_AS: ENOMEM");
    char *area = anonymous(16);
    check(area != MAP_FAILED && sys(__NR_mremap, (long)area, 16 * PAGE, 64 << 20, 1) == -ENOMEM, "for mremap, too");
    long now = sys(__NR_brk, 0, 0, 0, 0);
    check(sys(__NR_brk, now + (64 << 20), 0, 0, 0) == now, "and brk stays where it is");
    limit(DATA_LIMIT, PAGE);
    check(sys(__NR_brk, now + (1 << 20), 0, 0, 0) == now, "RLIMIT_DATA holds brk");
    _exit(failures != 0);
}

static __attribute__((noinline)) int deep(int pages)
{
    volatile char room[PAGE];
    room[0] = pages;
    return pages ? deep(pages - 1) + room[0] : 0;
}
static void deep_100(void) { deep(100); }
static void deep_small(void)
{
    limit(STACK_LIMIT, 64 * 1024);
    deep(100);
}
static void far_below(void) { *((volatile char *)__builtin_frame_address(0) - 4 * 1024 * 1024) = 1; }
static void push_all(void)
{
    // ESP at the lowest byte of a page of the stack: pusha writes 32 bytes below it, into the page that is not there yet.
    __asm__ volatile("movl %%esp, %%ebx\n\tsubl $0x20000, %%esp\n\tandl $0xfffff000, %%esp\n\tpusha\n\tmovl %%ebx, %%esp" ::: "ebx", "memory");
}
/// 64 bytes below an ESP at the beginning of a page that is not there yet: newer kernels grow the stack for that, too.
static void below_esp(void)
{
    __asm__ volatile("movl %%esp, %%ebx\n\tsubl $0x20000, %%esp\n\tandl $0xfffff000, %%esp\n\tmovl $1, -64(%%esp)\n\tmovl %%ebx, %%esp" ::: "ebx", "memory");
}
static void guarded(void)
{
    char *top = (char *)((unsigned long)__builtin_frame_address(0) & ~(PAGE - 1UL));
    if (mmap(top - 64 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        _exit(1);
    deep(100); // runs into the area: not over it
}

static void stack(void)
{
    check(signal_of(deep_100) == 0, "the stack grows");
    check(signal_of(deep_small) == SIGSEGV, "not beyond RLIMIT_STACK: SIGSEGV");
    check(signal_of(push_all) == 0, "pusha may write 32 bytes below ESP, into a page that is not there yet");
    check(signal_of(far_below) == (native() ? 0 : SIGSEGV), "an access far below ESP is none of the stack's");
    check(signal_of(below_esp) == (native() ? 0 : SIGSEGV), "64 bytes below ESP no instruction of the stack's reaches");
    check(signal_of(guarded) == SIGSEGV, "the stack does not grow into its neighbour: SIGSEGV");
    char *area = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
    check(area != MAP_FAILED, "MAP_GROWSDOWN");
}

/// The line of /proc/self/maps that begins with this address.
static int maps_line(void *address, char *line, int size)
{
    static char text[16384];
    char wanted[16];
    int fd = open("/proc/self/maps", O_RDONLY), n = 0, got;
    while ((got = read(fd, text + n, sizeof text - 1 - n)) > 0)
        n += got;
    close(fd);
    text[n] = 0;
    snprintf(wanted, sizeof wanted, "%08lx-", (unsigned long)address);
    char *found = strstr(text, wanted), *end = found ? strchr(found, '\n') : NULL;
    if (!end || end - found >= size)
        return 0;
    memcpy(line, found, end - found);
    line[end - found] = 0;
    return 1;
}

static long mem(long number, int fd, char *byte, char *address)
{
    long result = syscall(number, fd, byte, 1, address, 0);
    return result == -1 ? -errno : result;
}

static void proc_files(void)
{
    char line[256] = "", byte = 0;
    char *page = map(PAGE, PROT_READ, MAP_SHARED, file);
    check(maps_line(page, line, sizeof line) && strstr(line, " r--s 00000000 ") && strcmp(line + (native() ? 73 : 49), path) == 0, "/proc/self/maps: %s", line);
    mprotect(page, PAGE, PROT_READ | PROT_EXEC);
    check(maps_line(page, line, sizeof line) && strstr(line, " r-xs "), "after mprotect: %s", line);
    munmap(page, PAGE);
    check(!maps_line(page, line, sizeof line), "after munmap there is no line");
    char *area = mmap((void *)0x70000000, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), expected[64];
    if (!native()) { // later kernels name what has no file, and say 0 for its place in it
        snprintf(expected, sizeof expected, "%08lx-%08lx rw-p %08lx 00:00 0 ", (unsigned long)area, (unsigned long)area + PAGE, (unsigned long)area);
        check(maps_line(area, line, sizeof line) && strcmp(line, expected) == 0, "memory without a file: %s", line);
        check(maps_line((void *)0xffffe000, line, sizeof line) && strcmp(line, "ffffe000-fffff000 ---p 00000000 00:00 0 ") == 0,
              "the gate page: %s", line);
    }
    area[5] = 'm';
    int fd = open("/proc/self/mem", O_RDWR);
    check(mem(__NR_pread64, fd, &byte, area + 5) == 1 && byte == 'm', "/proc/self/mem reads");
    byte = 'n';
    check(mem(__NR_pwrite64, fd, &byte, area + 6) == 1 && area[6] == 'n', "and writes");
    check(mem(__NR_pread64, fd, &byte, (char *)0x10000) == -EIO, "where nothing is: EIO");
    close(fd);
}

int main(void)
{
    file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    write(file, "0123456789", 10);
    shared_file();
    private_file();
    access_rights();
    shared_anonymous();
    remapped();
    resident();
    check(in_child(locked) == 0, "locked memory");
    check(in_child(limits) == 0, "limits");
    stack();
    proc_files();
    close(file);
    unlink(path);
    return finish();
}
