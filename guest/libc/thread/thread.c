// SPDX-License-Identifier: MIT
// Threads: clone with everything shared, a stack from mmap, a block of its own at gs:0, and a futex to wait for the end.
// Source: clone(2), set_thread_area(2), futex(2).

#include "thread.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { STACK = 64 * 1024 };

/// struct user_desc of the kernel: what becomes a descriptor of the GDT.
struct user_desc {
    unsigned int entry_number;
    unsigned long base_addr;
    unsigned int limit;
    unsigned int seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1, seg_not_present : 1, useable : 1;
};

int set_thread_area(struct user_desc *descriptor);

unsigned short __thread_selector;

static struct user_desc describe(unsigned int entry, struct __thread_block *block)
{
    return (struct user_desc){.entry_number = entry, .base_addr = (unsigned long)block, .limit = 0xfffff,
                              .seg_32bit = 1, .limit_in_pages = 1, .useable = 1};
}

/// The kernel chooses one of its three entries for us, once: all threads use the same one with another base.
static int choose_entry(void)
{
    struct user_desc descriptor = describe((unsigned int)-1, NULL);
    if (__thread_selector)
        return 0;
    if (set_thread_area(&descriptor) < 0)
        return -1;
    __thread_selector = descriptor.entry_number * 8 + 3; // in the GDT, for ring 3
    return 0;
}

/// The first function of a new thread. Its GS is still its parent's.
static int begin(void *argument)
{
    struct __thread_block *block = argument;
    __asm__ volatile("movw %0, %%gs" : : "r"(__thread_selector));
    return block->result = block->function(block->argument);
}

static struct __thread_block *new_block(thrd_start_t function, void *argument)
{
    struct __thread_block *block =
        mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        return NULL;
    *block = (struct __thread_block){.self = block, .alive = 1, .function = function, .argument = argument};
    block->stack = (char *)block + STACK; // grows down towards the block
    return block;
}

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument)
{
    if (choose_entry() < 0)
        return thrd_error;
    struct __thread_block *block = new_block(function, argument);
    if (!block)
        return thrd_nomem;
    struct user_desc descriptor = describe(__thread_selector / 8, block);
    int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                CLONE_CHILD_CLEARTID;
    if (clone(begin, block->stack, flags, block, NULL, &descriptor, &block->alive) < 0) {
        munmap(block, STACK);
        return thrd_error;
    }
    *thread = block;
    return thrd_success;
}

/// Sleeps until the kernel has cleared `alive`: then nobody stands on that stack any more.
int thrd_join(thrd_t thread, int *result)
{
    int alive;
    while ((alive = __atomic_load_n(&thread->alive, __ATOMIC_ACQUIRE)) != 0)
        futex(&thread->alive, FUTEX_WAIT, alive, NULL, NULL, 0);
    if (result)
        *result = thread->result;
    munmap(thread, STACK);
    return thrd_success;
}

void thrd_yield(void)
{
    sched_yield();
}

int mtx_init(mtx_t *mutex, int type)
{
    *mutex = 0;
    return type == mtx_plain ? thrd_success : thrd_error;
}

/// No system call when the mutex is free; otherwise it is marked "somebody may sleep", and we sleep. Only xchg, which every
/// processor has: the 1 may hide another's 2, but then we come out of the loop as its holder with a 2 of our own.
int mtx_lock(mtx_t *mutex)
{
    if (__atomic_exchange_n(mutex, 1, __ATOMIC_ACQUIRE) == 0)
        return thrd_success;
    while (__atomic_exchange_n(mutex, 2, __ATOMIC_ACQUIRE) != 0)
        futex(mutex, FUTEX_WAIT, 2, NULL, NULL, 0);
    return thrd_success;
}

int mtx_unlock(mtx_t *mutex)
{
    if (__atomic_exchange_n(mutex, 0, __ATOMIC_RELEASE) == 2)
        futex(mutex, FUTEX_WAKE, 1, NULL, NULL, 0);
    return thrd_success;
}
