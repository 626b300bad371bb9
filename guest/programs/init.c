// SPDX-License-Identifier: MIT
// PID 1. Makes the system usable, runs one program, reaps whatever ends, and reports how the program ended.
//
// Which program: the host that boots us for `trapgate run PROG ARGS` leaves it in /.trapgate:
//     argv, env   strings, each ended by a zero byte        cwd   directory        exe   path of PROG
// Without that directory it is what init's arguments say (on the kernel's command line behind "--"), or a shell, or the
// first demo.
//
// The raw wait status of the program goes to the host through reboot(RB_TRAPGATE_EXIT): it makes the machine stop.

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TCSBRK 0x5409

/// What to run. `argv` and `env` end with NULL.
struct job {
    const char *exe, *cwd;
    char **argv, **env;
};

static void complain(const char *what)
{
    dprintf(2, "init: %s: %s\n", what, strerror(errno));
}

// ---- files that programs expect ---------------------------------------------------------------------------------

struct node {
    const char *path;
    mode_t mode;
    int major, minor;
};

// Numbers of Linux; the host channels are ours, in the range that Linux keeps for local use.
static const struct node nodes[] = {
    {"/dev/console", 0600, 5, 1}, {"/dev/tty", 0666, 5, 0},      {"/dev/ttyS0", 0660, 4, 64},
    {"/dev/ptmx", 0666, 5, 2},
    {"/dev/null", 0666, 1, 3},    {"/dev/zero", 0666, 1, 5},     {"/dev/full", 0666, 1, 7},
    {"/dev/random", 0666, 1, 8},  {"/dev/urandom", 0666, 1, 9},  {"/dev/hostin", 0400, 240, 0},
    {"/dev/hostout", 0200, 240, 1}, {"/dev/hosterr", 0200, 240, 2},
    {"/dev/foo", 0444, 241, 0},
};

static void make_directory(const char *path, mode_t mode)
{
    if (mkdir(path, 0755) < 0) {
        if (errno != EEXIST)
            complain(path);
    } else if (mode != 0755 && chmod(path, mode) < 0) {
        complain(path);
    }
}

static void make_devices(void)
{
    make_directory("/dev", 0755);
    for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
        if (mknod(nodes[i].path, S_IFCHR | nodes[i].mode, nodes[i].major << 8 | nodes[i].minor) < 0 &&
            errno != EEXIST)
            complain(nodes[i].path);
}

static void mount_proc(void)
{
    make_directory("/proc", 0755);
    if (access("/proc/version", F_OK) < 0 && mount("proc", "/proc", "proc", 0, NULL) < 0)
        complain("/proc");
}

static void mount_devpts(void)
{
    make_directory("/dev/pts", 0755);
    if (mount("devpts", "/dev/pts", "devpts", 0, NULL) < 0)
        complain("/dev/pts");
}

static void make_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) {
        if (errno != EEXIST)
            complain(path);
        return;
    }
    if (write(fd, text, strlen(text)) < 0)
        complain(path);
    close(fd);
}

static void furnish(void)
{
    mount_proc();
    mount_devpts();
    make_directory("/tmp", 01777);
    make_directory("/root", 0700);
    make_directory("/etc", 0755);
    make_file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    make_file("/etc/group", "root:x:0:\n");
}

// ---- descriptors 0, 1 and 2 -------------------------------------------------------------------------------------

/// The byte channel to the host, unless the host's descriptor is a terminal (ENXIO) or there is no such channel:
/// then the serial line.
static int open_stream(int n)
{
    static const char *const channels[] = {"/dev/hostin", "/dev/hostout", "/dev/hosterr"};
    int fd = open(channels[n], n == 0 ? O_RDONLY : O_WRONLY);
    if (fd < 0)
        fd = open("/dev/ttyS0", O_RDWR | O_NOCTTY);
    if (fd < 0)
        fd = open("/dev/console", O_RDWR | O_NOCTTY);
    return fd;
}

static void open_streams(void)
{
    for (int n = 0; n < 3; n++) {
        int fd = open_stream(n);
        if (fd >= 0 && fd != n) {
            dup2(fd, n);
            close(fd);
        }
    }
}

// ---- the job ----------------------------------------------------------------------------------------------------

/// The whole file, with a zero byte behind it; NULL if it cannot be read.
static char *read_file(const char *path, size_t *length)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return NULL;
    size_t room = 4096, used = 0;
    char *text = malloc(room + 1);
    ssize_t n = 1;
    while (text && (n = read(fd, text + used, room - used)) > 0) {
        used += n;
        if (used == room)
            text = realloc(text, (room *= 2) + 1);
    }
    close(fd);
    if (!text || n < 0)
        return NULL;
    text[used] = 0;
    *length = used;
    return text;
}

/// A vector of the zero-ended strings in `text`.
static char **split(char *text, size_t length)
{
    int count = 0;
    for (size_t i = 0; i < length; i++)
        count += text[i] == 0;
    char **strings = calloc(count + 1, sizeof *strings);
    for (int i = 0; strings && i < count; i++) {
        strings[i] = text;
        text += strlen(text) + 1;
    }
    return strings;
}

/// For a host that gave none. One that did is taken at its word, also when it is empty.
static char **default_environment(void)
{
    static char *environment[] = {"PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TERM=linux", NULL};
    return environment;
}

/// Reads the host's four files, removes them, and fills `job`. False if they are not there.
static int read_job(struct job *job)
{
    size_t length;
    char *text = read_file("/.trapgate/argv", &length);
    if (!text)
        return 0;
    job->argv = split(text, length);
    text = read_file("/.trapgate/env", &length);
    job->env = text ? split(text, length) : default_environment();
    job->cwd = read_file("/.trapgate/cwd", &length);
    job->exe = read_file("/.trapgate/exe", &length);
    if (!job->exe)
        job->exe = job->argv[0];

    unlink("/.trapgate/argv");
    unlink("/.trapgate/env");
    unlink("/.trapgate/cwd");
    unlink("/.trapgate/exe");
    if (rmdir("/.trapgate") < 0)
        complain("/.trapgate");
    return 1;
}

static void invent_job(struct job *job, char **argv)
{
    static char *shell[] = {"sh", NULL}, *busybox[] = {"busybox", "sh", NULL}, *hello[] = {"01-hello", NULL};
    job->env = default_environment();
    if (argv[0] && argv[1]) {
        job->argv = argv + 1;
        job->exe = argv[1];
    } else if (access("/bin/sh", X_OK) == 0) {
        job->argv = shell;
        job->exe = "/bin/sh";
    } else if (access("/bin/busybox", X_OK) == 0) {
        job->argv = busybox;
        job->exe = "/bin/busybox";
    } else {
        job->argv = hello;
        job->exe = "/demos/01-hello";
    }
}

// ---- running it -------------------------------------------------------------------------------------------------

/// A session of its own; if one of its descriptors is a terminal, that becomes the controlling one.
static void begin_session(void)
{
    setsid();
    for (int fd = 0; fd < 3; fd++)
        if (isatty(fd)) {
            if (ioctl(fd, TIOCSCTTY, 0) < 0)
                complain("controlling terminal");
            return;
        }
}

/// Says why the program cannot run, with the shell's exit codes: 127 not found, 126 not usable.
static void fail(const char *what)
{
    int status = errno == ENOENT ? 127 : 126;
    dprintf(2, "trapgate: %s: %s\n", what, strerror(errno));
    _exit(status);
}

static void become(const struct job *job)
{
    begin_session();
    if (job->cwd && *job->cwd && chdir(job->cwd) < 0)
        fail(job->cwd);
    execve(job->exe, job->argv, job->env);
    fail(job->argv[0] ? job->argv[0] : job->exe);
}

/// Waits for `child`; orphans that were handed to us are reaped on the way.
static int wait_for(pid_t child)
{
    for (;;) {
        int status;
        pid_t pid = wait(&status);
        if (pid == child)
            return status;
        if (pid < 0 && errno != EINTR) {
            complain("wait");
            return 125 << 8;
        }
    }
}

static void __attribute__((noreturn)) report(int status)
{
    for (int fd = 1; fd < 3; fd++)
        if (isatty(fd))
            ioctl(fd, TCSBRK, 1); // wait until the last character has left
    reboot(RB_TRAPGATE_EXIT, &status);
    complain("reboot");
    reboot(RB_POWER_OFF, NULL);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    (void)argc;
    if (getpid() != 1) {
        dprintf(2, "init: runs as process 1 only\n");
        return 1;
    }
    umask(0); // modes as they are written below
    make_devices();
    open_streams();
    furnish();
    umask(022);

    struct job job = {.cwd = "/"};
    if (!read_job(&job))
        invent_job(&job, argv);

    pid_t child = fork();
    if (child < 0) {
        complain("fork");
        report(125 << 8);
    }
    if (child == 0)
        become(&job);
    report(wait_for(child));
}
