/* SPDX-License-Identifier: MIT */
/*
 * ISO C threads: tasks of one process that share its memory. errno is each thread's own.  [W15]
 * Only what is declared here is there. malloc and streams take no locks: threads that use them take one themselves.
 */
#ifndef _THREADS_H
#define _THREADS_H

typedef struct __thread_block *thrd_t;
typedef int (*thrd_start_t)(void *);

/* 0: free; 1: held; 2: held, and somebody may sleep */
typedef int mtx_t;

enum { thrd_success, thrd_nomem, thrd_timedout, thrd_busy, thrd_error };
enum { mtx_plain };

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument);
int thrd_join(thrd_t thread, int *result);
void thrd_yield(void);

int mtx_init(mtx_t *mutex, int type);
int mtx_lock(mtx_t *mutex);
int mtx_unlock(mtx_t *mutex);

#endif
