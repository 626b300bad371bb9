// SPDX-License-Identifier: MIT
// Pointers that may hold an error: the last 1000 addresses are -errno. [linux-2.6.11].
#pragma once

#include <linux/compiler.h>
#include <linux/errno.h>

#define MAX_ERRNO 1000
#define IS_ERR_VALUE(x) unlikely((unsigned long)(x) > (unsigned long)-MAX_ERRNO)

static inline void *ERR_PTR(long error) { return (void *)error; }
static inline long PTR_ERR(const void *pointer) { return (long)pointer; }
static inline long IS_ERR(const void *pointer) { return IS_ERR_VALUE(pointer); }
