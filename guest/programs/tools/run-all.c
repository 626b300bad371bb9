// SPDX-License-Identifier: MIT
// Runs programs one after the other and says how each ended; exits 0 only if all ended with 0. For one boot of the
// machine that is to try many things, for instance with /programs/run-all as what init runs.
//
//     run-all [-q] [PROGRAM...]     all of /programs/probe-* if none is named; -q shows the output of failures only

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char output[] = "/tmp/run-all.out";
static int quiet;

static void become(const char *path)
{
    if (quiet) {
        int fd = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        close(fd);
    }
    execl(path, path, (char *)NULL);
    dprintf(2, "run-all: %s: %s\n", path, strerror(errno));
    _exit(127);
}

static void show_output(void)
{
    char buffer[1024];
    int fd = open(output, O_RDONLY);
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;)
        write(1, buffer, n);
    close(fd);
}

/// True if the program ended with 0.
static int run(const char *path)
{
    pid_t pid = fork();
    if (pid == 0)
        become(path);
    int status = -1;
    waitpid(pid, &status, 0);
    if (status != 0 && quiet)
        show_output();
    if (WIFSIGNALED(status))
        printf("%s: %s\n", path, strsignal(WTERMSIG(status)));
    else
        printf("%s: exit code %d\n", path, WEXITSTATUS(status));
    fflush(stdout);
    return status == 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/// The paths of all probes, sorted, ended by NULL.
static char **find_probes(void)
{
    static char *paths[64];
    int count = 0;
    DIR *directory = opendir("/programs");
    if (!directory)
        return paths;
    for (struct dirent *entry; (entry = readdir(directory)) && count < 63;)
        if (strncmp(entry->d_name, "probe-", 6) == 0 && strcmp(entry->d_name, "probe-cat") != 0) {
            char path[300];
            snprintf(path, sizeof path, "/programs/%s", entry->d_name);
            paths[count++] = strdup(path);
        }
    closedir(directory);
    qsort(paths, count, sizeof paths[0], compare);
    return paths;
}

int main(int argc, char **argv)
{
    char **paths = argv + 1;
    if (argc > 1 && strcmp(argv[1], "-q") == 0) {
        quiet = 1;
        paths++;
    }
    if (!*paths)
        paths = find_probes();

    int total = 0, good = 0;
    for (; *paths; paths++, total++)
        good += run(*paths);
    printf("%d of %d ended with 0\n", good, total);
    return good == total && total ? 0 : 1;
}
