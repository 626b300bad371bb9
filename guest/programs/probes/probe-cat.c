// SPDX-License-Identifier: MIT
// cat: copies the named files, or standard input, to standard output. One program for every kind of file.
// Rows: G02 it need not know medium or file system; U02 a bad name gives an error, not more.
//
//     probe-cat [FILE...]

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int complain(const char *name)
{
    dprintf(2, "probe-cat: %s: %s\n", name, strerror(errno));
    return 1;
}

static int copy(int fd, const char *name)
{
    char buffer[4096];
    ssize_t n;
    while ((n = read(fd, buffer, sizeof buffer)) > 0)
        for (ssize_t done = 0, m; done < n; done += m)
            if ((m = write(1, buffer + done, n - done)) < 0)
                return complain("standard output");
    return n < 0 ? complain(name) : 0;
}

int main(int argc, char **argv)
{
    if (argc == 1)
        return copy(0, "standard input");
    int failed = 0;
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY);
        failed |= fd < 0 ? complain(argv[i]) : copy(fd, argv[i]);
        close(fd);
    }
    return failed;
}
