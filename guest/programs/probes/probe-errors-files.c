// SPDX-License-Identifier: MIT
// Bad arguments for the calls on files: a table of what Linux answers.
// Rows: U01 all parameters are checked; U02 descriptors; U04 pointers; W08 reasons of failure.
// Truth: the answers of a Linux of the host, where this program runs too (as root).

#include "table.h"

static void reading_and_writing(void)
{
    fails(EBADF, read, -1, buffer, 1);
    fails(EBADF, read, writer, buffer, 1);
    fails(EISDIR, read, directory, buffer, 1);
    gives(0, read, file, UNMAPPED, 1);
    gives(0, read, file, buffer, 0);
    gives(0, read, file, UNMAPPED, 0);
    gives(10, read, reader, buffer, 100);
    gives(0, read, reader, buffer, 100);
    fails(EBADF, write, -1, buffer, 1);
    fails(EBADF, write, reader, buffer, 1);
    fails(EBADF, write, directory, buffer, 1);
    fails(EFAULT, write, file, UNMAPPED, 1);
    fails(EFAULT, write, file, KERNEL, 1);
    gives(0, write, file, UNMAPPED, 0);
    fails(EBADF, write, ends[0], buffer, 1);
    fails(EBADF, read, ends[1], buffer, 1);
    fails(EFAULT, readv, file, UNMAPPED, 1);
    fails(EINVAL, readv, file, buffer, -1);
    fails(EINVAL, readv, file, buffer, 2000);
    fails(EBADF, writev, reader, buffer, 0);
    gives(0, writev, file, buffer, 0);
    gives(0, readv, file, buffer, 0);
    fails(EINVAL, pread64, file, buffer, 5, -1, -1);
    fails(ESPIPE, pread64, ends[0], buffer, 5, 0, 0);
    gives(5, pread64, file, buffer, 5, 2, 0);
    fails(EBADF, pwrite64, reader, buffer, 5, 2, 0);
    fails(EINVAL, pwrite64, file, buffer, 5, -1, -1);
    fails(EBADF, sendfile, ends[1], -1, 0, 10);
    fails(EBADF, sendfile, -1, file, 0, 10);
    fails(EFAULT, sendfile, ends[1], file, UNMAPPED, 10);
    fails(EBADF, sendfile, reader, file, 0, 10);
}

static void opening(void)
{
    memset(buffer, 'a', 5000);
    fails(ENAMETOOLONG, open, buffer, 0, 0); // longer than a path
    buffer[300] = 0;
    fails(ENAMETOOLONG, open, buffer, 0, 0); // longer than a name
    fails(ENAMETOOLONG, stat64, buffer, UNMAPPED);
    fails(EFAULT, open, UNMAPPED, 0, 0);
    fails(ENOENT, open, "", 0, 0);
    fails(ENOENT, open, "none", 0, 0);
    fails(ENOENT, open, "none/x", 0, 0);
    fails(ENOTDIR, open, "f/x", 0, 0);
    fails(ENOTDIR, open, "f/", 0, 0);
    fails(EEXIST, open, "f", O_CREAT | O_EXCL, 0);
    fails(EISDIR, open, "d", O_WRONLY, 0);
    fails(EISDIR, open, "d", O_RDWR | O_CREAT, 0);
    fails(ENOENT, open, "l", 0, 0);
    fails(ELOOP, open, "loop", 0, 0);
    fails(EEXIST, open, "l", O_CREAT | O_EXCL, 0644);
    fails(ENOTDIR, open, "f", O_DIRECTORY, 0);
    fails(ELOOP, open, "lf", O_NOFOLLOW, 0);
    fails(EISDIR, open, "none/", O_CREAT, 0644);
    fails(EBADF, close, -1);
    fails(EBADF, close, 1000000);
    fails(EBADF, dup, -1);
    fails(EBADF, dup2, -1, 5);
    fails(EBADF, dup2, file, -1);
    fails(EBADF, dup2, file, 100000000);
    works(dup2, file, file);
    fails(EFAULT, pipe, UNMAPPED);
    fails(EFAULT, pipe, KERNEL);
}

static void positions(void)
{
    gives(10, lseek, file, 0, SEEK_END);
    fails(EBADF, lseek, -1, 0, 0);
    fails(EINVAL, lseek, file, -1, 0);
    fails(EINVAL, lseek, file, 0, 5);
    fails(ESPIPE, lseek, ends[0], 0, 0);
    gives(5, lseek, file, -5, 1);
    gives(15, lseek, file, 5, 2);
    gives(0, lseek, directory, 0, 0);
    fails(EINVAL, _llseek, file, 0x7fffffff, -1, buffer, 0);
    fails(EINVAL, _llseek, file, -1, -1, buffer, 0);
    fails(EFAULT, _llseek, file, 0, 0, UNMAPPED, 0);
    fails(ESPIPE, _llseek, ends[0], 0, 0, buffer, 0);
    fails(EINVAL, truncate, "f", -1);
    fails(EISDIR, truncate, "d", 0);
    fails(ENOENT, truncate, "none", 0);
    fails(EINVAL, ftruncate, reader, 0);
    fails(EBADF, ftruncate, -1, 0);
    fails(EINVAL, ftruncate, file, -1);
    fails(EINVAL, ftruncate, ends[1], 0);
    gives(0, ftruncate, file, 20);
    gives(0, truncate, "f", 10);
}

/// The order matters: each call finds what those before it left.
static void names(void)
{
    fails(ENOENT, link, "none", "x");
    fails(EEXIST, link, "f", "lf");
    fails(EPERM, link, "d", "x");
    gives(0, link, "f", "d/x");
    fails(ENOENT, link, "f", "none/x");
    fails(EFAULT, link, UNMAPPED, "x");
    fails(ENOENT, unlink, "none");
    fails(EISDIR, unlink, "d");
    fails(ENOTDIR, unlink, "f/x");
    gives(0, unlink, "d/x");
    fails(ENOENT, unlink, "");
    fails(EISDIR, unlink, ".");
    fails(EISDIR, unlink, "..");
    fails(EISDIR, unlink, "/");
    fails(ENOTDIR, rmdir, "f");
    fails(ENOENT, rmdir, "none");
    fails(EINVAL, rmdir, ".");
    fails(ENOTEMPTY, rmdir, "d/..");
    fails(EBUSY, rmdir, "/");
    fails(ENOTEMPTY, rmdir, "/tmp");
    fails(EFAULT, rmdir, UNMAPPED);
    fails(EEXIST, mkdir, "d", 0755);
    fails(EEXIST, mkdir, "f", 0755);
    fails(EEXIST, mkdir, "l", 0755);
    fails(ENOENT, mkdir, "none/x", 0755);
    fails(ENOTDIR, mkdir, "f/x", 0755);
    fails(ENOENT, mkdir, "", 0755);
    fails(EEXIST, mkdir, "/", 0755);
    fails(EEXIST, mkdir, ".", 0755);
    gives(0, mkdir, "dd/", 0755);
    gives(0, rmdir, "dd/");
    fails(ENOENT, rename, "none", "x");
    fails(EISDIR, rename, "f", "d");
    fails(ENOTDIR, rename, "d", "f");
    fails(EINVAL, rename, "d", "d/x");
    gives(0, rename, "f", "f");
    fails(EBUSY, rename, ".", "x");
    fails(ENOENT, rename, "f", "none/x");
    fails(ENOTEMPTY, rename, "d", "/tmp/probe-errors");
    fails(EFAULT, rename, UNMAPPED, "x");
    gives(0, rename, "l", "l2");
    gives(0, rename, "l2", "l");
    fails(ENOTDIR, rename, "f", "g/");
    gives(0, rename, "d", "e/");
    gives(0, rename, "e", "d");
    fails(ENOTDIR, rename, "f/", "h");
    fails(EEXIST, symlink, "x", "f");
    fails(ENOENT, symlink, "", "e");
    fails(ENOENT, symlink, "x", "");
    fails(EFAULT, symlink, UNMAPPED, "e");
    fails(ENOENT, symlink, "x", "none/e");
    fails(EINVAL, readlink, "f", buffer, 10);
    gives(7, readlink, "l", buffer, 10);
    gives(3, readlink, "l", buffer, 3);
    fails(EINVAL, readlink, "l", buffer, 0);
    fails(EINVAL, readlink, "l", buffer, -1);
    fails(EFAULT, readlink, "l", UNMAPPED, 10);
    fails(ENOENT, readlink, "none", buffer, 10);
    fails(ENOTDIR, readlink, "lf/", buffer, 10);
    fails(EPERM, mknod, "n", S_IFDIR | 0755, 0);
    fails(EEXIST, mknod, "f", S_IFREG | 0644, 0);
    gives(0, mknod, "ff", S_IFREG | 0644, 0);
    gives(0, unlink, "ff");
    gives(0, mknod, "fifo", S_IFIFO | 0644, 0);
    fails(ENXIO, open, "fifo", O_WRONLY | O_NONBLOCK, 0);
    gives(0, unlink, "fifo");
    fails(EINVAL, mknod, "n", 0170000, 0);
}

static void directories(void)
{
    fails(ENOTDIR, chdir, "f");
    fails(ENOENT, chdir, "none");
    fails(ENOENT, chdir, "l");
    fails(EFAULT, chdir, UNMAPPED);
    fails(ENOTDIR, fchdir, file);
    fails(EBADF, fchdir, -1);
    gives(0, fchdir, directory);
    fails(ENOTDIR, getdents64, file, buffer, 1000);
    fails(EBADF, getdents64, -1, buffer, 1000);
    fails(EINVAL, getdents64, directory, buffer, 10);
    fails(EFAULT, getdents64, directory, UNMAPPED, 1000);
    fails(ERANGE, getcwd, buffer, 3);
    fails(ERANGE, getcwd, buffer, 0);
    fails(EFAULT, getcwd, UNMAPPED, 100);
    gives(18, getcwd, buffer, 100);
}

static void attributes(void)
{
    fails(EACCES, access, "f", 7);
    fails(EINVAL, access, "f", 8);
    fails(EINVAL, access, "f", -1);
    fails(ENOENT, access, "none", 0);
    fails(ENOENT, access, "l", 0);
    gives(0, access, "d", 1);
    fails(EFAULT, access, UNMAPPED, 0);
    fails(EACCES, access, "f", 1);
    fails(ENOENT, chmod, "none", 0);
    fails(ENOENT, chmod, "l", 0);
    fails(EFAULT, chmod, UNMAPPED, 0);
    fails(EBADF, fchmod, -1, 0);
    gives(0, chmod, "f", 0644);
    gives(0, chown32, "f", -1, -1);
    fails(ENOENT, chown32, "none", 0, 0);
    gives(0, lchown32, "l", 0, 0);
    fails(EBADF, fchown32, -1, 0, 0);
    fails(EFAULT, stat64, "f", UNMAPPED);
    fails(ENOENT, stat64, "none", buffer);
    fails(ENOTDIR, stat64, "f/", buffer);
    gives(0, lstat64, "l", buffer);
    fails(ENOENT, stat64, "l", buffer);
    fails(EBADF, fstat64, -1, buffer);
    fails(EFAULT, fstat64, file, UNMAPPED);
    gives(0, stat, "f", buffer);
    fails(ENOENT, statfs, "none", buffer);
    fails(EFAULT, statfs, "/", UNMAPPED);
    fails(EINVAL, statfs64, "/", 1, buffer);
    fails(EFAULT, statfs64, "/", 84, UNMAPPED);
    fails(EBADF, fsync, -1);
    fails(EINVAL, fsync, ends[0]);
    gives(0, fsync, file);
    gives(0, fdatasync, file);
    fails(EBADF, flock, -1, 1);
    gives(0, flock, file, 2);
    gives(0, flock, file, 8);
    fails(ENOENT, utime, "none", 0);
    fails(EFAULT, utime, "f", UNMAPPED);
    fails(EFAULT, utimes, "f", UNMAPPED);
    gives(0, utimes, "f", 0);
}

static void descriptors(void)
{
    fails(EBADF, fcntl, -1, 1, 0);
    fails(EINVAL, fcntl, file, 999, 0);
    fails(EINVAL, fcntl, file, F_DUPFD, -1);
    fails(EINVAL, fcntl, file, F_DUPFD, 100000000);
    gives(O_RDWR, fcntl64, file, F_GETFL, 0);
    gives(0, fcntl64, file, F_SETFL, O_APPEND);
    gives(O_RDWR | O_APPEND, fcntl64, file, F_GETFL, 0);
    gives(0, fcntl64, file, F_SETFL, 0);
    gives(0, fcntl64, file, F_GETFD, 0);
    gives(0, fcntl64, file, F_SETFD, 1);
    gives(1, fcntl64, file, F_GETFD, 0);
    fails(EBADF, ioctl, -1, 0x5401, buffer);
    fails(ENOTTY, ioctl, file, 0x5401, buffer);
    fails(ENOTTY, ioctl, file, 0x1234, buffer);
    gives(0, ioctl, ends[0], 0x541b, buffer);
    fails(EFAULT, ioctl, ends[0], 0x541b, UNMAPPED);
    gives(0, ioctl, file, 0x541b, buffer);
    fails(EFAULT, select, 0);
    fails(EINVAL, _newselect, -1, 0, 0, 0, 0);
    fails(EFAULT, poll, UNMAPPED, 1, 0);
    gives(0, poll, 0, 0, 0);
    fails(EINVAL, poll, buffer, -1, 0);
}

/// Calls that came after 2.6.11; the table of that profile does not have them.
static void later_calls(void)
{
    if (syscall(__NR_openat, -1, "f", 0, 0) == -1 && errno == ENOSYS)
        return;
    fails(EBADF, openat, -1, "f", 0, 0);
    works(openat, -100, "f", 0, 0);
    fails(ENOTDIR, openat, file, "x", 0, 0);
    fails(ENOENT, openat, directory, "none", 0, 0);
    fails(EINVAL, dup3, file, file, 0);
    fails(EINVAL, dup3, file, 50, 1);
    fails(EBADF, dup3, -1, 50, 0);
    fails(EFAULT, pipe2, UNMAPPED, 0);
    fails(EINVAL, pipe2, buffer, 1);
    fails(ENOTDIR, mkdirat, file, "x", 0);
    fails(EISDIR, unlinkat, directory, "d", 0);
    fails(ENOTDIR, unlinkat, directory, "f", 0x200);
    fails(EINVAL, unlinkat, directory, "f", 0x1);
    fails(ENOENT, renameat, directory, "none", directory, "x");
    fails(ENOENT, linkat, directory, "none", directory, "x", 0);
    fails(EBADF, symlinkat, "x", -1, "y");
    fails(EINVAL, readlinkat, directory, "f", buffer, 10);
    fails(ENOENT, fchmodat, directory, "none", 0);
    fails(ENOENT, faccessat, directory, "none", 0);
    fails(EINVAL, fchownat, directory, "f", 0, 0, 0x8000);
    fails(ENOENT, utimensat, directory, "none", 0, 0);
    fails(EINVAL, statx, directory, "f", 0x8000, 0, buffer);
    fails(ENOENT, statx, directory, "none", 0, 0x7ff, buffer);
    fails(EFAULT, statx, directory, "f", 0, 0x7ff, UNMAPPED);
    fails(EINVAL, fstatat64, directory, "f", buffer, 0x8000);
    fails(EINVAL, prlimit64, 0, 99, 0, 0);
    fails(EFAULT, prlimit64, 0, 3, 0, UNMAPPED);
    fails(EFAULT, getrandom, UNMAPPED, 10, 0);
    fails(EINVAL, getrandom, buffer, 10, 99);
    gives(10, getrandom, buffer, 10, 0);
    fails(EINVAL, set_robust_list, buffer, 5);
}

int main(void)
{
    furnish();
    reading_and_writing();
    opening();
    positions();
    names();
    directories();
    attributes();
    descriptors();
    later_calls();
    unfurnish();
    return finish();
}
