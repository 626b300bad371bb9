// SPDX-License-Identifier: MIT
// One read() for every kind of file: the program cannot tell what is behind a descriptor.
// Rows: D15 sys_read, vfs_read, and then the file's own read; G02 the uniform abstraction.
//
// A trace of this program shows four different functions at the end of the same chain: ramfs, pipe, tty, proc.

#include "probe.h"

/// The only function here that reads.
static long slurp(int fd, char *to, long room)
{
    long length = 0, n;
    while (length < room - 1 && (n = read(fd, to + length, room - 1 - length)) > 0)
        length += n;
    to[length] = 0;
    return length;
}

static void regular_file(void)
{
    static const char path[] = "/tmp/probe-files.tmp";
    char text[64];
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write(fd, "from a file\n", 12);
    close(fd);
    fd = open(path, O_RDONLY);
    check(slurp(fd, text, sizeof text) == 12 && strcmp(text, "from a file\n") == 0, "regular file: %ld bytes",
          (long)strlen(text));
    close(fd);
    unlink(path);
}

static void pipe_of_a_child(void)
{
    int ends[2];
    char text[64];
    pipe(ends);
    pid_t pid = fork();
    if (pid == 0) {
        write(ends[1], "from a ", 7);
        write(ends[1], "pipe\n", 5);
        _exit(0);
    }
    close(ends[1]);
    check(slurp(ends[0], text, sizeof text) == 12 && strcmp(text, "from a pipe\n") == 0,
          "pipe: %ld bytes, then the end of file", (long)strlen(text));
    close(ends[0]);
    waitpid(pid, NULL, 0);
}

static void proc_file(void)
{
    char text[256];
    int fd = open("/proc/version", O_RDONLY);
    long length = fd < 0 ? -1 : slurp(fd, text, sizeof text);
    check(length > 0 && strncmp(text, "Linux version ", 14) == 0, "/proc/version: %ld bytes, begins \"%.14s\"",
          length, length > 0 ? text : "");
    close(fd);
}

/// The serial line, where nobody types: reading it without blocking ends in the terminal's own read all the same.
static void terminal(void)
{
    int fd = open("/dev/ttyS0", O_RDONLY | O_NOCTTY | O_NONBLOCK);
    char text[64];
    errno = 0;
    long n = fd < 0 ? -2 : read(fd, text, sizeof text);
    check(n >= 0 || (n == -1 && errno == EAGAIN), "/dev/ttyS0: read() %ld, errno %d", n, errno);
    close(fd);
}

static void devices(void)
{
    char text[4] = "abc";
    int fd = open("/dev/zero", O_RDONLY);
    check(read(fd, text, 3) == 3 && memcmp(text, "\0\0\0", 3) == 0, "/dev/zero: zero bytes");
    close(fd);
    fd = open("/dev/null", O_RDONLY);
    check(read(fd, text, 3) == 0, "/dev/null: the end of file");
    close(fd);
}

int main(void)
{
    regular_file();
    pipe_of_a_child();
    proc_file();
    devices();
    if (!native())
        terminal();
    return finish();
}
