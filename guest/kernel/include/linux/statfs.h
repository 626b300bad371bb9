// SPDX-License-Identifier: MIT
// What statfs(2) tells of a file system, in its two user layouts (64 and 84 bytes). Truth: Linux i386 user ABI.
#pragma once

#include <linux/types.h>

struct statfs {
    u32 f_type, f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree;
    u32 f_fsid[2];
    u32 f_namelen, f_frsize, f_flags, f_spare[4];
};

struct statfs64 {
    u32 f_type, f_bsize;
    u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
    u32 f_fsid[2];
    u32 f_namelen, f_frsize, f_flags, f_spare[4];
} __attribute__((packed, aligned(4)));

#define ST_VALID 0x0020 // f_flags is filled
#define RAMFS_MAGIC 0x858458f6
#define PIPEFS_MAGIC 0x50495045
#define PROC_SUPER_MAGIC 0x9fa0

_Static_assert(sizeof(struct statfs) == 64, "ABI");
_Static_assert(sizeof(struct statfs64) == 84, "ABI");

// The same facts as the file system itself counts them.
struct kstatfs {
    u32 f_type, f_bsize;
    u64 f_blocks, f_bfree, f_bavail, f_files, f_ffree;
    u32 f_namelen, f_frsize;
};
