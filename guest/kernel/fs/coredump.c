// SPDX-License-Identifier: MIT
// A signal that dumps core: who else runs in the address space is ended first, then the file is opened, and the program's
// format writes it (binfmt_elf_core.c). [linux-2.6.11] fs/exec.c, where these functions have their names from; core(5).
//
//   get_signal_to_deliver -> do_coredump -> coredump_wait -> zap_threads    all others get SIGKILL
//                                                            ... and wait in exit_mm, their registers still on their stacks
//                                        -> format_corename, filp_open, binfmt->core_dump
//                                        -> complete_all(core_done)         now they may go
//
// Nobody is written over: the file must be a regular one with one name, reached by no symbolic link; it is made with mode 0600
// and with the program's own rights. A program that has changed its user (mm->dumpable == 0) leaves none.
#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/utsname.h>

char core_pattern[CORENAME_MAX_SIZE] = "core";
int core_uses_pid;

/// What a %-letter of the pattern stands for; nothing for one that nobody knows.
static int expand_letter(char *to, int room, char letter, long signr)
{
    struct timeval now;
    switch (letter) {
    case '%': return scnprintf(to, room, "%%");
    case 'p': return scnprintf(to, room, "%d", current->tgid);
    case 'u': return scnprintf(to, room, "%d", current->uid);
    case 'g': return scnprintf(to, room, "%d", current->gid);
    case 's': return scnprintf(to, room, "%ld", signr);
    case 't':
        do_gettimeofday(&now);
        return scnprintf(to, room, "%lu", (unsigned long)now.tv_sec);
    case 'h': return scnprintf(to, room, "%s", system_utsname.nodename);
    case 'e': return scnprintf(to, room, "%s", current->comm);
    default: return 0;
    }
}

/// The name that the pattern gives. The number is added if the pattern has none and core_uses_pid or the other threads ask for it.
static void format_corename(char *corename, const char *pattern, long signr)
{
    int length = 0, pid_in_pattern = 0;
    for (const char *p = pattern; *p && length < CORENAME_MAX_SIZE - 1; p++) {
        if (*p != '%') {
            corename[length++] = *p;
            continue;
        }
        if (!*++p)
            break;
        pid_in_pattern |= *p == 'p';
        length += expand_letter(corename + length, CORENAME_MAX_SIZE - length, *p, signr);
    }
    corename[length] = 0;
    if (!pid_in_pattern && (core_uses_pid || atomic_read(&current->mm->mm_users) != 1))
        scnprintf(corename + length, CORENAME_MAX_SIZE - length, ".%d", current->tgid);
}

/// A thread that another of them traces would stop in its exit and wait for a tracer that waits for us.
static void unlink_tracees_of(struct mm_struct *mm)
{
    struct task_struct *g, *p;
    write_lock_irq(&tasklist_lock);
    do_each_thread(g, p) {
        if (p->mm == mm && p != current && p->ptrace && p->parent->mm == mm)
            __ptrace_unlink(p);
    } while_each_thread(g, p);
    write_unlock_irq(&tasklist_lock);
}

static void zap_threads(struct mm_struct *mm)
{
    struct task_struct *g, *p, *tsk = current;
    struct completion *vfork_done = tsk->vfork_done;
    int traced = 0;
    if (vfork_done) { // a parent in vfork would wait for us to let its memory go, and we for it
        tsk->vfork_done = NULL;
        complete(vfork_done);
    }
    read_lock(&tasklist_lock);
    do_each_thread(g, p) {
        if (p->mm != mm || p == tsk)
            continue;
        force_sig_specific(SIGKILL, p);
        mm->core_waiters++;
        traced |= p->ptrace && p->parent->mm == mm;
    } while_each_thread(g, p);
    read_unlock(&tasklist_lock);
    if (unlikely(traced))
        unlink_tracees_of(mm);
}

/// All others have arrived in exit_mm. REQUIRES: mmap_sem for writing; it is released.
static void coredump_wait(struct mm_struct *mm)
{
    DECLARE_COMPLETION(startup_done);
    mm->core_waiters++; // from now on whoever ends waits for us
    mm->core_startup_done = &startup_done;
    zap_threads(mm);
    int others = --mm->core_waiters;
    up_write(&mm->mmap_sem);
    if (others)
        wait_for_completion(&startup_done);
    BUG_ON(mm->core_waiters);
}

static struct file *open_core(const char *corename)
{
    struct file *file = filp_open(corename, O_CREAT | O_RDWR | O_NOFOLLOW | O_LARGEFILE, 0600);
    if (IS_ERR(file))
        return file;
    struct inode *inode = file->f_dentry->d_inode;
    if (inode->i_nlink == 1 && !d_unhashed(file->f_dentry) && S_ISREG(inode->i_mode) && file->f_op &&
        file->f_op->write && !do_truncate(file->f_dentry, 0))
        return file;
    filp_close(file, NULL);
    return ERR_PTR(-EPERM);
}

/// 1: there is a core file, and the wait status says so.
int do_coredump(long signr, int exit_code, struct pt_regs *regs)
{
    char corename[CORENAME_MAX_SIZE];
    struct mm_struct *mm = current->mm;
    struct linux_binfmt *binfmt = current->binfmt;
    int retval = 0;
    if (!binfmt || !binfmt->core_dump)
        return 0;
    down_write(&mm->mmap_sem);
    // Another thread dumps already, or calls execve and waits for our end, so that we must not wait for its own.
    if (!mm->dumpable || (current->signal->flags & SIGNAL_GROUP_EXIT)) {
        up_write(&mm->mmap_sem);
        return 0;
    }
    mm->dumpable = 0;
    init_completion(&mm->core_done);
    current->signal->flags = SIGNAL_GROUP_EXIT;
    current->signal->group_exit_code = exit_code;
    coredump_wait(mm);
    if (current->signal->rlim[RLIMIT_CORE].rlim_cur >= binfmt->min_coredump) {
        format_corename(corename, core_pattern, signr);
        struct file *file = open_core(corename);
        if (!IS_ERR(file)) {
            retval = binfmt->core_dump(signr, regs, file);
            filp_close(file, NULL);
        }
    }
    if (retval)
        current->signal->group_exit_code |= 0x80;
    complete_all(&mm->core_done);
    return retval;
}
