// SPDX-License-Identifier: MIT
// Device numbers. Inside the kernel a dev_t is 12 bits of major and 20 bits of minor; what user space sees is packed
// in two other ways: the old 16-bit form (8:8) of stat and mknod, and the new 32-bit form of stat64 and statx.
// Truth: Linux 2.6 user ABI (facts of the encoding only).
#pragma once

#include <linux/types.h>

#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)

#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev)&MINORMASK))
#define MKDEV(major, minor) (((major) << MINORBITS) | (minor))

static inline int old_valid_dev(dev_t dev)
{
    return MAJOR(dev) < 256 && MINOR(dev) < 256;
}

static inline u16 old_encode_dev(dev_t dev)
{
    return (MAJOR(dev) << 8) | MINOR(dev);
}

// The low byte of the minor keeps its old place, so that small numbers look the same in both forms.
static inline u32 new_encode_dev(dev_t dev)
{
    unsigned int major = MAJOR(dev), minor = MINOR(dev);

    return (minor & 0xff) | (major << 8) | ((minor & ~0xffU) << 12);
}

static inline dev_t new_decode_dev(u32 dev)
{
    unsigned int major = (dev & 0xfff00) >> 8;
    unsigned int minor = (dev & 0xff) | ((dev >> 12) & 0xfff00);

    return MKDEV(major, minor);
}
