// SPDX-License-Identifier: MIT
// Segments of the user's own: three TLS descriptors in the GDT (set_thread_area, clone's tls), and the LDT of an address
// space (modify_ldt). fork copies the LDT, execve begins without one.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/desc.h>
#include <asm/mmu_context.h>
#include <asm/uaccess.h>

void load_LDT(mm_context_t *context)
{
    if (!context->ldt) {
        load_LDT_selector(0);
        return;
    }
    set_system_desc(GDT_ENTRY_LDT, (unsigned long)context->ldt, context->size * LDT_ENTRY_SIZE - 1, 0x82);
    load_LDT_selector(__LDT_SEL);
}

/// Makes room for `count` entries; a larger table replaces the smaller one. The caller holds context->sem.
static int alloc_ldt(mm_context_t *context, int count, int reload)
{
    if (count <= context->size)
        return 0;
    count = (count + 511) & ~511; // a page at a time
    char *table = kmalloc(count * LDT_ENTRY_SIZE, GFP_KERNEL);
    if (!table)
        return -ENOMEM;
    int held = context->size * LDT_ENTRY_SIZE;
    void *old = context->ldt;
    if (held)
        memcpy(table, old, held);
    memset(table + held, 0, count * LDT_ENTRY_SIZE - held);
    preempt_disable(); // a switch loads table and size
    context->ldt = table;
    context->size = count;
    if (reload)
        load_LDT(context); // LDTR still leads to the old one
    preempt_enable();
    if (old)
        kfree(old);
    return 0;
}

/// The child's own copy of its parent's LDT.
int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
    mm_context_t *old = &current->mm->context;
    int retval = 0;
    down(&old->sem);
    if (old->size && !(retval = alloc_ldt(&mm->context, old->size, 0)))
        memcpy(mm->context.ldt, old->ldt, old->size * LDT_ENTRY_SIZE);
    up(&old->sem);
    return retval;
}

void destroy_context(struct mm_struct *mm)
{
    if (mm->context.ldt)
        kfree(mm->context.ldt);
    mm->context.ldt = NULL;
    mm->context.size = 0;
}

/// The table as it is, and zeros up to `bytecount`; the number of bytes.
static int read_ldt(void __user *ptr, unsigned long bytecount)
{
    mm_context_t *context = &current->mm->context;
    if (bytecount > LDT_ENTRY_SIZE * LDT_ENTRIES)
        bytecount = LDT_ENTRY_SIZE * LDT_ENTRIES;
    down(&context->sem);
    unsigned long size = context->size * LDT_ENTRY_SIZE;
    if (size > bytecount)
        size = bytecount;
    int bad = size && copy_to_user(ptr, context->ldt, size);
    up(&context->sem);
    if (!size)
        return 0;
    if (bad || clear_user(ptr + size, bytecount - size))
        return -EFAULT;
    return bytecount;
}

/// Function 2: the default LDT, which has been empty since programs of other systems are not run: zeros.
static int read_default_ldt(void __user *ptr, unsigned long bytecount)
{
    unsigned long size = 5 * LDT_ENTRY_SIZE;
    if (size > bytecount)
        size = bytecount;
    return clear_user(ptr, size) ? -EFAULT : size;
}

static int ldt_entry_is_bad(const struct user_desc *info, int oldmode)
{
    if (info->entry_number >= LDT_ENTRIES)
        return 1;
    return info->contents == 3 && (oldmode || !info->seg_not_present); // conforming code only if it is not there
}

static int write_ldt(void __user *ptr, unsigned long bytecount, int oldmode)
{
    mm_context_t *context = &current->mm->context;
    struct user_desc info;
    if (bytecount != sizeof(info))
        return -EINVAL;
    if (copy_from_user(&info, ptr, sizeof(info)))
        return -EFAULT;
    if (ldt_entry_is_bad(&info, oldmode))
        return -EINVAL;
    down(&context->sem);
    int error = alloc_ldt(context, info.entry_number + 1, 1);
    if (!error) {
        struct desc_struct *desc = (struct desc_struct *)context->ldt + info.entry_number;
        if ((oldmode && !info.base_addr && !info.limit) || LDT_empty(&info)) {
            desc->a = desc->b = 0;
        } else {
            desc->a = LDT_entry_a(&info);
            desc->b = LDT_entry_b(&info) & (oldmode ? ~(1UL << 20) : ~0UL);
        }
    }
    up(&context->sem);
    return error;
}

asmlinkage int sys_modify_ldt(int func, void __user *ptr, unsigned long bytecount)
{
    switch (func) {
    case 0: return read_ldt(ptr, bytecount);
    case 1: return write_ldt(ptr, bytecount, 1);
    case 2: return read_default_ldt(ptr, bytecount);
    case 0x11: return write_ldt(ptr, bytecount, 0);
    default: return -ENOSYS;
    }
}

static int free_tls_entry(struct thread_struct *t)
{
    for (int i = 0; i < GDT_ENTRY_TLS_ENTRIES; i++)
        if (desc_empty(&t->tls_array[i]))
            return i + GDT_ENTRY_TLS_MIN;
    return -ESRCH;
}

void fill_tls_entry(struct desc_struct *desc, const struct user_desc *info)
{
    if (LDT_empty(info)) {
        desc->a = desc->b = 0;
    } else {
        desc->a = LDT_entry_a(info);
        desc->b = LDT_entry_b(info);
    }
}

/// The other way round: what a program would have asked for.
void describe_tls_entry(struct user_desc *info, const struct desc_struct *desc, int idx)
{
    memset(info, 0, sizeof(*info));
    info->entry_number = idx;
    info->base_addr = (desc->a >> 16) | ((desc->b & 0xff) << 16) | (desc->b & 0xff000000);
    info->limit = (desc->a & 0xffff) | (desc->b & 0xf0000);
    info->seg_32bit = desc->b >> 22;
    info->contents = desc->b >> 10;
    info->read_exec_only = !((desc->b >> 9) & 1);
    info->limit_in_pages = desc->b >> 23;
    info->seg_not_present = !((desc->b >> 15) & 1);
    info->useable = desc->b >> 20;
}

/// entry_number -1: the first free one, which is written back. glibc gets 6, selector 0x33.
/// FS and GS may hold the selector of a descriptor that has changed: loaded again, they see it (or fall to null).
static void refresh_segments(int idx)
{
    unsigned long fs, gs, changed = (idx << 3) | 3;
    savesegment(fs, fs);
    savesegment(gs, gs);
    if (fs == changed)
        loadsegment(fs, fs);
    if (gs == changed)
        loadsegment(gs, gs);
}

asmlinkage long sys_set_thread_area(struct user_desc __user *u_info)
{
    struct thread_struct *t = &current->thread;
    struct user_desc info;
    if (copy_from_user(&info, u_info, sizeof(info)))
        return -EFAULT;
    int idx = info.entry_number;
    if (idx == -1) {
        idx = free_tls_entry(t);
        if (idx < 0)
            return idx;
        if (put_user(idx, &u_info->entry_number))
            return -EFAULT;
    }
    if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
        return -EINVAL;
    fill_tls_entry(&t->tls_array[idx - GDT_ENTRY_TLS_MIN], &info);
    load_TLS(t);
    refresh_segments(idx);
    return 0;
}

asmlinkage long sys_get_thread_area(struct user_desc __user *u_info)
{
    struct user_desc info;
    int idx;
    if (get_user(idx, &u_info->entry_number))
        return -EFAULT;
    if (idx < GDT_ENTRY_TLS_MIN || idx > GDT_ENTRY_TLS_MAX)
        return -EINVAL;
    describe_tls_entry(&info, &current->thread.tls_array[idx - GDT_ENTRY_TLS_MIN], idx);
    return copy_to_user(u_info, &info, sizeof(info)) ? -EFAULT : 0;
}
