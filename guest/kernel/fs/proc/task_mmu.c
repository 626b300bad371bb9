// SPDX-License-Identifier: MIT
// /proc/PID/maps and statm: the areas of a task's address space. Truth: proc(5).
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <asm/pgtable.h>

static struct mm_struct *mm_of(struct seq_file *m)
{
    struct task_struct *task = find_task_by_pid((long)m->private);

    return task ? task->mm : NULL;
}

// Columns up to the name: 49, as on every 32-bit Linux.
static void pad_to_name(struct seq_file *m, size_t line_start)
{
    do
        seq_putc(m, ' ');
    while (m->count < m->size && m->count - line_start < 49);
}

// As in 2.6.11, the heap, the stack and the vsyscall page have no names yet, and an area without a file tells the page number
// that it was made with, which is its address.
static void show_map(struct seq_file *m, struct vm_area_struct *vma)
{
    struct inode *inode = vma->vm_file ? vma->vm_file->f_dentry->d_inode : NULL;
    unsigned long flags = vma->vm_flags;
    size_t line_start = m->count;

    seq_printf(m, "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ", vma->vm_start, vma->vm_end, flags & VM_READ ? 'r' : '-',
               flags & VM_WRITE ? 'w' : '-', flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p',
               vma->vm_pgoff << PAGE_SHIFT, inode ? MAJOR(inode->i_sb->s_dev) : 0, inode ? MINOR(inode->i_sb->s_dev) : 0,
               inode ? inode->i_ino : 0);
    if (inode) {
        pad_to_name(m, line_start);
        seq_path(m, vma->vm_file->f_vfsmnt, vma->vm_file->f_dentry, "\n");
    }
    seq_putc(m, '\n');
}

// The page at 0xffffe000 that every process can call: no area of the process' own, with no rights that it could change.
static struct vm_area_struct gate_vma = { .vm_start = VSYSCALL_PAGE, .vm_end = VSYSCALL_PAGE + PAGE_SIZE };

int proc_pid_maps(struct seq_file *m, void *v)
{
    struct mm_struct *mm = mm_of(m);
    struct vm_area_struct *vma;

    if (!mm)
        return 0;
    atomic_inc(&mm->mm_users); // the task may end while we wait
    down_read(&mm->mmap_sem);
    for (vma = mm->mmap; vma; vma = vma->vm_next)
        show_map(m, vma);
    show_map(m, &gate_vma);
    up_read(&mm->mmap_sem);
    mmput(mm);
    return 0;
}

// Sizes in pages: all, resident, shared, text, library, data + stack, dirty.
int proc_pid_statm(struct seq_file *m, void *v)
{
    struct mm_struct *mm = mm_of(m);
    unsigned long text;

    if (!mm)
        return seq_puts(m, "0 0 0 0 0 0 0\n");
    text = (PAGE_ALIGN(mm->end_code) - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
    return seq_printf(m, "%lu %lu %lu %lu 0 %lu 0\n", mm->total_vm, mm->rss, min(mm->rss, mm->exec_vm), text,
                      mm->total_vm - text);
}
