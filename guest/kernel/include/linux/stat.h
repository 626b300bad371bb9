// SPDX-License-Identifier: MIT
// File types, mode bits, and the i386 user layouts of every member of the stat family.
// Truth: Linux i386 user ABI (sizes: old 32, new 64, stat64 96, statx 256 bytes).
#pragma once

#include <linux/types.h>

#define S_IFMT 00170000
#define S_IFSOCK 0140000
#define S_IFLNK 0120000
#define S_IFREG 0100000
#define S_IFBLK 0060000
#define S_IFDIR 0040000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define S_ISUID 0004000
#define S_ISGID 0002000
#define S_ISVTX 0001000

#define S_ISLNK(m) (((m)&S_IFMT) == S_IFLNK)
#define S_ISREG(m) (((m)&S_IFMT) == S_IFREG)
#define S_ISDIR(m) (((m)&S_IFMT) == S_IFDIR)
#define S_ISCHR(m) (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m) (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)

#define S_IRWXU 00700
#define S_IRUSR 00400
#define S_IWUSR 00200
#define S_IXUSR 00100
#define S_IRWXG 00070
#define S_IRGRP 00040
#define S_IWGRP 00020
#define S_IXGRP 00010
#define S_IRWXO 00007
#define S_IROTH 00004
#define S_IWOTH 00002
#define S_IXOTH 00001

#define S_IRWXUGO (S_IRWXU | S_IRWXG | S_IRWXO)
#define S_IALLUGO (S_ISUID | S_ISGID | S_ISVTX | S_IRWXUGO)
#define S_IRUGO (S_IRUSR | S_IRGRP | S_IROTH)
#define S_IWUGO (S_IWUSR | S_IWGRP | S_IWOTH)
#define S_IXUGO (S_IXUSR | S_IXGRP | S_IXOTH)

// What the calls 18, 84, 28 fill: 32 bytes.
struct __old_kernel_stat {
    unsigned short st_dev, st_ino, st_mode, st_nlink, st_uid, st_gid, st_rdev;
    unsigned long st_size, st_atime, st_mtime, st_ctime;
};

// What the calls 106..108 fill: 64 bytes.
struct stat {
    unsigned short st_dev, __pad1;
    unsigned long st_ino;
    unsigned short st_mode, st_nlink, st_uid, st_gid, st_rdev, __pad2;
    unsigned long st_size, st_blksize, st_blocks;
    unsigned long st_atime, st_atime_nsec, st_mtime, st_mtime_nsec, st_ctime, st_ctime_nsec;
    unsigned long __unused4, __unused5;
};

// What the calls 195..197 and 300 fill: 96 bytes. The short inode number in the middle is the older of the two.
struct stat64 {
    unsigned long long st_dev;
    unsigned char __pad0[4];
    unsigned long __st_ino;
    unsigned int st_mode, st_nlink;
    unsigned long st_uid, st_gid;
    unsigned long long st_rdev;
    unsigned char __pad3[4];
    long long st_size __attribute__((packed, aligned(4)));
    unsigned long st_blksize;
    unsigned long long st_blocks __attribute__((packed, aligned(4)));
    unsigned long st_atime, st_atime_nsec, st_mtime, st_mtime_nsec, st_ctime, st_ctime_nsec;
    unsigned long long st_ino __attribute__((packed, aligned(4)));
} __attribute__((packed, aligned(4)));

struct statx_timestamp {
    s64 tv_sec;
    u32 tv_nsec;
    s32 __reserved;
};

// What call 383 fills: 256 bytes.
struct statx {
    u32 stx_mask, stx_blksize;
    u64 stx_attributes;
    u32 stx_nlink, stx_uid, stx_gid;
    u16 stx_mode, __spare0[1];
    u64 stx_ino, stx_size, stx_blocks, stx_attributes_mask;
    struct statx_timestamp stx_atime, stx_btime, stx_ctime, stx_mtime;
    u32 stx_rdev_major, stx_rdev_minor, stx_dev_major, stx_dev_minor;
    u64 stx_mnt_id;
    u64 __spare3[13];
};

#define STATX_BASIC_STATS 0x7ffU
#define STATX_BTIME 0x800U
#define STATX_MNT_ID 0x1000U
#define STATX__RESERVED 0x80000000U
#define STATX_ATTR_MOUNT_ROOT 0x2000ULL

#define UTIME_NOW 0x3fffffff
#define UTIME_OMIT 0x3ffffffe

// The attributes of one file, free of any user layout: what vfs_getattr fills and the cp_* functions spread out.
struct kstat {
    unsigned long ino;
    dev_t dev, rdev;
    umode_t mode;
    unsigned int nlink;
    uid_t uid;
    gid_t gid;
    loff_t size;
    struct timespec atime, mtime, ctime;
    unsigned long blksize;
    unsigned long long blocks;
    u64 attributes;
    u64 mnt_id;
};

_Static_assert(sizeof(struct __old_kernel_stat) == 32, "ABI");
_Static_assert(sizeof(struct stat) == 64, "ABI");
_Static_assert(sizeof(struct stat64) == 96, "ABI");
_Static_assert(sizeof(struct statx) == 256, "ABI");
