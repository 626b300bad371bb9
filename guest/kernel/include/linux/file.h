// SPDX-License-Identifier: MIT
// A task's table of open files: descriptor -> struct file, with two bitmaps (in use, close on exec). Shared by
// CLONE_FILES. Truth: names are Linux 2.6's; the bitmaps grow together with the table.
#pragma once

#include <linux/limits.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <asm/atomic.h>

struct file;
struct task_struct;

#define NR_OPEN_DEFAULT 32
#define MAX_FD_TABLE 16384 // the most slots that a table grows to
#define FD_WORDS(n) (((n) + 31) / 32)

struct files_struct {
    atomic_t count;
    int max_fds; // slots in fd[], a multiple of 32
    int next_fd; // no free slot below this one
    struct file **fd;
    unsigned long *close_on_exec;
    unsigned long *open_fds;
    struct file *fd_array[NR_OPEN_DEFAULT]; // the table of a task with few files
    unsigned long close_on_exec_init[1];
    unsigned long open_fds_init[1];
    spinlock_t file_lock; // whoever looks into fd[] without the big kernel lock: fget
};

extern struct files_struct init_files;

struct file *fget(unsigned int fd);
void fput(struct file *file);
int get_unused_fd(void);
int get_unused_fd_from(unsigned int start);
void put_unused_fd(unsigned int fd);
void fd_install(unsigned int fd, struct file *file);
int reserve_fd(unsigned int fd, struct file **old);
void set_close_on_exec(unsigned int fd, int flag);
int get_close_on_exec(unsigned int fd);
struct file *fcheck_files(struct files_struct *files, unsigned int fd);

struct files_struct *get_files_struct(struct task_struct *task);
void put_files_struct(struct files_struct *files);
int copy_files(unsigned long clone_flags, struct task_struct *tsk);
void exit_files(struct task_struct *tsk);
// execve: the task gets a table of its own, without the descriptors marked close-on-exec.
int unshare_files(void);
void flush_old_files(struct files_struct *files);
