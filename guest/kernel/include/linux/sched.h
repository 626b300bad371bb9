// SPDX-License-Identifier: MIT
// Tasks: task_struct and what it points to, and the scheduler's interface.
// Names are Linux 2.6.11's; [linux-2.6.11].
#pragma once

#include <linux/capability.h>
#include <linux/completion.h>
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/list.h>
#include <linux/pid.h>
#include <linux/resource.h>
#include <linux/rwsem.h>
#include <linux/sem.h>
#include <linux/signal.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/user.h>
#include <linux/wait.h>
#include <asm/current.h>
#include <asm/processor.h>
#include <asm/semaphore.h>

#define CSIGNAL 0x000000ff
#define CLONE_VM 0x00000100
#define CLONE_FS 0x00000200
#define CLONE_FILES 0x00000400
#define CLONE_SIGHAND 0x00000800
#define CLONE_PTRACE 0x00002000
#define CLONE_VFORK 0x00004000
#define CLONE_PARENT 0x00008000
#define CLONE_THREAD 0x00010000
#define CLONE_NEWNS 0x00020000
#define CLONE_SYSVSEM 0x00040000
#define CLONE_SETTLS 0x00080000
#define CLONE_PARENT_SETTID 0x00100000
#define CLONE_CHILD_CLEARTID 0x00200000
#define CLONE_DETACHED 0x00400000
#define CLONE_UNTRACED 0x00800000
#define CLONE_CHILD_SETTID 0x01000000
#define CLONE_STOPPED 0x02000000
#define CLONE_KERNEL (CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

#define TASK_RUNNING 0
#define TASK_INTERRUPTIBLE 1
#define TASK_UNINTERRUPTIBLE 2
#define TASK_STOPPED 4
#define TASK_TRACED 8
#define EXIT_ZOMBIE 16
#define EXIT_DEAD 32

#define PF_STARTING 0x2
#define PF_EXITING 0x4
#define PF_DEAD 0x8
#define PF_FORKNOEXEC 0x40
#define PF_SUPERPRIV 0x100
#define PF_DUMPCORE 0x200
#define PF_SIGNALED 0x400
#define PF_MEMALLOC 0x800
#define PF_USED_MATH 0x2000

#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2
#define MAX_USER_RT_PRIO 100
#define MAX_RT_PRIO 100
#define MAX_PRIO 140
#define rt_task(p) unlikely((p)->prio < MAX_RT_PRIO)
#define MAX_SCHEDULE_TIMEOUT LONG_MAX
struct sched_param {
    int sched_priority;
};

#define __set_task_state(tsk, value) do { (tsk)->state = (value); } while (0)
#define set_task_state(tsk, value) do { (tsk)->state = (value); barrier(); } while (0)
#define __set_current_state(value) __set_task_state(current, value)
#define set_current_state(value) set_task_state(current, value)

struct files_struct;
struct fs_struct;
struct namespace;
struct tty_struct;
struct linux_binfmt;
struct file;
struct robust_list_head;

/// The LDT of an address space: `size` entries at `ldt`, or none. arch/i386/kernel/ldt.c.
typedef struct {
    int size;
    void *ldt;
    struct semaphore sem; ///< held while the table grows or changes
} mm_context_t;

/// One address space. mm_users counts tasks, mm_count the users of the struct (lazy TLB).
struct mm_struct {
    struct vm_area_struct *mmap; ///< areas, in order of address
    struct vm_area_struct *mmap_cache;
    unsigned long free_area_cache;
    pgd_t *pgd;
    atomic_t mm_users, mm_count;
    int map_count;
    struct rw_semaphore mmap_sem;
    spinlock_t page_table_lock;
    struct list_head mmlist;
    unsigned long start_code, end_code, start_data, end_data;
    unsigned long start_brk, brk, start_stack;
    unsigned long arg_start, arg_end, env_start, env_end;
    unsigned long rss, total_vm, locked_vm, exec_vm, stack_vm;
    unsigned long def_flags; ///< VM_LOCKED after mlockall(MCL_FUTURE)
    unsigned long saved_auxv[AT_VECTOR_SIZE];
    unsigned dumpable : 1;
    int core_waiters; ///< tasks that the one who dumps core waits for; they wait for core_done
    struct completion *core_startup_done, core_done;
    mm_context_t context;
    struct file *exe_file; ///< what /proc/PID/exe names
};

/// Handlers, shared by threads (CLONE_SIGHAND).
struct sighand_struct {
    atomic_t count;
    struct k_sigaction action[_NSIG];
    spinlock_t siglock;
};

/// What the threads of a process share.
struct signal_struct {
    atomic_t count, live;
    wait_queue_head_t wait_chldexit;
    struct task_struct *curr_target;
    struct sigpending shared_pending;
    int group_exit_code;
    struct task_struct *group_exit_task;
    int notify_count;
    int group_stop_count;
    unsigned int flags;
    pid_t pgrp, tty_old_pgrp, session;
    int leader;
    struct tty_struct *tty;
    unsigned long utime, stime, cutime, cstime;
    unsigned long nvcsw, nivcsw, cnvcsw, cnivcsw, min_flt, maj_flt, cmin_flt, cmaj_flt;
    struct rlimit rlim[RLIM_NLIMITS];
    unsigned long maxrss, cmaxrss; ///< pages
    struct k_itimer *posix_timers;
    int cpu_timers; ///< so many of them are armed and go by CPU time
};
#define SIGNAL_STOP_STOPPED 1
#define SIGNAL_STOP_DEQUEUED 2
#define SIGNAL_STOP_CONTINUED 4
#define SIGNAL_GROUP_EXIT 8

#define NGROUPS_SMALL 32
struct group_info {
    int ngroups;
    atomic_t usage;
    gid_t gid[NGROUPS_SMALL];
};
extern struct group_info init_groups;
#define get_group_info(info) atomic_inc(&(info)->usage)
void put_group_info(struct group_info *info);
int in_group_p(gid_t gid);
int in_egroup_p(gid_t gid);

struct prio_array;
struct task_struct {
    volatile long state; ///< TASK_...
    struct thread_info *thread_info;
    atomic_t usage;
    unsigned long flags; ///< PF_...
    unsigned long ptrace;
    int lock_depth;

    // the scheduler's
    int prio, static_prio;
    struct list_head run_list;
    struct prio_array *array;
    unsigned long sleep_avg;
    unsigned long long timestamp, last_ran;
    int activated;
    unsigned long policy, cpus_allowed;
    unsigned int time_slice, first_time_slice;
    unsigned long rt_priority;

    struct list_head tasks; ///< ring of all processes
    struct list_head ptrace_children, ptrace_list;
    struct mm_struct *mm, *active_mm;

    struct linux_binfmt *binfmt;
    long exit_state; ///< EXIT_...
    int exit_code, exit_signal;
    int pdeath_signal;
    unsigned long personality;
    unsigned did_exec : 1;
    pid_t pid, tgid;

    struct task_struct *real_parent; ///< who made it
    struct task_struct *parent; ///< who gets SIGCHLD: the same, or the tracer
    struct list_head children, sibling;
    struct task_struct *group_leader;
    struct pid pids[PIDTYPE_MAX];

    struct completion *vfork_done;
    int __user *set_child_tid;
    int __user *clear_child_tid;

    unsigned long it_real_incr, it_prof_value, it_prof_incr, it_virt_value, it_virt_incr;
    struct timer_list real_timer;
    unsigned long utime, stime; ///< ticks
    unsigned long nvcsw, nivcsw;
    struct timespec start_time;
    unsigned long min_flt, maj_flt;

    uid_t uid, euid, suid, fsuid;
    gid_t gid, egid, sgid, fsgid;
    struct group_info *group_info;
    kernel_cap_t cap_effective, cap_inheritable, cap_permitted;
    unsigned keep_capabilities : 1;
    struct user_struct *user;
    char comm[16];
    int link_count, total_link_count;
    struct sysv_sem sysvsem; ///< row P21

    struct thread_struct thread;
    struct fs_struct *fs;
    struct files_struct *files;
    struct namespace *namespace;

    struct signal_struct *signal;
    struct sighand_struct *sighand;
    sigset_t blocked, real_blocked;
    struct sigpending pending;
    unsigned long sas_ss_sp;
    size_t sas_ss_size;

    u32 parent_exec_id, self_exec_id;
    void *security; ///< the security module's
    spinlock_t alloc_lock;
    unsigned long ptrace_message;
    siginfo_t *last_siginfo; ///< of the stop in which its tracer looks at it
    struct audit_context *audit_context;
    struct robust_list_head __user *robust_list;
};

union thread_union {
    struct thread_info thread_info;
    unsigned long stack[THREAD_SIZE / sizeof(unsigned long)];
};
extern union thread_union init_thread_union;
extern struct task_struct init_task;
extern struct mm_struct init_mm;
extern struct task_struct *child_reaper;
extern pgd_t swapper_pg_dir[1024];
extern rwlock_t tasklist_lock;
extern int nr_threads, max_threads;
extern unsigned long total_forks;

#define task_thread_info(task) ((task)->thread_info)
#define set_tsk_thread_flag(tsk, flag) set_bit(flag, &(tsk)->thread_info->flags)
#define clear_tsk_thread_flag(tsk, flag) clear_bit(flag, &(tsk)->thread_info->flags)
#define test_tsk_thread_flag(tsk, flag) test_bit(flag, &(tsk)->thread_info->flags)
#define set_tsk_need_resched(tsk) set_tsk_thread_flag(tsk, TIF_NEED_RESCHED)
#define clear_tsk_need_resched(tsk) clear_tsk_thread_flag(tsk, TIF_NEED_RESCHED)
#define signal_pending(p) unlikely(test_tsk_thread_flag(p, TIF_SIGPENDING))

void __put_task_struct(struct task_struct *tsk);
#define get_task_struct(tsk) atomic_inc(&(tsk)->usage)
static inline void put_task_struct(struct task_struct *tsk)
{
    if (atomic_dec_and_test(&tsk->usage))
        __put_task_struct(tsk);
}
#define task_lock(p) spin_lock(&(p)->alloc_lock)
#define task_unlock(p) spin_unlock(&(p)->alloc_lock)
#define thread_group_leader(p) ((p)->pid == (p)->tgid)
static inline pid_t process_group(struct task_struct *tsk) { return tsk->signal->pgrp; }
struct task_struct *next_thread(const struct task_struct *p);
#define next_task(p) list_entry((p)->tasks.next, struct task_struct, tasks)
/// Into the list of all processes (leaders only) and among the children of its parent.
#define SET_LINKS(p) do { \
        if (thread_group_leader(p)) \
            list_add_tail(&(p)->tasks, &init_task.tasks); \
        list_add_tail(&(p)->sibling, &(p)->parent->children); \
    } while (0)
static inline void set_task_cpu(struct task_struct *p, unsigned int cpu) { p->thread_info->cpu = cpu; }
#define for_each_process(p) for (p = &init_task; (p = next_task(p)) != &init_task;)
#define do_each_thread(g, t) for (g = t = &init_task; (g = t = next_task(g)) != &init_task;) do
#define while_each_thread(g, t) while ((t = next_thread(t)) != g)
#define thread_group_empty(p) list_empty(&(p)->pids[PIDTYPE_TGID].pid_list)

// kernel/sched.c
void sched_init(void);
void sched_fork(struct task_struct *p);
void sched_exit(struct task_struct *p);
void wake_up_new_task(struct task_struct *p, unsigned long clone_flags);
int try_to_wake_up(struct task_struct *p, unsigned int state, int sync);
int wake_up_process(struct task_struct *p);
int wake_up_state(struct task_struct *p, unsigned int state);
void scheduler_tick(void);
asmlinkage void schedule(void);
long schedule_timeout(long timeout);
asmlinkage void schedule_tail(struct task_struct *prev);
int cond_resched(void);
void yield(void);
void set_user_nice(struct task_struct *p, long nice);
int task_nice(const struct task_struct *p);
int task_prio(const struct task_struct *p);
int idle_cpu(int cpu);
extern unsigned long nr_running(void);
extern unsigned long long nr_context_switches(void);
extern unsigned long avenrun[3];
extern unsigned long nr_uninterruptible(void);
/// The name of a state for /proc: R S D T t Z X.
char task_state_letter(struct task_struct *p);
/// Ticks of the whole machine, for /proc/stat.
extern struct kernel_stat {
    unsigned long user, nice, system, idle, irqs;
} kstat;

// kernel/fork.c, kernel/exit.c
asmlinkage long do_fork(unsigned long clone_flags, unsigned long stack_start, struct pt_regs *regs,
                        unsigned long stack_size, int __user *parent_tidptr, int __user *child_tidptr);
void fork_init(unsigned long mempages);
void proc_caches_init(void);
struct mm_struct *mm_alloc(void);
void mmput(struct mm_struct *mm);
void __mmdrop(struct mm_struct *mm);
static inline void mmdrop(struct mm_struct *mm)
{
    if (atomic_dec_and_test(&mm->mm_count))
        __mmdrop(mm);
}
struct mm_struct *get_task_mm(struct task_struct *task);
void mm_release(struct task_struct *tsk, struct mm_struct *mm);
void exit_mm(struct task_struct *tsk);
NORET_TYPE void do_exit(long code) ATTRIB_NORET;
NORET_TYPE void do_group_exit(int code) ATTRIB_NORET;
void release_task(struct task_struct *p);
void exit_sighand(struct task_struct *tsk);
void __exit_signal(struct task_struct *tsk);
void exit_signal(struct task_struct *tsk);
void exit_itimers(struct signal_struct *sig);
void daemonize(const char *name, ...);
int is_orphaned_pgrp(int pgrp);
int will_become_orphaned_pgrp(int pgrp, struct task_struct *ignored);
int session_of_pgrp(int pgrp);
int has_stopped_jobs(int pgrp);
void __set_special_pids(pid_t session, pid_t pgrp);
void set_task_comm(struct task_struct *tsk, const char *name);
void flush_thread(void);
void exit_thread(void);
void release_thread(struct task_struct *task);
int copy_thread(int nr, unsigned long clone_flags, unsigned long esp, unsigned long unused, struct task_struct *p,
                struct pt_regs *regs);
void prepare_to_copy(struct task_struct *tsk);
void cpu_idle(void) __noreturn;

// kernel/signal.c
void signals_init(void);
int send_sig(int sig, struct task_struct *p, int priv);
int send_sig_info(int sig, struct siginfo *info, struct task_struct *p);
int send_group_sig_info(int sig, struct siginfo *info, struct task_struct *p);
int group_send_sig_info(int sig, struct siginfo *info, struct task_struct *p);
int __group_send_sig_info(int sig, struct siginfo *info, struct task_struct *p);
int force_sig_info(int sig, struct siginfo *info, struct task_struct *p);
void force_sig(int sig, struct task_struct *p);
void force_sig_specific(int sig, struct task_struct *t);
void force_sigsegv(int sig, struct task_struct *p);
int kill_pg(pid_t pgrp, int sig, int priv);
int kill_pg_info(int sig, struct siginfo *info, pid_t pgrp);
int kill_sl(pid_t session, int sig, int priv);
int kill_proc(pid_t pid, int sig, int priv);
int kill_proc_info(int sig, struct siginfo *info, pid_t pid);
void do_notify_parent(struct task_struct *tsk, int sig);
void flush_signals(struct task_struct *tsk);
void flush_signal_handlers(struct task_struct *tsk, int force_default);
int dequeue_signal(struct task_struct *tsk, sigset_t *mask, siginfo_t *info);
void recalc_sigpending(void);
void recalc_sigpending_tsk(struct task_struct *t);
void signal_wake_up(struct task_struct *t, int resume_stopped);
int do_sigaction(int sig, const struct k_sigaction *act, struct k_sigaction *oact);
int do_sigaltstack(const stack_t __user *uss, stack_t __user *uoss, unsigned long esp);
void zap_other_threads(struct task_struct *p);
int sigprocmask(int how, sigset_t *set, sigset_t *oldset);
void ptrace_notify(int exit_code);
int copy_siginfo_to_user(siginfo_t __user *to, siginfo_t *from);
static inline int on_sig_stack(unsigned long sp) { return sp - current->sas_ss_sp < current->sas_ss_size; }
static inline int sas_ss_flags(unsigned long sp)
{
    return current->sas_ss_size == 0 ? SS_DISABLE : on_sig_stack(sp) ? SS_ONSTACK : 0;
}
/// Pseudo info pointers for send_sig_info: from the user, from the kernel.
#define SEND_SIG_NOINFO ((struct siginfo *)0)
#define SEND_SIG_PRIV ((struct siginfo *)1)
#define SEND_SIG_FORCED ((struct siginfo *)2)
static inline int sig_fatal_ignored(struct task_struct *p, int sig)
{
    return p->sighand->action[sig - 1].sa.sa_handler == SIG_IGN;
}
int getrusage(struct task_struct *p, int who, struct rusage __user *ru);
void k_getrusage(struct task_struct *p, int who, struct rusage *r);
void it_real_fn(unsigned long task);
void run_posix_cpu_timers(struct task_struct *p);
extern void do_timer(struct pt_regs *regs);
void sched_time_init(void);
/// The signals waiting for a task, private and shared.
static inline void collect_pending(struct task_struct *p, sigset_t *set)
{
    sigorsets(set, &p->pending.signal, &p->signal->shared_pending.signal);
}
