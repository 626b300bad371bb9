// SPDX-License-Identifier: MIT
// The kernel's integer types, with the user-visible i386 ABI types among them.
#pragma once

#include <linux/compiler.h>
#include <linux/stddef.h>

typedef unsigned char u8, __u8, uint8_t, unchar, u_char;
typedef unsigned short u16, __u16, uint16_t, ushort, umode_t, u_short;
typedef unsigned int u32, __u32, uint32_t, uint, u_int;
typedef unsigned long long u64, __u64, uint64_t;
typedef signed char s8, __s8, int8_t;
typedef short s16, __s16, int16_t;
typedef int s32, __s32, int32_t;
typedef long long s64, __s64, int64_t;
typedef unsigned long ulong, u_long;
typedef _Bool bool;
#define true 1
#define false 0

typedef unsigned int size_t;
typedef int ssize_t;
typedef long ptrdiff_t;
typedef unsigned long uintptr_t;
typedef long intptr_t;

typedef long off_t;
typedef long long loff_t;
typedef int pid_t;
typedef unsigned int uid_t, gid_t;
typedef unsigned short old_uid_t, old_gid_t, __kernel_old_uid_t, __kernel_old_gid_t;
typedef unsigned short mode_t;
typedef unsigned short nlink_t;
typedef unsigned long ino_t;
typedef u32 dev_t;
typedef u16 old_dev_t;
typedef long time_t;
typedef long suseconds_t;
typedef long clock_t;
typedef int clockid_t;
typedef int timer_t;
typedef int key_t;
typedef int daddr_t;
typedef char *caddr_t;
typedef unsigned long sector_t;
typedef unsigned int gfp_t;
typedef struct { int val[2]; } fsid_t, __kernel_fsid_t;

#define BITS_PER_LONG 32
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
