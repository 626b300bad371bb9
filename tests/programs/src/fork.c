// SPDX-License-Identifier: MIT
// fork, pipe, wait: the child's writes do not show in the parent's memory, its words and its status do.
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int shared = 1;

int main(void) {
    int ends[2], status = 0;
    char word[16] = "";
    if (pipe(ends)) return 1;
    pid_t pid = fork();
    if (pid == 0) {
        shared = 2;
        write(ends[1], "from child", 10);
        _exit(7);
    }
    close(ends[1]);
    read(ends[0], word, sizeof word - 1);
    if (waitpid(pid, &status, 0) != pid) return 1;
    printf("%s, status %d, shared %d\n", word, WEXITSTATUS(status), shared);
    return 0;
}
