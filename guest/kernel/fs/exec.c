// SPDX-License-Identifier: MIT
// execve: a new program in the same task. The arguments are copied into fresh pages while the old program still exists;
// a loader that recognizes the file (binfmt_elf, binfmt_script) then throws the old one away (flush_old_exec).
//
//   bprm->page[0..31]:  | free ............ p | argv strings | env strings | file name | 0 |   -> top of the new stack
#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>

#define ARG_SPACE (PAGE_SIZE * MAX_ARG_PAGES)
#define MAX_ARG_COUNT 32767

static LIST_HEAD(formats);
extern kmem_cache_t *vm_area_cachep;
extern void switch_exec_pids(void);

int register_binfmt(struct linux_binfmt *format)
{
    list_add_tail(&format->formats, &formats);
    return 0;
}

/// The format of the program that the task runs now, and one use of its module.
void set_binfmt(struct linux_binfmt *format)
{
    struct linux_binfmt *old = current->binfmt;
    if (format)
        __module_get(format->module);
    current->binfmt = format;
    if (old)
        module_put(old->module);
}

/// An executable, open for reading, which the caller need not be allowed to; nobody may write to it meanwhile.
struct file *open_exec(const char *name)
{
    struct nameidata nd;
    int error = path_lookup(name, LOOKUP_FOLLOW, &nd);
    if (error)
        return ERR_PTR(error);
    struct inode *inode = nd.dentry->d_inode;
    error = -EACCES;
    if (S_ISREG(inode->i_mode) && (inode->i_mode & 0111) && !(nd.mnt->mnt_flags & MNT_NOEXEC))
        error = permission(inode, MAY_EXEC, &nd);
    struct file *file = error ? ERR_PTR(error) : dentry_open(dget(nd.dentry), mntget(nd.mnt), O_RDONLY);
    path_release(&nd);
    if (IS_ERR(file))
        return file;
    error = deny_write_access(file);
    if (!error)
        return file;
    fput(file);
    return ERR_PTR(error);
}

static void close_exec(struct file *file)
{
    if (!file)
        return;
    allow_write_access(file);
    fput(file);
}

static int count_strings(char __user *__user *argv)
{
    int n = 0;
    if (!argv)
        return 0;
    for (;; n++) {
        char __user *p;
        if (get_user(p, argv + n))
            return -EFAULT;
        if (!p)
            return n;
        if (n >= MAX_ARG_COUNT)
            return -E2BIG;
    }
}

/// The page that offset `pos` of the argument space lies in, made if it is not there.
static char *arg_page(struct linux_binprm *bprm, unsigned long pos)
{
    struct page **slot = &bprm->page[pos / PAGE_SIZE];
    if (!*slot)
        *slot = alloc_page(GFP_HIGHUSER | __GFP_ZERO);
    return *slot ? page_address(*slot) : NULL;
}

static int copy_string(struct linux_binprm *bprm, const char __user *string, unsigned long length)
{
    if (length > bprm->p)
        return -E2BIG;
    bprm->p -= length;
    for (unsigned long done = 0; done < length;) {
        unsigned long pos = bprm->p + done, offset = pos & ~PAGE_MASK;
        unsigned long n = min(length - done, PAGE_SIZE - offset);
        char *page = arg_page(bprm, pos);
        if (!page)
            return -ENOMEM;
        if (copy_from_user(page + offset, string + done, n))
            return -EFAULT;
        done += n;
    }
    return 0;
}

/// From the last to the first, so that the first ends up lowest.
static int copy_strings(int argc, char __user *__user *argv, struct linux_binprm *bprm)
{
    while (argc-- > 0) {
        char __user *string;
        if (get_user(string, argv + argc))
            return -EFAULT;
        long length = strnlen_user(string, ARG_SPACE);
        if (!length)
            return -EFAULT;
        if (length > (long)ARG_SPACE)
            return -E2BIG;
        int error = copy_string(bprm, string, length);
        if (error)
            return error;
    }
    return 0;
}

int copy_strings_kernel(int argc, char **argv, struct linux_binprm *bprm)
{
    mm_segment_t fs = get_fs();
    set_fs(KERNEL_DS);
    int error = copy_strings(argc, argv, bprm);
    set_fs(fs);
    return error;
}

/// Drops argv[0] (a script's interpreter line takes its place).
void remove_arg_zero(struct linux_binprm *bprm)
{
    if (!bprm->argc)
        return;
    while (arg_page(bprm, bprm->p)[bprm->p & ~PAGE_MASK])
        bprm->p++;
    bprm->p++;
    bprm->argc--;
}

static void free_arg_pages(struct linux_binprm *bprm)
{
    for (int i = 0; i < MAX_ARG_PAGES; i++) {
        if (bprm->page[i])
            __free_page(bprm->page[i]);
        bprm->page[i] = NULL;
    }
}

/// Owner of the new program, and its first bytes.
int prepare_binprm(struct linux_binprm *bprm)
{
    struct inode *inode = bprm->file->f_dentry->d_inode;
    bprm->e_uid = inode->i_mode & S_ISUID ? inode->i_uid : current->euid;
    bprm->e_gid = (inode->i_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ? inode->i_gid : current->egid;
    memset(bprm->buf, 0, BINPRM_BUF_SIZE);
    return kernel_read(bprm->file, 0, bprm->buf, BINPRM_BUF_SIZE);
}

/// A program that becomes another user must not be steered by who might not become it: no tracer without the right to, and nobody
/// who shares our directories.
static int unsafe_exec(void)
{
    int traced = (current->ptrace & PT_PTRACED) && !(current->ptrace & PT_PTRACE_CAP);
    return (traced || atomic_read(&current->fs->count) > 1) && !capable(CAP_SETUID);
}

void compute_creds(struct linux_binprm *bprm)
{
    if ((bprm->e_uid != (int)current->uid || bprm->e_gid != (int)current->gid) && unsafe_exec()) {
        bprm->e_uid = current->uid;
        bprm->e_gid = current->gid;
    }
    bprm->secure = bprm->e_uid != (int)current->uid || bprm->e_gid != (int)current->gid;
    if (bprm->secure)
        current->mm->dumpable = 0;
    current->suid = current->euid = current->fsuid = bprm->e_uid;
    current->sgid = current->egid = current->fsgid = bprm->e_gid;
    if (bprm->e_uid == 0) {
        current->cap_permitted = CAP_FULL_SET;
        current->cap_effective = CAP_INIT_EFF_SET;
    } else {
        current->cap_permitted = current->cap_effective = 0;
    }
}

/// The stack's area, with the pages of strings at its top.
int setup_arg_pages(struct linux_binprm *bprm, unsigned long stack_top, int executable_stack)
{
    struct mm_struct *mm = current->mm;
    unsigned long base = stack_top - ARG_SPACE;
    struct vm_area_struct *vma = kmem_cache_alloc(vm_area_cachep, GFP_KERNEL);
    if (!vma)
        return -ENOMEM;
    bprm->p += base;
    bprm->exec += base;
    mm->arg_start = bprm->p;
    memset(vma, 0, sizeof(*vma));
    vma->vm_mm = mm;
    vma->vm_start = bprm->p & PAGE_MASK;
    vma->vm_end = stack_top;
    vma->vm_flags = VM_STACK_FLAGS | (executable_stack ? VM_EXEC : 0);
    vma->vm_page_prot = protection_map[vma->vm_flags & 7];
    vma->vm_pgoff = vma->vm_start >> PAGE_SHIFT;
    int error = insert_vm_struct(mm, vma);
    if (error) {
        kmem_cache_free(vm_area_cachep, vma);
        return error;
    }
    mm->stack_vm = mm->total_vm = (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
    for (int i = 0; i < MAX_ARG_PAGES; i++) {
        if (!bprm->page[i])
            continue;
        pte_t *pte = pte_alloc_map(mm, base + i * PAGE_SIZE);
        if (!pte)
            return -ENOMEM;
        set_pte(pte, pte_mkdirty(pte_mkwrite(mk_pte(bprm->page[i], PAGE_COPY))));
        bprm->page[i] = NULL; // the page table's now
        mm->rss++;
    }
    return 0;
}

/// execve ends all other threads; the caller becomes the leader of its process and keeps the leader's PID.
static int de_thread(struct task_struct *tsk)
{
    struct signal_struct *sig = tsk->signal;
    if (thread_group_empty(tsk))
        return 0;
    if (sig->flags & SIGNAL_GROUP_EXIT)
        return -EAGAIN;
    zap_other_threads(tsk);
    sig->group_exit_task = tsk;
    // The dying threads release themselves; the leader stays as a zombie until we take its place.
    for (;;) {
        int alive = 0;
        for (struct task_struct *t = next_thread(tsk); t != tsk; t = next_thread(t))
            alive += t != tsk->group_leader || t->exit_state != EXIT_ZOMBIE;
        if (!alive)
            break;
        yield();
    }
    if (!thread_group_leader(tsk))
        switch_exec_pids();
    sig->group_exit_task = NULL;
    sig->flags = 0;
    sig->group_exit_code = 0;
    tsk->exit_signal = SIGCHLD;
    return 0;
}

static int exec_mmap(struct mm_struct *mm)
{
    struct task_struct *tsk = current;
    struct mm_struct *old_mm = tsk->mm, *active_mm = tsk->active_mm;
    if (old_mm)
        mm_release(tsk, old_mm);
    local_irq_disable();
    tsk->mm = tsk->active_mm = mm;
    activate_mm(active_mm, mm);
    local_irq_enable();
    if (old_mm) {
        if (old_mm->rss > tsk->signal->maxrss)
            tsk->signal->maxrss = old_mm->rss;
        mmput(old_mm);
    } else {
        mmdrop(active_mm);
    }
    return 0;
}

void set_task_comm(struct task_struct *tsk, const char *name) { strlcpy(tsk->comm, name, sizeof(tsk->comm)); }

/// Signal handlers that other processes share (CLONE_SIGHAND) stay theirs.
static int unshare_sighand(struct task_struct *tsk)
{
    struct sighand_struct *old = tsk->sighand;
    extern int copy_sighand(unsigned long clone_flags, struct task_struct *tsk);
    if (atomic_read(&old->count) == 1)
        return 0;
    int error = copy_sighand(0, tsk);
    if (error) {
        tsk->sighand = old;
        return error;
    }
    struct sighand_struct *new = tsk->sighand;
    tsk->sighand = old;
    exit_sighand(tsk);
    tsk->sighand = new;
    return 0;
}

/// The point of no return: after this the old program is gone.
int flush_old_exec(struct linux_binprm *bprm)
{
    struct task_struct *tsk = current;
    exit_itimers(tsk->signal);
    int error = de_thread(tsk);
    if (!error)
        error = unshare_sighand(tsk);
    if (!error)
        error = unshare_files();
    if (error)
        return error;
    exec_mmap(bprm->mm);
    bprm->mm = NULL; // the task's now
    const char *name = strrchr(bprm->filename, '/');
    set_task_comm(tsk, name ? name + 1 : bprm->filename);
    if (permission(bprm->file->f_dentry->d_inode, MAY_READ, NULL))
        tsk->mm->dumpable = 0; // who may only run a program may not see it in a core file either
    tsk->flags &= ~PF_FORKNOEXEC;
    tsk->sas_ss_sp = tsk->sas_ss_size = 0;
    tsk->pdeath_signal = 0;
    flush_thread();
    tsk->self_exec_id++;
    flush_signal_handlers(tsk, 0);
    flush_old_files(tsk->files);
    return 0;
}

int search_binary_handler(struct linux_binprm *bprm, struct pt_regs *regs)
{
    struct linux_binfmt *format;
    int error = -ENOEXEC;
    list_for_each_entry(format, &formats, formats) {
        if (!try_module_get(format->module))
            continue;
        error = format->load_binary(bprm, regs);
        module_put(format->module); // a program that runs is a use of its own: set_binfmt
        if (error >= 0)
            break;
        if (error != -ENOEXEC || !bprm->mm)
            return error;
    }
    if (error >= 0) {
        current->did_exec = 1;
        close_exec(bprm->file);
        bprm->file = NULL;
    }
    return error;
}

static int copy_arguments(struct linux_binprm *bprm, char __user *__user *argv, char __user *__user *envp)
{
    bprm->argc = count_strings(argv);
    if (bprm->argc < 0)
        return bprm->argc;
    bprm->envc = count_strings(envp);
    if (bprm->envc < 0)
        return bprm->envc;
    int error = copy_strings_kernel(1, &bprm->filename, bprm);
    bprm->exec = bprm->p;
    if (!error)
        error = copy_strings(bprm->envc, envp, bprm);
    if (!error)
        error = copy_strings(bprm->argc, argv, bprm);
    return error;
}

int do_execve(char *filename, char __user *__user *argv, char __user *__user *envp, struct pt_regs *regs)
{
    struct linux_binprm *bprm = kzalloc(sizeof(*bprm), GFP_KERNEL);
    if (!bprm)
        return -ENOMEM;
    struct file *file = open_exec(filename);
    int error = PTR_ERR(file);
    if (IS_ERR(file))
        goto out;
    bprm->p = ARG_SPACE - sizeof(void *);
    bprm->file = file;
    bprm->filename = bprm->interp = filename;
    error = -ENOMEM;
    bprm->mm = mm_alloc();
    if (!bprm->mm)
        goto out_file;
    error = prepare_binprm(bprm);
    if (error >= 0)
        error = copy_arguments(bprm, argv, envp);
    if (error >= 0)
        error = search_binary_handler(bprm, regs);
    if (error >= 0) {
        kfree(bprm);
        if (unlikely(current->ptrace & PT_TRACE_EXEC))
            ptrace_notify((PTRACE_EVENT_EXEC << 8) | SIGTRAP);
        else if (unlikely(current->ptrace & PT_PTRACED))
            send_sig(SIGTRAP, current, 0);
        return 0;
    }
    if (bprm->mm)
        mmdrop(bprm->mm);
    free_arg_pages(bprm);
out_file:
    close_exec(bprm->file);
out:
    kfree(bprm);
    return error;
}

/// Never left by sysexit (TIF_IRET): all registers of the new program come from its frame.
asmlinkage int sys_execve(struct pt_regs regs)
{
    char *filename = getname((char __user *)regs.ebx);
    if (IS_ERR(filename))
        return PTR_ERR(filename);
    int error = do_execve(filename, (char __user *__user *)regs.ecx, (char __user *__user *)regs.edx, &regs);
    if (!error)
        set_thread_flag(TIF_IRET);
    putname(filename);
    return error;
}
