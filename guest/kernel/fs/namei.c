// SPDX-License-Identifier: MIT
// The walk from a path to a dentry, one component at a time. Three things can bend it: a mount point (the walk goes on
// at the root of what is mounted there), ".." (up, across mounts, but never above the caller's root) and a symbolic
// link (its text is walked first; what of the path comes after waits in nd->saved).
//
//   path_lookup -> path_init (start: root, cwd or a descriptor) -> link_path_walk -> do_lookup -> i_op->lookup
//
// Truth: names are Linux 2.6's; path_resolution(7); the limit of 40 links is today's Linux'.
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/uaccess.h>

char *getname(const char __user *filename)
{
    char *name = (char *)__get_free_page(GFP_KERNEL);
    long len;

    if (!name)
        return ERR_PTR(-ENOMEM);
    len = strncpy_from_user(name, filename, PATH_MAX);
    if (len > 0 && len < PATH_MAX)
        return name;
    free_page((unsigned long)name);
    return ERR_PTR(len < 0 ? len : len == 0 ? -ENOENT : -ENAMETOOLONG);
}

void putname(char *name)
{
    free_page((unsigned long)name);
}

static void nd_set(struct nameidata *nd, struct vfsmount *mnt, struct dentry *dentry)
{
    nd->mnt = mntget(mnt);
    nd->dentry = dget(dentry);
}

// The walk moves on to `dentry`, whose hold passes to nd.
static void nd_move(struct nameidata *nd, struct vfsmount *mnt, struct dentry *dentry)
{
    dput(nd->dentry);
    nd->dentry = dentry;
    if (nd->mnt != mnt) {
        mntput(nd->mnt);
        nd->mnt = mnt;
    }
}

void path_release(struct nameidata *nd)
{
    while (nd->depth)
        dput(nd->saved[--nd->depth].link);
    dput(nd->dentry);
    mntput(nd->mnt);
}

// Down: to the top of everything that is mounted on this dentry. Counts move with the walk.
void follow_mount(struct vfsmount **mnt, struct dentry **dentry)
{
    while (d_mountpoint(*dentry)) {
        struct vfsmount *mounted = lookup_mnt(*mnt, *dentry);

        if (!mounted)
            return;
        mntput(*mnt);
        dput(*dentry);
        *mnt = mounted;
        *dentry = dget(mounted->mnt_root);
    }
}

// Up: from the root of a mount to the dentry that it covers. 0 at the root of the tree.
int follow_up(struct vfsmount **mnt, struct dentry **dentry)
{
    struct vfsmount *parent = (*mnt)->mnt_parent;
    struct dentry *mountpoint;

    if (parent == *mnt)
        return 0;
    mntget(parent);
    mountpoint = dget((*mnt)->mnt_mountpoint);
    dput(*dentry);
    mntput(*mnt);
    *dentry = mountpoint;
    *mnt = parent;
    return 1;
}

static void follow_dotdot(struct nameidata *nd)
{
    struct fs_struct *fs = current->fs;

    while (!(nd->dentry == fs->root && nd->mnt == fs->rootmnt)) {
        if (nd->dentry != nd->mnt->mnt_root) {
            nd_move(nd, nd->mnt, dget(nd->dentry->d_parent));
            break;
        }
        if (!follow_up(&nd->mnt, &nd->dentry))
            break;
    }
    follow_mount(&nd->mnt, &nd->dentry);
}

// The dentry isn't in memory (or no longer true): ask the file system.
static struct dentry *real_lookup(struct dentry *parent, struct qstr *name, struct nameidata *nd)
{
    struct inode *dir = parent->d_inode;
    struct dentry *dentry = d_alloc(parent, name);
    struct dentry *result;

    if (!dentry)
        return ERR_PTR(-ENOMEM);
    result = d_lookup(parent, name); // allocating may have slept: has somebody else asked meanwhile?
    if (result) {
        dput(dentry);
        return result;
    }
    result = dir->i_op->lookup(dir, dentry, nd);
    if (!result)
        return dentry;
    dput(dentry);
    return result;
}

static struct dentry *cached_lookup(struct dentry *parent, struct qstr *name)
{
    struct dentry *dentry = d_lookup(parent, name);

    if (dentry && dentry->d_op && dentry->d_op->d_revalidate && !dentry->d_op->d_revalidate(dentry)) {
        d_drop(dentry);
        dput(dentry);
        return NULL;
    }
    return dentry;
}

static struct dentry *do_lookup(struct dentry *parent, struct qstr *name, struct nameidata *nd)
{
    struct dentry *dentry = cached_lookup(parent, name);

    return dentry ? dentry : real_lookup(parent, name, nd);
}

// The child of `base` with this name, existing or not (then d_inode is NULL). Links and mounts are not followed.
struct dentry *lookup_hash(struct qstr *name, struct dentry *base)
{
    int error = permission(base->d_inode, MAY_EXEC, NULL);

    return error ? ERR_PTR(error) : do_lookup(base, name, NULL);
}

struct dentry *lookup_one_len(const char *name, struct dentry *base, int len)
{
    struct qstr this = { (const unsigned char *)name, len, full_name_hash((const unsigned char *)name, len) };

    return lookup_hash(&this, base);
}

// Begins the walk of a link's text; the rest of the path is saved. Uses up the hold on `link`.
int do_follow_link(struct nameidata *nd, struct dentry *link, const char **name)
{
    const char *text;

    if (nd->total_links++ >= MAXSYMLINKS || nd->depth >= MAXSYMLINKS) {
        dput(link);
        return -ELOOP;
    }
    update_atime(link->d_inode);
    text = link->d_inode->i_op->follow_link(link, nd);
    if (IS_ERR(text) || !text) {
        dput(link);
        return PTR_ERR(text);
    }
    nd->saved[nd->depth++] = (struct saved_link){ link, *name };
    *name = text;
    if (*text == '/') {
        nd->last_type = LAST_ROOT;
        if (nd->mnt != current->fs->rootmnt) // else nd holds it already, once
            mntget(current->fs->rootmnt);
        nd_move(nd, current->fs->rootmnt, dget(current->fs->root));
    }
    return 0;
}

// Is there nothing left to walk after the text at hand?
static int rests_are_empty(const struct nameidata *nd)
{
    int i;

    for (i = 0; i < nd->depth; i++)
        if (*nd->saved[i].rest)
            return 0;
    return 1;
}

// Takes the next component off `name`; returns where the text goes on.
static const char *next_component(const char *name, struct qstr *this, int *slash)
{
    const char *start = name;

    while (*name && *name != '/')
        name++;
    this->name = (const unsigned char *)start;
    this->len = name - start;
    this->hash = full_name_hash(this->name, this->len);
    *slash = *name == '/';
    while (*name == '/')
        name++;
    return name;
}

static int component_type(const struct qstr *this)
{
    if (this->name[0] != '.' || this->len > 2)
        return LAST_NORM;
    if (this->len == 1)
        return LAST_DOT;
    return this->name[1] == '.' ? LAST_DOTDOT : LAST_NORM;
}

// One ordinary component: nd moves to it, or, if it is a link to be followed, *name becomes the link's text.
static int walk_component(struct nameidata *nd, struct qstr *this, const char **name, int final)
{
    struct dentry *dentry = do_lookup(nd->dentry, this, nd);
    struct vfsmount *mnt;
    struct inode *inode;

    if (IS_ERR(dentry))
        return PTR_ERR(dentry);
    mnt = mntget(nd->mnt);
    follow_mount(&mnt, &dentry);
    inode = dentry->d_inode;
    if (!inode) {
        dput(dentry);
        mntput(mnt);
        return -ENOENT;
    }
    if (inode->i_op && inode->i_op->follow_link
        && (!final || nd->trailing_slash || (nd->flags & LOOKUP_FOLLOW))) {
        mntput(mnt); // a link is never a mount point: mnt is nd->mnt
        return do_follow_link(nd, dentry, name);
    }
    if (mnt == nd->mnt)
        mntput(mnt);
    nd_move(nd, mnt, dentry);
    return 0;
}

// Walks `name` from where nd stands. With LOOKUP_PARENT it stops before the last component and leaves that in nd->last.
noinline int link_path_walk(const char *name, struct nameidata *nd)
{
    struct qstr this;
    int error, slash, final;

    for (;;) {
        while (*name == '/')
            name++;
        if (!*name) {
            if (!nd->depth)
                break;
            nd->depth--;
            name = nd->saved[nd->depth].rest;
            dput(nd->saved[nd->depth].link);
            continue;
        }
        if (!S_ISDIR(nd->dentry->d_inode->i_mode))
            return -ENOTDIR;
        error = permission(nd->dentry->d_inode, MAY_EXEC, nd);
        if (error)
            return error;
        name = next_component(name, &this, &slash);
        if (this.len > NAME_MAX)
            return -ENAMETOOLONG;
        final = !*name && rests_are_empty(nd);
        nd->last_type = component_type(&this);
        if (final) {
            nd->trailing_slash |= slash;
            if (nd->flags & LOOKUP_PARENT) {
                nd->last = this;
                return 0;
            }
        }
        if (nd->last_type == LAST_DOTDOT)
            follow_dotdot(nd);
        else if (nd->last_type == LAST_NORM) {
            error = walk_component(nd, &this, &name, final);
            if (error)
                return error;
        }
    }
    if ((nd->trailing_slash || (nd->flags & LOOKUP_DIRECTORY)) && !S_ISDIR(nd->dentry->d_inode->i_mode))
        return -ENOTDIR;
    return 0;
}

// Where the walk starts: at the root for "/...", else at the working directory or at an open directory.
int path_init(int dfd, const char *name, unsigned int flags, struct nameidata *nd)
{
    struct fs_struct *fs = current->fs;
    struct file *file;

    nd->flags = flags;
    nd->last_type = LAST_ROOT;
    nd->last.len = 0;
    nd->trailing_slash = nd->depth = nd->total_links = 0;
    if (*name == '/') {
        nd_set(nd, fs->rootmnt, fs->root);
        return 0;
    }
    if (dfd == AT_FDCWD) {
        nd_set(nd, fs->pwdmnt, fs->pwd);
        return 0;
    }
    file = fget(dfd);
    if (!file)
        return -EBADF;
    if (*name && !S_ISDIR(file->f_dentry->d_inode->i_mode)) {
        fput(file);
        return -ENOTDIR;
    }
    nd_set(nd, file->f_vfsmnt, file->f_dentry);
    fput(file);
    return 0;
}

int path_lookup_at(int dfd, const char *name, unsigned int flags, struct nameidata *nd)
{
    int error = path_init(dfd, name, flags, nd);

    if (error)
        return error;
    error = link_path_walk(name, nd);
    if (error)
        path_release(nd);
    return error;
}

noinline int path_lookup(const char *name, unsigned int flags, struct nameidata *nd)
{
    return path_lookup_at(AT_FDCWD, name, flags, nd);
}

// The same for a path in user memory. LOOKUP_EMPTY: "" is allowed and means the start itself.
int user_path_at(int dfd, const char __user *name, unsigned int flags, struct nameidata *nd)
{
    char *tmp = getname(name);
    int error;

    if (IS_ERR(tmp)) {
        if (PTR_ERR(tmp) == -ENOENT && (flags & LOOKUP_EMPTY))
            return path_lookup_at(dfd, "", flags, nd);
        return PTR_ERR(tmp);
    }
    error = path_lookup_at(dfd, tmp, flags, nd);
    putname(tmp);
    return error;
}

// The directory of a path in user memory; nd->last points into *tmp, which the caller puts back with putname.
int user_path_parent(int dfd, const char __user *name, struct nameidata *nd, char **tmp)
{
    int error;

    *tmp = getname(name);
    if (IS_ERR(*tmp))
        return PTR_ERR(*tmp);
    error = path_lookup_at(dfd, *tmp, LOOKUP_PARENT, nd);
    if (error)
        putname(*tmp);
    return error;
}

int at_lookup_flags(int at_flags, int follow)
{
    return (follow ? LOOKUP_FOLLOW : 0) | (at_flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}
