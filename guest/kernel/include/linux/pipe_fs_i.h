// SPDX-License-Identifier: MIT
// What a pipe or fifo keeps in memory: a ring of 16 pages, which exist only while they hold bytes.
//
//   offset 0                      PIPE_SIZE
//     |....[start ####### len).......|      bytes go in at start + len, come out at start, modulo PIPE_SIZE
//
// Truth: pipe(7): capacity 64 KB, writes of up to PIPE_BUF bytes are never mixed with others.
#pragma once

#include <asm/semaphore.h>
#include <asm/page.h>

#define PIPE_BUFFERS 16
#define PIPE_SIZE (PIPE_BUFFERS * PAGE_SIZE)

struct pipe_inode_info {
    struct semaphore sem; // whoever moves bytes; the counts of ends change under the big kernel lock
    wait_queue_head_t wait;
    char *page[PIPE_BUFFERS];
    unsigned int start, len;
    unsigned int readers, writers; // open ends
    struct fasync_struct *fasync_readers, *fasync_writers;
    unsigned int r_counter, w_counter; // ends ever opened: whoever waits in open(2) sees that somebody came
};

struct inode;
struct fasync_struct;
struct pipe_inode_info *pipe_new(struct inode *inode);
void pipe_put_if_unused(struct inode *inode);
extern const struct file_operations pipe_fops;
