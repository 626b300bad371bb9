/* SPDX-License-Identifier: MIT */
/* File attributes: the kernel's stat64 (96 bytes on i386), which is all that stat() fills. */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <time.h>

struct stat {
    dev_t st_dev;
    unsigned int __pad0;
    unsigned int __st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    unsigned int __pad1;
    loff_t st_size;
    unsigned long st_blksize;
    unsigned long long st_blocks;
    struct timespec st_atim;
    struct timespec st_mtim;
    struct timespec st_ctim;
    ino_t st_ino;
} __attribute__((packed, aligned(4)));

#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000

#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISCHR(mode) (((mode) & S_IFMT) == S_IFCHR)
#define S_ISBLK(mode) (((mode) & S_IFMT) == S_IFBLK)
#define S_ISFIFO(mode) (((mode) & S_IFMT) == S_IFIFO)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)

int stat(const char *path, struct stat *to);
int lstat(const char *path, struct stat *to);
int fstat(int fd, struct stat *to);
int chmod(const char *path, mode_t mode);
int mkdir(const char *path, mode_t mode);
int mknod(const char *path, mode_t mode, unsigned int device);
int mkfifo(const char *path, mode_t mode);
mode_t umask(mode_t mask);

#endif
