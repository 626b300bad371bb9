// SPDX-License-Identifier: MIT
// A command of the shell: system, popen, pclose. One function of the library, several system calls.  [W17]

#include "../stdio/file.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void __attribute__((noreturn)) become_shell(const char *command)
{
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127); // as the shell says "not found"
}

static int wait_for(pid_t child)
{
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return status;
}

/// fork, execve, waitpid. Without a command: is there a shell?
int system(const char *command)
{
    if (!command)
        return access("/bin/sh", X_OK) == 0;
    pid_t child = fork();
    if (child == 0)
        become_shell(command);
    return child < 0 ? -1 : wait_for(child);
}

/// pipe, fork, dup2, execve: the command's output ("r") or input ("w") is the other end of the stream.
FILE *popen(const char *command, const char *mode)
{
    int ends[2], ours = mode[0] == 'w';
    if (pipe(ends) < 0)
        return NULL;
    FILE *file = fdopen(ends[ours], mode);
    pid_t child = file ? fork() : -1;
    if (child == 0) {
        dup2(ends[!ours], !ours);
        close(ends[0]);
        close(ends[1]);
        become_shell(command);
    }
    close(ends[!ours]);
    if (child < 0) {
        int error = errno;
        if (file)
            fclose(file);
        else
            close(ends[ours]);
        errno = error;
        return NULL;
    }
    file->child = child;
    return file;
}

/// The command's wait status.
int pclose(FILE *file)
{
    pid_t child = file->child;
    fclose(file);
    return wait_for(child);
}
