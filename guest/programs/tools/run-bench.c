// SPDX-License-Identifier: MIT
// Runs the compute kernels of /bench for a host that takes the time outside: a line before and a line after each.
//
//     run-bench [-n TIMES] [NAME...]     all of /bench if none is named; each TIMES times (default 1)
//
//     @ begin NAME
//     NAME rounds=N checksum=XXXXXXXX    (the kernel's own line, TIMES times)
//     @ end NAME STATUS
//     @ done

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TCSBRK 0x5409 // with an argument other than 0: wait until the output is out

enum { MOST = 64 };

/// Says it and waits until a serial line has carried it, so that the host's clock is not ahead.
static void announce(const char *what, const char *name, int status)
{
    if (status < 0)
        printf("@ %s %s\n", what, name);
    else
        printf("@ %s %s %d\n", what, name, status);
    fflush(stdout);
    ioctl(1, TCSBRK, 1);
}

static int run_once(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/bench/%s", name);
    pid_t pid = fork();
    if (pid == 0) {
        execl(path, name, (char *)NULL);
        _exit(127);
    }
    int status = -1;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run(const char *name, int times)
{
    int status = 0;
    announce("begin", name, -1);
    while (times-- > 0 && status == 0)
        status = run_once(name);
    announce("end", name, status);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/// The names in /bench, sorted: the same order on every machine.
static int list_kernels(char *names[MOST])
{
    int count = 0;
    DIR *directory = opendir("/bench");
    if (!directory)
        return 0;
    for (struct dirent *entry; count < MOST && (entry = readdir(directory));)
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    closedir(directory);
    qsort(names, count, sizeof names[0], by_name);
    return count;
}

int main(int argc, char **argv)
{
    int times = 1, first = 1;
    if (argc > 2 && !strcmp(argv[1], "-n")) {
        times = atoi(argv[2]);
        first = 3;
    }
    char *names[MOST];
    int count = 0;
    for (int i = first; i < argc && count < MOST; i++)
        names[count++] = argv[i];
    if (count == 0)
        count = list_kernels(names);
    for (int i = 0; i < count; i++)
        run(names[i], times);
    announce("done", "", -1);
    return 0;
}
