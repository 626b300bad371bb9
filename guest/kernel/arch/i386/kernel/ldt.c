// SPDX-License-Identifier: MIT
// Segments of the user's own: three TLS descriptors in the GDT (set_thread_area, clone's tls), and the LDT, which this
// kernel keeps empty (modify_ldt answers -ENOSYS).
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
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

int init_new_context(struct task_struct *tsk, struct mm_struct *mm)
{
    mm->context.ldt = NULL;
    mm->context.size = 0;
    return 0;
}
void destroy_context(struct mm_struct *mm) { }

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
