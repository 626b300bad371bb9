// SPDX-License-Identifier: MIT
// capget and capset, in the first (2.6.11) and the later two-word forms.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <asm/uaccess.h>

#define CAPABILITY_VERSION_1 0x19980330
#define CAPABILITY_VERSION_2 0x20071026
#define CAPABILITY_VERSION_3 0x20080522

struct cap_header {
    u32 version;
    int pid;
};
struct cap_data {
    u32 effective, permitted, inheritable;
};

/// Words per set, or -EINVAL after telling which version we have.
static int check_version(struct cap_header __user *header, struct cap_header *copy)
{
    if (copy_from_user(copy, header, sizeof(*copy)))
        return -EFAULT;
    if (copy->version == CAPABILITY_VERSION_1)
        return 1;
    if (copy->version == CAPABILITY_VERSION_2 || copy->version == CAPABILITY_VERSION_3)
        return 2;
    return put_user(CAPABILITY_VERSION_1, &header->version) ? -EFAULT : -EINVAL;
}

asmlinkage long sys_capget(struct cap_header __user *header, struct cap_data __user *data)
{
    struct cap_header h;
    int words = check_version(header, &h);
    if (words < 0)
        return words == -EINVAL && !data ? 0 : words;
    struct task_struct *p = h.pid ? find_task_by_pid(h.pid) : current;
    if (h.pid < 0)
        return -EINVAL;
    if (!p)
        return -ESRCH;
    struct cap_data out[2] = { { p->cap_effective, p->cap_permitted, p->cap_inheritable }, { 0, 0, 0 } };
    return data && copy_to_user(data, out, words * sizeof(out[0])) ? -EFAULT : 0;
}

asmlinkage long sys_capset(struct cap_header __user *header, const struct cap_data __user *data)
{
    struct cap_header h;
    struct cap_data in, sets[2];
    int words = check_version(header, &h);
    if (words < 0)
        return words;
    if (h.pid && h.pid != current->pid)
        return -EPERM;
    if (copy_from_user(sets, data, words * sizeof(sets[0])))
        return -EFAULT;
    in = sets[0];
    // Nothing can be gained: permitted only shrinks, effective stays within it.
    if ((in.permitted & ~current->cap_permitted) || (in.effective & ~in.permitted) ||
        (in.inheritable & ~(current->cap_inheritable | current->cap_permitted)))
        return -EPERM;
    current->cap_permitted = in.permitted;
    current->cap_effective = in.effective;
    current->cap_inheritable = in.inheritable;
    return 0;
}
