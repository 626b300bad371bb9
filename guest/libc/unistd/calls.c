// SPDX-License-Identifier: MIT
// Small functions whose system call has another shape than the function.

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

long __getcwd(char *buffer, size_t size);
long __mmap2(void *address, size_t length, int protection, int flags, int fd, unsigned long page);
int __reboot(unsigned int magic1, unsigned int magic2, int command, void *argument);

pid_t wait(int *status)
{
    return waitpid(-1, status, 0);
}

/// The call returns the length, the function the buffer.
char *getcwd(char *buffer, size_t size)
{
    return __getcwd(buffer, size) < 0 ? NULL : buffer;
}

/// mmap2 counts the offset in pages, so that it reaches beyond 4 GB.
void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
    if (offset & 4095) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    return (void *)__mmap2(address, length, protection, flags, fd, (unsigned long)offset >> 12);
}

loff_t lseek64(int fd, loff_t offset, int whence)
{
    loff_t result;
    return _llseek(fd, (unsigned long)(offset >> 32), (unsigned long)offset, &result, whence) < 0 ? -1 : result;
}

int reboot(int command, void *argument)
{
    return __reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command, argument);
}

int mkfifo(const char *path, mode_t mode)
{
    return mknod(path, S_IFIFO | mode, 0);
}

int usleep(unsigned int microseconds)
{
    struct timespec wanted = {microseconds / 1000000, microseconds % 1000000 * 1000};
    return nanosleep(&wanted, NULL);
}

unsigned int sleep(unsigned int seconds)
{
    struct timespec wanted = {seconds, 0}, left = {0, 0};
    return nanosleep(&wanted, &left) < 0 ? left.tv_sec : 0;
}

int tcgetattr(int fd, struct termios *to)
{
    return ioctl(fd, TCGETS, to);
}

int tcsetattr(int fd, int when, const struct termios *from)
{
    return ioctl(fd, TCSETS + when, from);
}

/// What is a terminal has terminal settings.
int isatty(int fd)
{
    struct termios settings;
    return tcgetattr(fd, &settings) == 0;
}

pid_t tcgetpgrp(int fd)
{
    pid_t pgrp;
    return ioctl(fd, TIOCGPGRP, &pgrp) < 0 ? -1 : pgrp;
}

int tcsetpgrp(int fd, pid_t pgrp)
{
    return ioctl(fd, TIOCSPGRP, &pgrp);
}
