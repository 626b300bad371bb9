// SPDX-License-Identifier: MIT
// What a thread has of its own, for the library itself: it lies at gs:0 of that thread.
//
// The first thread has none: its GS stays 0 and its errno is an ordinary variable. A thread that thrd_create made has
// GS = __thread_selector, a descriptor of the GDT whose base the kernel changes at every switch (set_thread_area, CLONE_SETTLS).
#pragma once

#include <threads.h>

struct __thread_block {
    struct __thread_block *self; // so that gs:0 gives the address
    int own_errno;
    int alive; // the kernel writes 0 here and wakes who waits (CLONE_CHILD_CLEARTID)
    thrd_start_t function;
    void *argument;
    int result;
    void *stack;
};

/// 0 until the first thrd_create.
extern unsigned short __thread_selector;
