// SPDX-License-Identifier: MIT
// For programs that print what system calls answer, so that two kernels can be compared: SHOW(call) prints the call as
// it is written, and its result or the name of its errno. enter_scratch_folder() makes who runs them not matter.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHOW(call)                                                                                                 \
    do {                                                                                                           \
        errno = 0;                                                                                                 \
        long show_result = (long)(call);                                                                           \
        show(#call, show_result);                                                                                  \
    } while (0)
/// For calls whose result is a number that may differ, such as a descriptor.
#define WORKS(call) SHOW((call) < 0 ? -1 : 0)

static void show(const char* call, long result) {
    if (result < 0)
        printf("%s: %s\n", call, errno ? strerrorname_np(errno) : "negative");
    else
        printf("%s = %ld\n", call, result);
}

static void make_file(const char* path, const char* text) {
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) perror(path);
    close(fd);
}

static char scratch_folder[] = "/tmp/showXXXXXX";

static int remove_one(const char* path, const struct stat* status, int type, struct FTW* place) {
    (void)status, (void)type, (void)place;
    return remove(path);
}

static void remove_scratch_folder(void) {
    if (chdir("/") == 0) nftw(scratch_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/// A fresh folder of our own, gone when the program exits; root becomes nobody, because root is refused nothing.
static void enter_scratch_folder(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    if (!mkdtemp(scratch_folder) || chmod(scratch_folder, 0755)) perror(scratch_folder);
    if (geteuid() == 0) {
        if (chown(scratch_folder, 65534, 65534) || setgid(65534) || setuid(65534)) perror("becoming nobody");
    }
    if (chdir(scratch_folder)) perror(scratch_folder);
    atexit(remove_scratch_folder);
}
