// SPDX-License-Identifier: MIT
// A pseudo-terminal by glibc's functions, as script and terminal windows use it: openpty and login_tty in a child.
#define _GNU_SOURCE
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static void inside(void)
{
    struct winsize size;
    char line[100];
    ioctl(0, TIOCGWINSZ, &size);
    printf("inside: terminal %d, %d rows, %d columns\n", isatty(0), size.ws_row, size.ws_col);
    printf("own session %d, own group in front %d\n", getsid(0) == getpid(), tcgetpgrp(0) == getpid());
    fflush(stdout);
    if (fgets(line, sizeof line, stdin))
        printf("read %s", line);
    exit(4);
}

int main(void)
{
    struct winsize size = {.ws_row = 31, .ws_col = 77};
    char name[64], text[4096] = "";
    int master, status, n, all = 0;
    pid_t pid = forkpty(&master, name, NULL, &size);
    if (pid < 0)
        return perror("forkpty"), 1;
    if (pid == 0)
        inside();
    printf("slave in /dev/pts: %d\n", strncmp(name, "/dev/pts/", 9) == 0 && strcmp(name, ptsname(master)) == 0);
    if (write(master, "some words\n", 11) != 11)
        return 1;
    while (all < 4000 && (n = read(master, text + all, sizeof text - 1 - all)) > 0)
        all += n;
    waitpid(pid, &status, 0);
    for (char *p = text; (p = strchr(p, '\r'));)
        *p = ' ';
    char *echo = strstr(text, "some words");
    printf("echoed: %d\n", echo != NULL);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
        if (strncmp(line, "some words", 10))
            printf("%s\n", line);
    printf("status %d\n", WEXITSTATUS(status));
    return 0;
}
