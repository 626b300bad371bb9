// SPDX-License-Identifier: MIT
// Who is it: user and group numbers of a task, supplementary groups, capabilities. Calls whose name ends in 16 have
// 16-bit numbers; a larger number is shown to them as 65534.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/uaccess.h>

#define OVERFLOW_ID 65534
#define NO_CHANGE ((uid_t)-1)

struct group_info init_groups = { .usage = ATOMIC_INIT(2) };

int capable(int cap)
{
    if (!cap_raised(current->cap_effective, cap))
        return 0;
    current->flags |= PF_SUPERPRIV;
    return 1;
}

void put_group_info(struct group_info *info)
{
    if (atomic_dec_and_test(&info->usage))
        kfree(info);
}

static int listed(gid_t gid)
{
    for (int i = 0; i < current->group_info->ngroups; i++)
        if (current->group_info->gid[i] == gid)
            return 1;
    return 0;
}
int in_group_p(gid_t gid) { return gid == current->fsgid || listed(gid); }
int in_egroup_p(gid_t gid) { return gid == current->egid || listed(gid); }

/// Root's powers go with its number, and come back with the effective one.
static void cap_change_uid(uid_t old_ruid, uid_t old_euid, uid_t old_suid)
{
    if ((!old_ruid || !old_euid || !old_suid) && current->uid && current->euid && current->suid &&
        !current->keep_capabilities)
        current->cap_permitted = current->cap_effective = 0;
    if (!old_euid && current->euid)
        current->cap_effective = 0;
    if (old_euid && !current->euid)
        current->cap_effective = current->cap_permitted;
}

static int change_uid(uid_t ruid, uid_t euid, uid_t suid)
{
    uid_t old_ruid = current->uid, old_euid = current->euid, old_suid = current->suid;
    if (ruid != old_ruid) {
        struct user_struct *user = alloc_uid(ruid);
        if (!user)
            return -EAGAIN;
        // Whoever takes on a user may not bring it above its limit.
        if (user != &root_user &&
            (unsigned)atomic_read(&user->processes) >= current->signal->rlim[RLIMIT_NPROC].rlim_cur) {
            free_uid(user);
            return -EAGAIN;
        }
        switch_uid(user);
    }
    if (euid != old_euid)
        current->mm->dumpable = 0;
    current->uid = ruid;
    current->euid = current->fsuid = euid;
    current->suid = suid;
    cap_change_uid(old_ruid, old_euid, old_suid);
    return 0;
}

static int own_uid(uid_t id)
{
    return id == NO_CHANGE || id == current->uid || id == current->euid || id == current->suid;
}
static int own_gid(gid_t id)
{
    return id == NO_CHANGE || id == current->gid || id == current->egid || id == current->sgid;
}
#define keep(id, old) ((id) == NO_CHANGE ? (old) : (id))

asmlinkage long sys_setuid(uid_t uid)
{
    if (capable(CAP_SETUID))
        return change_uid(uid, uid, uid);
    return uid == current->uid || uid == current->suid ? change_uid(current->uid, uid, current->suid) : -EPERM;
}

asmlinkage long sys_setreuid(uid_t ruid, uid_t euid)
{
    if (!capable(CAP_SETUID) &&
        (!(ruid == NO_CHANGE || ruid == current->uid || ruid == current->euid) || !own_uid(euid)))
        return -EPERM;
    uid_t new_ruid = keep(ruid, current->uid), new_euid = keep(euid, current->euid);
    int changes_saved = ruid != NO_CHANGE || (euid != NO_CHANGE && euid != current->uid);
    return change_uid(new_ruid, new_euid, changes_saved ? new_euid : current->suid);
}

asmlinkage long sys_setresuid(uid_t ruid, uid_t euid, uid_t suid)
{
    if (!capable(CAP_SETUID) && (!own_uid(ruid) || !own_uid(euid) || !own_uid(suid)))
        return -EPERM;
    return change_uid(keep(ruid, current->uid), keep(euid, current->euid), keep(suid, current->suid));
}

static long change_gid(gid_t rgid, gid_t egid, gid_t sgid)
{
    if (egid != current->egid)
        current->mm->dumpable = 0;
    current->gid = rgid;
    current->egid = current->fsgid = egid;
    current->sgid = sgid;
    return 0;
}

asmlinkage long sys_setgid(gid_t gid)
{
    if (capable(CAP_SETGID))
        return change_gid(gid, gid, gid);
    return gid == current->gid || gid == current->sgid ? change_gid(current->gid, gid, current->sgid) : -EPERM;
}

asmlinkage long sys_setregid(gid_t rgid, gid_t egid)
{
    if (!capable(CAP_SETGID) &&
        (!(rgid == NO_CHANGE || rgid == current->gid || rgid == current->egid) || !own_gid(egid)))
        return -EPERM;
    gid_t new_egid = keep(egid, current->egid);
    int changes_saved = rgid != NO_CHANGE || (egid != NO_CHANGE && egid != current->gid);
    return change_gid(keep(rgid, current->gid), new_egid, changes_saved ? new_egid : current->sgid);
}

asmlinkage long sys_setresgid(gid_t rgid, gid_t egid, gid_t sgid)
{
    if (!capable(CAP_SETGID) && (!own_gid(rgid) || !own_gid(egid) || !own_gid(sgid)))
        return -EPERM;
    return change_gid(keep(rgid, current->gid), keep(egid, current->egid), keep(sgid, current->sgid));
}

static long put_ids(u32 __user *a, u32 __user *b, u32 __user *c, const u32 ids[3])
{
    return put_user(ids[0], a) || put_user(ids[1], b) || put_user(ids[2], c) ? -EFAULT : 0;
}
asmlinkage long sys_getresuid(uid_t __user *r, uid_t __user *e, uid_t __user *s)
{
    return put_ids(r, e, s, (u32[3]){ current->uid, current->euid, current->suid });
}
asmlinkage long sys_getresgid(gid_t __user *r, gid_t __user *e, gid_t __user *s)
{
    return put_ids(r, e, s, (u32[3]){ current->gid, current->egid, current->sgid });
}

/// The number for file accesses; the old one is the result, whatever happens.
asmlinkage long sys_setfsuid(uid_t uid)
{
    uid_t old = current->fsuid;
    if (uid == current->fsuid || (uid != NO_CHANGE && own_uid(uid)) || capable(CAP_SETUID))
        current->fsuid = uid;
    return old;
}
asmlinkage long sys_setfsgid(gid_t gid)
{
    gid_t old = current->fsgid;
    if (gid == current->fsgid || (gid != NO_CHANGE && own_gid(gid)) || capable(CAP_SETGID))
        current->fsgid = gid;
    return old;
}

asmlinkage long sys_getuid(void) { return current->uid; }
asmlinkage long sys_geteuid(void) { return current->euid; }
asmlinkage long sys_getgid(void) { return current->gid; }
asmlinkage long sys_getegid(void) { return current->egid; }

asmlinkage long sys_getgroups(int gidsetsize, gid_t __user *grouplist)
{
    const struct group_info *info = current->group_info;
    if (gidsetsize < 0 || (gidsetsize && gidsetsize < info->ngroups))
        return -EINVAL;
    if (gidsetsize && copy_to_user(grouplist, info->gid, info->ngroups * sizeof(gid_t)))
        return -EFAULT;
    return info->ngroups;
}

static long install_groups(struct group_info *info)
{
    put_group_info(current->group_info);
    current->group_info = info;
    return 0;
}

static struct group_info *new_groups(int n)
{
    struct group_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
    if (info) {
        atomic_set(&info->usage, 1);
        info->ngroups = n;
    }
    return info;
}

asmlinkage long sys_setgroups(int gidsetsize, gid_t __user *grouplist)
{
    if (!capable(CAP_SETGID))
        return -EPERM;
    if ((unsigned)gidsetsize > NGROUPS_SMALL)
        return -EINVAL;
    struct group_info *info = new_groups(gidsetsize);
    if (!info)
        return -ENOMEM;
    if (copy_from_user(info->gid, grouplist, gidsetsize * sizeof(gid_t))) {
        kfree(info);
        return -EFAULT;
    }
    return install_groups(info);
}

// ---- 16-bit numbers
static uid_t widen(old_uid_t id) { return id == (old_uid_t)-1 ? NO_CHANGE : id; }
static old_uid_t narrow(uid_t id) { return id > 65535 ? OVERFLOW_ID : id; }
asmlinkage long sys_setuid16(old_uid_t uid) { return sys_setuid(widen(uid)); }
asmlinkage long sys_setgid16(old_gid_t gid) { return sys_setgid(widen(gid)); }
asmlinkage long sys_setreuid16(old_uid_t r, old_uid_t e) { return sys_setreuid(widen(r), widen(e)); }
asmlinkage long sys_setregid16(old_gid_t r, old_gid_t e) { return sys_setregid(widen(r), widen(e)); }
asmlinkage long sys_setresuid16(old_uid_t r, old_uid_t e, old_uid_t s)
{
    return sys_setresuid(widen(r), widen(e), widen(s));
}
asmlinkage long sys_setresgid16(old_gid_t r, old_gid_t e, old_gid_t s)
{
    return sys_setresgid(widen(r), widen(e), widen(s));
}
asmlinkage long sys_setfsuid16(old_uid_t uid) { return sys_setfsuid(widen(uid)); }
asmlinkage long sys_setfsgid16(old_gid_t gid) { return sys_setfsgid(widen(gid)); }
asmlinkage long sys_getuid16(void) { return narrow(current->uid); }
asmlinkage long sys_geteuid16(void) { return narrow(current->euid); }
asmlinkage long sys_getgid16(void) { return narrow(current->gid); }
asmlinkage long sys_getegid16(void) { return narrow(current->egid); }

static long put_ids16(old_uid_t __user *a, old_uid_t __user *b, old_uid_t __user *c, uid_t x, uid_t y, uid_t z)
{
    return put_user(narrow(x), a) || put_user(narrow(y), b) || put_user(narrow(z), c) ? -EFAULT : 0;
}
asmlinkage long sys_getresuid16(old_uid_t __user *r, old_uid_t __user *e, old_uid_t __user *s)
{
    return put_ids16(r, e, s, current->uid, current->euid, current->suid);
}
asmlinkage long sys_getresgid16(old_gid_t __user *r, old_gid_t __user *e, old_gid_t __user *s)
{
    return put_ids16(r, e, s, current->gid, current->egid, current->sgid);
}

asmlinkage long sys_getgroups16(int gidsetsize, old_gid_t __user *grouplist)
{
    const struct group_info *info = current->group_info;
    if (gidsetsize < 0 || (gidsetsize && gidsetsize < info->ngroups))
        return -EINVAL;
    for (int i = 0; gidsetsize && i < info->ngroups; i++)
        if (put_user(narrow(info->gid[i]), grouplist + i))
            return -EFAULT;
    return info->ngroups;
}

asmlinkage long sys_setgroups16(int gidsetsize, old_gid_t __user *grouplist)
{
    if (!capable(CAP_SETGID))
        return -EPERM;
    if ((unsigned)gidsetsize > NGROUPS_SMALL)
        return -EINVAL;
    struct group_info *info = new_groups(gidsetsize);
    if (!info)
        return -ENOMEM;
    for (int i = 0; i < gidsetsize; i++) {
        old_gid_t gid;
        if (get_user(gid, grouplist + i)) {
            kfree(info);
            return -EFAULT;
        }
        info->gid[i] = widen(gid);
    }
    return install_groups(info);
}
