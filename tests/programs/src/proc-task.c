// SPDX-License-Identifier: MIT
// /proc/PID/task: a directory for each thread, gone when the thread is; names in order, the same files as the process but no `task`.
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t begun, done;
static int tids[3];

static void* wait_there(void* argument) {
    *(int*)argument = (int)syscall(SYS_gettid);
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&done);
    return NULL;
}

/// How many names of digits; -1: no such directory.
static int threads_listed(const char* folder) {
    DIR* all = opendir(folder);
    if (!all) return -1;
    int count = 0, last = 0, in_order = 1;
    for (struct dirent* one; (one = readdir(all));) {
        if (one->d_name[0] == '.') continue;
        ++count;
        in_order &= atoi(one->d_name) > last && one->d_type == DT_DIR;
        last = atoi(one->d_name);
    }
    closedir(all);
    return in_order ? count : -2;
}

static void field(const char* path, const char* name, int expected) {
    char line[200];
    FILE* status = fopen(path, "r");
    const size_t length = strlen(name);
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, name, length) == 0) printf("%s %s\n", name, atoi(line + length) == expected ? "as expected" : line);
    if (status) fclose(status);
}

static void there(const char* what, const char* path) {
    const int found = access(path, F_OK) == 0;
    printf("%s: %s\n", what, found ? "there" : strerror(errno));
}

int main(void) {
    pthread_t threads[3];
    char path[100];
    pthread_barrier_init(&begun, NULL, 4);
    pthread_barrier_init(&done, NULL, 4);
    printf("alone: %d\n", threads_listed("/proc/self/task"));
    for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, wait_there, &tids[i]);
    pthread_barrier_wait(&begun);
    printf("with three more: %d\n", threads_listed("/proc/self/task"));
    snprintf(path, sizeof path, "/proc/%d/task/%d/status", getpid(), tids[1]);
    field(path, "Tgid:", getpid());
    field(path, "Pid:", tids[1]);
    snprintf(path, sizeof path, "/proc/self/task/%d/task", tids[1]);
    there("task of a thread", path);
    snprintf(path, sizeof path, "/proc/self/task/%d", getppid());
    there("another process", path);
    there("a word", "/proc/self/task/x");
    pthread_barrier_wait(&done);
    for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
    snprintf(path, sizeof path, "/proc/self/task/%d", tids[1]);
    for (int tries = 0; access(path, F_OK) == 0 && tries < 1000; ++tries) usleep(1000); // joined a little before it is gone
    there("joined", path);
    pid_t child = fork();
    if (child == 0) _exit(0);
    snprintf(path, sizeof path, "/proc/%d/task", child);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    printf("a zombie: %d\n", threads_listed(path));
    waitpid(child, NULL, 0);
    printf("reaped: %d\n", threads_listed(path));
    return 0;
}
