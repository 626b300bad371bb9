// SPDX-License-Identifier: MIT
// Directories: getdents64 fills a buffer with entries, readdir hands them out one by one.

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

long __getdents64(int fd, void *buffer, size_t size);

struct __directory {
    int fd;
    long used, filled;
    char buffer[2048] __attribute__((aligned(8)));
};

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return NULL;
    DIR *directory = malloc(sizeof *directory);
    if (!directory) {
        close(fd);
        return NULL;
    }
    directory->fd = fd;
    directory->used = directory->filled = 0;
    return directory;
}

struct dirent *readdir(DIR *directory)
{
    if (directory->used == directory->filled) {
        directory->filled = __getdents64(directory->fd, directory->buffer, sizeof directory->buffer);
        directory->used = 0;
        if (directory->filled <= 0) {
            directory->filled = 0;
            return NULL;
        }
    }
    struct dirent *entry = (struct dirent *)(directory->buffer + directory->used);
    directory->used += entry->d_reclen;
    return entry;
}

int closedir(DIR *directory)
{
    int fd = directory->fd;
    free(directory);
    return close(fd);
}
