// SPDX-License-Identifier: MIT
// Process numbers. A page of bits says which are in use; four hash tables (PID, TGID, PGID, SID) find tasks by them.
//
//   hash chain -> struct pid of the first task with number n -> pid_list -> the other tasks with that number
//
// A number stays taken as long as any of the tables has it: a session or process group outlives its leader.
// [linux-2.6.11] kernel/pid.c; rows F04, I01-I04.
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched.h>

int pid_max = PID_MAX_DEFAULT, last_pid;
/// The bitmap's page, allocated when the first number is wanted.
struct pidmap {
    atomic_t nr_free;
    unsigned long *page;
} pidmap_array[1] = { { ATOMIC_INIT(PID_MAX_DEFAULT), NULL } };

#define MAX_PIDHASH_BITS 12
static struct hlist_head pid_hash[PIDTYPE_MAX][1 << MAX_PIDHASH_BITS];
static int pidhash_bits = 4;
#define pid_hashfn(nr) (((unsigned)(nr) * 0x9e370001UL) >> (32 - pidhash_bits))

static struct pidmap *pidmap_page(void)
{
    struct pidmap *map = pidmap_array;
    if (!map->page)
        map->page = (unsigned long *)get_zeroed_page(GFP_KERNEL);
    return map->page ? map : NULL;
}

/// The next free number after the last one, so that a number that has become free is not used again at once; behind pid_max
/// the search goes on at 300: the numbers below are the daemons'. -1 if all are taken.
int alloc_pidmap(void)
{
    struct pidmap *map = pidmap_page();
    if (!map || !atomic_read(&map->nr_free))
        return -1;
    int first = last_pid + 1;
    if (first >= pid_max)
        first = RESERVED_PIDS;
    int pid;
    do { // somebody else may take the bit between the search and the setting
        pid = find_next_zero_bit(map->page, pid_max, first);
        if (pid >= pid_max && first > RESERVED_PIDS) {
            pid = find_next_zero_bit(map->page, first, RESERVED_PIDS);
            if (pid >= first)
                return -1;
        }
        if (pid >= pid_max)
            return -1;
    } while (test_and_set_bit(pid, map->page));
    atomic_dec(&map->nr_free);
    last_pid = pid;
    return pid;
}

void free_pidmap(int pid)
{
    clear_bit(pid, pidmap_array[0].page);
    atomic_inc(&pidmap_array[0].nr_free);
}

struct pid *find_pid(enum pid_type type, int nr)
{
    struct hlist_node *pos;
    struct pid *pid;
    hlist_for_each_entry(pid, pos, &pid_hash[type][pid_hashfn(nr)], pid_chain)
        if (pid->nr == nr)
            return pid;
    return NULL;
}

int attach_pid(struct task_struct *task, enum pid_type type, int nr)
{
    struct pid *task_pid = &task->pids[type], *pid = find_pid(type, nr);
    task_pid->nr = nr;
    if (!pid) {
        hlist_add_head(&task_pid->pid_chain, &pid_hash[type][pid_hashfn(nr)]);
        INIT_LIST_HEAD(&task_pid->pid_list);
    } else {
        INIT_HLIST_NODE(&task_pid->pid_chain);
        list_add_tail(&task_pid->pid_list, &pid->pid_list);
    }
    return 0;
}

/// Takes the task's link out; if it was the one in the hash chain, the next task with that number takes its place. The number if
/// nobody else has it in this table, else 0; its bit is left alone.
int __detach_pid(struct task_struct *task, enum pid_type type)
{
    struct pid *pid = &task->pids[type];
    int nr = pid->nr;
    if (!hlist_unhashed(&pid->pid_chain)) {
        hlist_del(&pid->pid_chain);
        if (list_empty(&pid->pid_list)) {
            pid->nr = 0;
            return nr;
        }
        struct pid *next = list_entry(pid->pid_list.next, struct pid, pid_list);
        hlist_add_head(&next->pid_chain, &pid_hash[type][pid_hashfn(nr)]);
    }
    list_del(&pid->pid_list);
    pid->nr = 0;
    return 0;
}

/// The number is free again when no table uses it any more.
void detach_pid(struct task_struct *task, enum pid_type type)
{
    int nr = __detach_pid(task, type);
    if (!nr)
        return;
    for (int other = 0; other < PIDTYPE_MAX; other++)
        if (find_pid(other, nr))
            return;
    free_pidmap(nr);
}

struct task_struct *find_task_by_pid_type(int type, int nr)
{
    struct pid *pid = find_pid(type, nr);
    return pid ? container_of(pid, struct task_struct, pids[type]) : NULL;
}

void __init pidhash_init(void)
{
    unsigned long megabytes = max_low_pfn >> (20 - PAGE_SHIFT);
    pidhash_bits = min(max(4, fls(megabytes * 4)), MAX_PIDHASH_BITS);
}

void __init pidmap_init(void)
{
    pidmap_array[0].page = (unsigned long *)get_zeroed_page(GFP_KERNEL);
    set_bit(0, pidmap_array[0].page);
    atomic_dec(&pidmap_array[0].nr_free);
    for (int type = 0; type < PIDTYPE_MAX; type++)
        attach_pid(current, type, 0);
}
