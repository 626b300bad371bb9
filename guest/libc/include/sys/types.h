/* SPDX-License-Identifier: MIT */
/* The types of system call arguments on i386. */
#ifndef _SYS_TYPES_H
#define _SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef int pid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned int mode_t;
typedef unsigned int nlink_t;
typedef long ssize_t;
typedef long off_t;
typedef long long loff_t;
typedef unsigned long long dev_t;
typedef unsigned long long ino_t;
typedef long time_t;
typedef long suseconds_t;
typedef long clock_t;
typedef int clockid_t;

#endif
