/* SPDX-License-Identifier: MIT */
/* Reading and writing several blocks in one call. */
#ifndef _SYS_UIO_H
#define _SYS_UIO_H

#include <sys/types.h>

struct iovec {
    void *iov_base;
    size_t iov_len;
};

ssize_t readv(int fd, const struct iovec *blocks, int count);
ssize_t writev(int fd, const struct iovec *blocks, int count);

#endif
