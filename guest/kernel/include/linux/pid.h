// SPDX-License-Identifier: MIT
// Numbers of tasks: the bitmap that hands them out (kernel/pid.c), four hash tables that find tasks by them.
#pragma once

#include <linux/list.h>
struct task_struct;
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };

/// One per task and type. The first user of a number is in the hash chain, the others hang on its pid_list.
struct pid {
    struct hlist_node pid_chain;
    int nr;
    struct list_head pid_list;
};
#define pid_task(elem, type) list_entry(elem, struct task_struct, pids[type].pid_list)

#define PID_MAX_DEFAULT 32768
#define RESERVED_PIDS 300
extern int pid_max, last_pid;
int alloc_pidmap(void);
void free_pidmap(int pid);
void pidhash_init(void);
void pidmap_init(void);
int attach_pid(struct task_struct *task, enum pid_type type, int nr);
void detach_pid(struct task_struct *task, enum pid_type type);
int __detach_pid(struct task_struct *task, enum pid_type type);
struct pid *find_pid(enum pid_type type, int nr);
struct task_struct *find_task_by_pid_type(int type, int nr);
#define find_task_by_pid(nr) find_task_by_pid_type(PIDTYPE_PID, nr)

/// Loops over all tasks that have number `who` of this type.
#define do_each_task_pid(who, type, task) \
    do { \
        struct pid *__first = find_pid(type, who); \
        if (__first) { \
            task = container_of(__first, struct task_struct, pids[type]); \
            do {
#define while_each_task_pid(who, type, task) \
            } while (task = pid_task((task)->pids[type].pid_list.next, type), &(task)->pids[type] != __first); \
        } \
    } while (0)
