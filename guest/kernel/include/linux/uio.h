// SPDX-License-Identifier: MIT
// The scatter/gather element of readv(2) and its relatives. Truth: Linux i386 user ABI.
#pragma once

#include <linux/types.h>

#define UIO_FASTIOV 8
#define UIO_MAXIOV 1024

struct iovec {
    void __user *iov_base;
    size_t iov_len;
};
