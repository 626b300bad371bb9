// SPDX-License-Identifier: MIT
// A fuzzer of system calls that knows their arguments: a round has a few processes, root and others, each with descriptors and
// mappings of every kind, signals on the way and children, which make calls with mostly good values and commit offences. When a round
// is over everybody is killed, what was made is taken back, and the host compares the kernel's accounts (ledger_mark).
// Rows: L07, U02, U03, H10; the "bad input". It needs a machine of its own: on another kernel it does nothing.
//
//     probe-fuzz-calls [SEED [ROUNDS [MILLISECONDS]]]      the same seed does the same; SHOW=1 prints what is called

#include "probe.h"

#include "ledger.h"

#include <sys/calls.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "fuzz-objects.h"
#include "fuzz-offences.h"

enum { NEWNS = 0x00020000, AT_ONCE = 4 };

// ---- lives

static void in_handler(int signal, siginfo_t *info, void *context)
{
    (void)info;
    if (one_in(12) && (unsigned)context > 0xb0000000) { // where it goes on is for the kernel to judge
        unsigned *words = (unsigned *)context;
        words[below(40)] = any_word();
    }
    if (one_in(3))
        one_call();
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGTRAP)
        _exit(3);
}

static void ignoring(int signal) { (void)signal; }

static unsigned handler(void)
{
    switch (below(6)) {
    case 0: return 0;
    case 1: return 1;
    case 2: return any_word();
    case 3: return (unsigned)ignoring;
    default: return (unsigned)in_handler;
    }
}

/// Signals that interrupt what sleeps; without them most of a round would wait.
static void wind_the_clock(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = in_handler;
    for (int signal = 1; signal <= 64; signal++) {
        action.sa_flags = SA_SIGINFO | (one_in(8) ? SA_NODEFER : 0) | (one_in(4) ? SA_ONSTACK : 0) | (one_in(4) ? SA_RESTART : 0);
        sigaction(signal, &action, NULL);
    }
    raw(__NR_rt_sigprocmask, 2, (long)(unsigned[2]){0, 0}, 0);
    long every[4] = {0, 3000 + below(8000), 0, 3000};
    raw(__NR_setitimer, 0, (long)every, 0);
}

static int in_clone(void *argument)
{
    (void)argument;
    for (int i = 0; i < 8; i++)
        one_call();
    return 0;
}

static void child_offends(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        random_state += getpid() * 77;
        for (int i = 1; i <= 64; i++)
            signal(i, one_in(3) ? ignoring : SIG_DFL);
        PICK(offences)();
        _exit(0);
    }
    board->pids[below(SLOTS)] = pid;
}

static void child_executes(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (one_in(4))
            raw(__NR_ptrace, 0, 0, 0);
        if (one_in(3))
            starts_again();
        else
            mutant();
        _exit(1);
    }
    board->pids[below(SLOTS)] = pid;
}

/// A moment at which the host looks whether the kernel's structures agree.
__attribute__((noinline, noclone)) static void look_now(void)
{
    __asm__ volatile("" ::: "memory");
}

static void live(unsigned steps)
{
    static void (*const others[])(void) = {child_offends, child_offends, child_offends, child_executes, semaphores, messages, shared_memory, terminals, watches, opens, unknown_call, any_clone};
    opens();
    for (unsigned step = 0; step < steps; step++) {
        if (step % 8 == 0)
            wind_the_clock();
        look_now();
        if (one_in(4))
            PICK(others)();
        else
            for (int i = 0; i < 8; i++)
                one_call();
        while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
            ;
        if (show < 0 && raw(__NR_getppid, 0, 0, 0) == 1)
            break;
    }
}

static void lay_memory(void)
{
    int anonymous = MAP_ANONYMOUS | MAP_FIXED, fd = open("/big", O_RDWR);
    mmap((void *)BUFFERS, BUFFERS_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | anonymous, -1, 0);
    mmap((void *)READ_ONLY, 4096, PROT_READ, MAP_PRIVATE | anonymous, -1, 0);
    mmap((void *)NO_ACCESS, 4096, PROT_NONE, MAP_PRIVATE | anonymous, -1, 0);
    mmap((void *)CODE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | anonymous, -1, 0);
    mmap((void *)OF_FILE, 0x4000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
    close(fd);
}

static void be_born(unsigned seed, int root)
{
    unsigned long limits[2] = {24, 24}, memory[2] = {24 << 20, 24 << 20}, files[2] = {48, 48}, few[2] = {8192, 8192};
    random_state = seed * 2654435761u | 1;
    is_root = root;
    for (int signal = 1; signal <= 64; signal++)
        sigaction(signal, &(struct sigaction){.sa_handler = SIG_DFL}, NULL);
    sched_setscheduler(0, 0, &(struct sched_param){0});
    setsid();
    chroot("/fuzz");
    chdir("/");
    for (int fd = 0; fd < 4; fd++)
        if (fd != show)
            close(fd);
    raw(__NR_setrlimit, 6, (long)limits, 0);
    raw(__NR_setrlimit, 9, (long)memory, 0);
    raw(__NR_setrlimit, 7, (long)files, 0);
    if (one_in(4))
        raw(__NR_setrlimit, 1, (long)few, 0);
    if (!root)
        setgid(1000), setresuid(1000, 1000, 1000);
    lay_memory();
}

// ---- the supervisor

static void rest(unsigned microseconds) { raw(__NR_nanosleep, (long)(long[2]){0, microseconds * 1000}, 0, 0); }

static void put_file(const char *name, const void *bytes, unsigned size, int mode)
{
    int fd = open(name, O_RDWR | O_CREAT, mode);
    write(fd, bytes, size);
    fchmod(fd, mode);
    close(fd);
}

/// A small world below /fuzz that goes away with its mounts.
static void make_world(void)
{
    static const struct { const char *name; int minor; } devices[] = {{"null", 0x103}, {"zero", 0x105}, {"full", 0x107}, {"random", 0x108}, {"tty", 0x500}, {"ptmx", 0x502}, {"ttyS0", 0x440}, {"foo", 0xf100}};
    char name[40];
    mkdir("/fuzz", 0755);
    mount("none", "/fuzz", "tmpfs", 0, NULL);
    chdir("/fuzz");
    static const char *const folders[] = {"d", "d/e", "m", "proc", "dev", "dev/pts"};
    for (unsigned i = 0; i < sizeof folders / sizeof folders[0]; i++)
        mkdir(folders[i], 0777), chmod(folders[i], 0777);
    mount("proc", "proc", "proc", 0, NULL);
    mount("devpts", "dev/pts", "devpts", 0, NULL);
    for (unsigned i = 0; i < sizeof devices / sizeof devices[0]; i++)
        sprintf(name, "dev/%s", devices[i].name), mknod(name, S_IFCHR | 0666, devices[i].minor), chmod(name, 0666);
    put_file("a", "some text\n", 10, 0666);
    put_file("big", image, 5000, 0666);
    put_file("exe", image, image_size, 0755);
    put_file("suid", image, image_size, 04755);
    put_file("script", "#!/exe x\n", 9, 0755);
    mknod("fifo", S_IFIFO | 0666, 0), chmod("fifo", 0666);
    symlink("d", "link"), symlink("nowhere", "dangling"), symlink("loop", "loop");
    chmod(".", 0777);
    chdir("/");
}

static void end_world(void)
{
    static const char *const mounts[] = {"/fuzz/dev/pts", "/fuzz/proc", "/fuzz"};
    for (unsigned i = 0; i < 3; i++)
        if (umount(mounts[i]) < 0)
            printf("FAIL umount %s: %s\n", mounts[i], strerror(errno));
    for (int id = 0; id < 128; id++) { // what System V keeps: whatever has a number
        raw(__NR_ipc, 3, 0, 0);
        struct { int words[64]; } status;
        long sem = enter(__NR_ipc, (unsigned[6]){3, id, 0, 18 | 0x100, (unsigned)&(unsigned){(unsigned)&status}, 0}, 0);
        long msg = enter(__NR_ipc, (unsigned[6]){14, id, 11 | 0x100, 0, (unsigned)&status, 0}, 0);
        long shm = enter(__NR_ipc, (unsigned[6]){24, id, 13 | 0x100, 0, (unsigned)&status, 0}, 0);
        if (sem >= 0)
            enter(__NR_ipc, (unsigned[6]){3, sem, 0, 0, (unsigned)&(unsigned){0}, 0}, 0);
        if (msg >= 0)
            enter(__NR_ipc, (unsigned[6]){14, msg, 0, 0, 0, 0}, 0);
        if (shm >= 0)
            enter(__NR_ipc, (unsigned[6]){24, shm, 0, 0, 0, 0}, 0);
    }
    put_file("/proc/sys/kernel/hostname", "(none)", 6, 0644);
    put_file("/proc/sys/kernel/domainname", "(none)", 6, 0644);
}

/// Kills everybody but init and us, until nobody is left.
static int clean_up(void)
{
    for (int i = 0; i < 2000; i++) {
        int killed = kill(-1, SIGKILL) == 0;
        while (waitpid(-1, NULL, __WALL | WNOHANG) > 0)
            ;
        if (!killed)
            return 1;
        rest(500);
    }
    return 0;
}

static pid_t start_life(unsigned seed, int root)
{
    pid_t pid = raw(__NR_clone, NEWNS | SIGCHLD, 0, 0); // mounts are each one's own
    if (pid)
        return pid;
    be_born(seed, root);
    live(200);
    _exit(0);
}

/// A place to stop at and look who it is.
__attribute__((noinline, noclone)) static void cannot_be_killed(void)
{
    printf("FAIL somebody cannot be killed\n");
}

/// As long as a round lasts, who has come to an end is followed by another one. Who sleeps is woken.
static void one_round(unsigned seed, unsigned milliseconds)
{
    pid_t pids[AT_ONCE] = {0};
    unsigned births = 0;
    memset(board, 0, sizeof *board);
    make_world();
    for (unsigned turn = 0; turn < milliseconds / 2; turn++) {
        for (int i = 0; i < AT_ONCE; i++)
            if (!pids[i] || waitpid(pids[i], NULL, WNOHANG) != 0)
                pids[i] = start_life(seed * 256 + births++, i % 2);
        rest(2000);
        if (turn % 8 == 7)
            kill(-1, SIGCONT), kill(-1, SIGALRM);
    }
    if (!clean_up())
        cannot_be_killed();
    rest(3000); // init has its turn
    end_world();
}

static void touch_nothing(void) { signal(SIGSEGV, SIG_DFL); *(volatile int *)NO_ACCESS = 1; }

static void prepare(void)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    image_size = read(fd, image, sizeof image);
    close(fd);
    boss = getpid();
    for (int signal = 1; signal <= 64; signal++)
        if (signal != SIGCHLD)
            sigaction(signal, &(struct sigaction){.sa_handler = SIG_IGN}, NULL);
    mmap((void *)BOARD, 0x2000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    memset(board, 0, 0x2000); // both pages are there from now on
    if (getenv("SHOW"))
        show = dup2(1, 3);
    struct sched_param first = {99};
    sched_setscheduler(0, 1, &first); // real time: whatever the others do, it gets the processor
}

/// A life that goes on after execve. It has lost what was mapped.
static int go_on(const char *seed, const char *steps)
{
    random_state = strtoul(seed, NULL, 0) | 1;
    is_root = 1;
    boss = 2;
    mmap((void *)BOARD, 0x2000, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    lay_memory();
    live(atoi(steps));
    return 0;
}

int main(int argc, char **argv)
{
    if (native())
        return 0; // another kernel is not offended
    if (argc == 3 && strcmp(argv[0], "life") == 0)
        return go_on(argv[1], argv[2]);
    if (getppid() != 1 || getpid() != 2)
        return 0; // what a mutant has become
    unsigned seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1, rounds = argc > 2 ? atoi(argv[2]) : 3, length = argc > 3 ? atoi(argv[3]) : 60;
    static char topic[40];
    prepare();
    for (int i = 0; i < 3; i++)
        one_round(900000 + i, length);
    ledger_topic = "begin";
    ledger_mark();
    for (unsigned i = 0; i < rounds; i++) {
        one_round(seed * 1000 + i, length);
        sprintf(topic, "seed %u round %u", seed, i);
        ledger_topic = topic;
        ledger_mark();
    }
    int status = in_child(touch_nothing);
    check(status == 11, "%u rounds, and the kernel is well", rounds);
    return finish();
}
