// SPDX-License-Identifier: MIT
// Process 0: the only one that nobody forked. Its stack is linked into the image; it becomes the idle task.
#include <linux/file.h>
#include <linux/fs_struct.h>
#include <linux/init.h>
#include <linux/personality.h>
#include <linux/sched.h>
#include <asm/pgtable.h>

struct mm_struct init_mm = {
    .pgd = swapper_pg_dir,
    .mm_users = ATOMIC_INIT(2),
    .mm_count = ATOMIC_INIT(1),
    .mmap_sem = __RWSEM_INITIALIZER(init_mm.mmap_sem),
    .mmlist = LIST_HEAD_INIT(init_mm.mmlist),
};
static struct sighand_struct init_sighand = { .count = ATOMIC_INIT(1) };
static struct signal_struct init_signals = {
    .count = ATOMIC_INIT(1),
    .live = ATOMIC_INIT(1),
    .wait_chldexit = __WAIT_QUEUE_HEAD_INITIALIZER(init_signals.wait_chldexit),
    .shared_pending = { .list = LIST_HEAD_INIT(init_signals.shared_pending.list) },
    .rlim = {
        [RLIMIT_CPU] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_FSIZE] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_DATA] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_STACK] = { _STK_LIM, RLIM_INFINITY },
        [RLIMIT_CORE] = { 0, RLIM_INFINITY },
        [RLIMIT_RSS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_NPROC] = { 0, 0 }, // set by fork_init
        [RLIMIT_NOFILE] = { 1024, 1024 },
        [RLIMIT_MEMLOCK] = { 32768, 32768 },
        [RLIMIT_AS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_LOCKS] = { RLIM_INFINITY, RLIM_INFINITY },
        [RLIMIT_SIGPENDING] = { 1024, 1024 },
        [RLIMIT_MSGQUEUE] = { 819200, 819200 },
    },
};

union thread_union init_thread_union __section(".data.init_task") __aligned(THREAD_SIZE) = {
    .thread_info = {
        .task = &init_task,
        .exec_domain = &default_exec_domain,
        .preempt_count = 1,
        .addr_limit = { 0xFFFFFFFF },
        .restart_block = { .fn = do_no_restart_syscall },
    },
};

struct task_struct init_task = {
    .state = TASK_RUNNING,
    .thread_info = &init_thread_union.thread_info,
    .usage = ATOMIC_INIT(2),
    .lock_depth = -1,
    .prio = MAX_PRIO - 20,
    .static_prio = MAX_PRIO - 20,
    .policy = SCHED_NORMAL,
    .cpus_allowed = ~0UL,
    .active_mm = &init_mm,
    .run_list = LIST_HEAD_INIT(init_task.run_list),
    .time_slice = HZ,
    .tasks = LIST_HEAD_INIT(init_task.tasks),
    .ptrace_children = LIST_HEAD_INIT(init_task.ptrace_children),
    .ptrace_list = LIST_HEAD_INIT(init_task.ptrace_list),
    .real_parent = &init_task,
    .parent = &init_task,
    .children = LIST_HEAD_INIT(init_task.children),
    .sibling = LIST_HEAD_INIT(init_task.sibling),
    .group_leader = &init_task,
    .real_timer = { .function = it_real_fn },
    .group_info = &init_groups,
    .cap_effective = CAP_INIT_EFF_SET,
    .cap_permitted = CAP_FULL_SET,
    .user = INIT_USER,
    .comm = "swapper",
    .thread = INIT_THREAD,
    .fs = &init_fs,
    .files = &init_files,
    .signal = &init_signals,
    .sighand = &init_sighand,
    .pending = { .list = LIST_HEAD_INIT(init_task.pending.list) },
};
struct task_struct *child_reaper = &init_task;
