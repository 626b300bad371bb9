// SPDX-License-Identifier: MIT
// Attributes: modes, times, owners, what stat tells, O_PATH, devices, and the links of /proc/self.
#include "show.h"

#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

static char* volatile nowhere = (char*)8;

static void show_mode(const char* path) {
    struct stat status;
    if (lstat(path, &status)) perror(path);
    printf("%s has mode %o\n", path, status.st_mode);
}

static void show_times(const char* path) {
    struct stat status;
    if (stat(path, &status)) perror(path);
    printf("%s: %ld.%09ld %ld.%09ld\n", path, (long)status.st_atim.tv_sec, status.st_atim.tv_nsec,
           (long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
}

static void modes(int fd) {
    puts("-- modes");
    SHOW(chmod("file", 07777));
    show_mode("file");
    SHOW(chmod("soft", 0600)); // a link's target
    show_mode("file");
    show_mode("soft");
    SHOW(chmod("missing", 0));
    SHOW(fchmod(fd, 0640));
    SHOW(fchmod(999, 0));
    SHOW(chmod("file", 06755));
    SHOW(chown("file", -1, -1));
    show_mode("file");
    SHOW(chown("file", 0, 0));
    SHOW(chown("missing", -1, -1));
    SHOW(lchown("soft", -1, -1));
    SHOW(fchownat(AT_FDCWD, "file", -1, -1, 0x8000));
    SHOW(chmod("file", 0600));
    SHOW(access("file", R_OK | W_OK));
    SHOW(access("file", X_OK));
    SHOW(access("file", 0x20));
    SHOW(access("missing", F_OK));
    SHOW(faccessat(AT_FDCWD, "file", R_OK, AT_EACCESS));
    SHOW(mkdir("closed", 0));
    SHOW(open("closed/x", O_RDONLY));
    SHOW(chdir("closed"));
    SHOW(rmdir("closed"));
    SHOW(chroot("."));
}

static void times(int fd) {
    struct timespec pair[2] = {{100, 5}, {200, 7}};
    struct timeval values[2] = {{1, 2}, {3, 4}};
    puts("-- times");
    SHOW(utimensat(AT_FDCWD, "file", pair, 0));
    show_times("file");
    pair[0].tv_nsec = UTIME_OMIT;
    pair[1].tv_sec = 300;
    SHOW(utimensat(AT_FDCWD, "file", pair, 0));
    show_times("file");
    pair[1].tv_nsec = 1000000000;
    SHOW(utimensat(AT_FDCWD, "file", pair, 0));
    SHOW(utimensat(AT_FDCWD, "missing", NULL, 0));
    SHOW(utimensat(AT_FDCWD, "file", NULL, 0x40));
    SHOW(utimes("file", values));
    show_times("file");
    values[0].tv_usec = 1000000;
    SHOW(utimes("file", values));
    SHOW(futimens(fd, NULL));
    SHOW(utimensat(AT_FDCWD, "/dev/null", pair, 0) < 0);
}

static void status_calls(void) {
    struct stat status;
    struct statx extended;
    struct statfs system;
    puts("-- status");
    SHOW(fstat(999, &status));
    SHOW(syscall(SYS_fstat64, 0, nowhere));
    SHOW(syscall(SYS_stat64, "file", nowhere));
    SHOW(fstatat(AT_FDCWD, "", &status, 0));
    SHOW(fstatat(open("file", O_RDONLY), "", &status, AT_EMPTY_PATH));
    SHOW(fstatat(AT_FDCWD, "file", &status, 0x4000000));
    SHOW(statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &extended));
    printf("mode %o, %d bytes, mask %x\n", extended.stx_mode, (int)extended.stx_size, extended.stx_mask & 0x7ff);
    SHOW(statx(AT_FDCWD, "file", 0, 0x80000000, &extended));
    SHOW(statx(AT_FDCWD, "file", 0x6000, 0, &extended));
    SHOW(statfs(".", &system));
    printf("names of up to %ld bytes\n", (long)system.f_namelen);
    SHOW(statfs("missing", &system));
    SHOW(syscall(SYS_statfs64, ".", 80, &system));
}

static void devices(void) {
    char bytes[16] = "x";
    puts("-- devices");
    SHOW(mknod("null", S_IFCHR | 0666, makedev(1, 3)));
    SHOW(mknod("regular", S_IFREG | 0600, 0));
    SHOW(mknod("folder", S_IFDIR | 0600, 0));
    SHOW(mknod("plain", 0600, 0));
    SHOW(mknod("nothing", 0170000 | 0600, 0));
    SHOW(mknod("socket", S_IFSOCK | 0600, 0));
    SHOW(open("socket", O_RDONLY));
    show_mode("plain");
    show_mode("socket");
    int fd = open("/dev/null", O_RDWR);
    SHOW(write(fd, "x", 1));
    SHOW(read(fd, bytes, 1));
    SHOW(lseek(fd, 5, SEEK_SET));
    fd = open("/dev/zero", O_RDWR);
    SHOW(read(fd, bytes, 4));
    printf("%d\n", bytes[0]);
    SHOW(read(fd, nowhere, 4));
    fd = open("/dev/full", O_RDWR);
    SHOW(write(fd, "x", 1));
    SHOW(read(fd, bytes, 4));
    fd = open("/dev/urandom", O_RDONLY);
    SHOW(read(fd, bytes, 16));
    SHOW(isatty(fd));
}

static void paths_only(void) {
    char text[50];
    struct stat status;
    puts("-- O_PATH");
    int fd = open("file", O_PATH), link = open("soft", O_PATH | O_NOFOLLOW);
    SHOW(read(fd, text, 1));
    SHOW(fchmod(fd, 0));
    SHOW(lseek(fd, 0, SEEK_SET));
    SHOW(fcntl(fd, F_SETFL, 0));
    SHOW(fstat(fd, &status));
    SHOW(fcntl(fd, F_GETFL));
    WORKS(dup(fd));
    SHOW(fstat(link, &status));
    printf("mode %o\n", status.st_mode);
    SHOW(readlinkat(link, "", text, sizeof text));
}

/// The last component of what a link in /proc/self/fd leads to.
static void show_descriptor(int fd) {
    char link[50], text[200];
    sprintf(link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = 0;
    char* slash = strrchr(text, '/');
    printf("it leads to %s\n", slash ? slash : strncmp(text, "pipe:[", 6) ? text : "a pipe");
}

static void proc(void) {
    char text[200], link[50];
    int ends[2];
    puts("-- /proc");
    if (pipe(ends)) perror("pipe");
    show_descriptor(ends[0]);
    int fd = open("file", O_RDONLY);
    show_descriptor(fd);
    sprintf(link, "/proc/self/fd/%d", fd);
    int again = open(link, O_RDONLY);
    SHOW(read(again, text, 5));
    SHOW(lseek(fd, 0, SEEK_CUR)); // another open of the file
    make_file("gone", "1");
    fd = open("gone", O_RDONLY);
    unlink("gone");
    show_descriptor(fd);
    sprintf(link, "/proc/self/fd/%d", ends[1]);
    int writer = open(link, O_WRONLY); // one more end of the pipe
    SHOW(write(writer, "through", 7));
    SHOW(read(ends[0], text, 100));
    SHOW(open("/proc/self/missing", O_RDONLY));
    SHOW(open("/proc/4000000/stat", O_RDONLY));
    SHOW(open("/proc/new", O_CREAT | O_RDWR, 0644));
    SHOW(mkdir("/proc/new", 0755));
    fd = open("/proc/self/comm", O_RDONLY);
    SHOW(read(fd, text, 5));
    SHOW(lseek(fd, 2, SEEK_SET));
    SHOW(read(fd, text, 3));
    fd = open("/proc/version", O_RDONLY);
    SHOW(read(fd, text, 5));
    printf("%.5s\n", text);
}

int main(void) {
    enter_scratch_folder();
    make_file("file", "hello world\n");
    if (symlink("file", "soft")) perror("soft");
    int fd = open("file", O_RDONLY);
    modes(fd);
    times(fd);
    status_calls();
    devices();
    paths_only();
    proc();
    return 0;
}
