// SPDX-License-Identifier: MIT
// Reading directories: a file system's readdir calls a filldir function for each name; three of these pack the names
// as getdents, getdents64 and the one-name call of old want them. f_pos is a cookie, not a number of bytes.
// Truth: getdents(2), readdir(2); names are Linux 2.6's.
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/stddef.h>
#include <asm/uaccess.h>

struct linux_dirent {
    unsigned long d_ino, d_off;
    unsigned short d_reclen;
    char d_name[1]; // then NUL, and the type in the last byte of the record
};

struct linux_dirent64 {
    u64 d_ino;
    s64 d_off;
    unsigned short d_reclen;
    unsigned char d_type;
    char d_name[0];
} __attribute__((packed));

struct old_linux_dirent {
    unsigned long d_ino, d_offset;
    unsigned short d_namlen;
    char d_name[1];
};

// Where the next record goes, how much room is left, and the last record, whose d_off is known only afterwards.
struct getdents_callback {
    char __user *next;
    char __user *previous;
    int count;
    int error;
};

int vfs_readdir(struct file *file, filldir_t filler, void *buf)
{
    struct inode *inode = file->f_dentry->d_inode;
    int res;

    if (!file->f_op || !file->f_op->readdir)
        return -ENOTDIR;
    if (inode->i_nlink == 0)
        return -ENOENT; // removed while open
    res = file->f_op->readdir(file, buf, filler);
    update_atime(inode);
    return res;
}

// read(2) of a directory.
ssize_t generic_read_dir(struct file *file, char __user *buf, size_t count, loff_t *ppos)
{
    return -EISDIR;
}

static unsigned int dt_type(const struct inode *inode)
{
    return (inode->i_mode >> 12) & 15;
}

static int emit_dots(struct file *file, void *dirent, filldir_t filldir)
{
    struct dentry *dir = file->f_dentry;

    if (file->f_pos == 0) {
        if (filldir(dirent, ".", 1, 0, dir->d_inode->i_ino, DT_DIR) < 0)
            return 0;
        file->f_pos = 1;
    }
    if (file->f_pos == 1) {
        if (filldir(dirent, "..", 2, 1, dir->d_parent->d_inode->i_ino, DT_DIR) < 0)
            return 0;
        file->f_pos = DCACHE_FIRST_COOKIE;
    }
    return 1;
}

// readdir of file systems whose names are all dentries in memory. Children are in order of their cookies, so a name
// that comes or goes between two calls makes no other name appear twice or be missed.
int dcache_readdir(struct file *file, void *dirent, filldir_t filldir)
{
    struct dentry *child;

    if (!emit_dots(file, dirent, filldir))
        return 0;
    list_for_each_entry(child, &file->f_dentry->d_subdirs, d_child) {
        if (child->d_cookie < file->f_pos || !child->d_inode)
            continue;
        if (filldir(dirent, (const char *)child->d_name.name, child->d_name.len, child->d_cookie,
                    child->d_inode->i_ino, dt_type(child->d_inode))
            < 0)
            return 0;
        file->f_pos = child->d_cookie + 1;
    }
    return 0;
}

static int filldir(void *arg, const char *name, int namelen, loff_t offset, unsigned long ino, unsigned int type)
{
    struct getdents_callback *buf = arg;
    struct linux_dirent __user *dirent = (struct linux_dirent *)buf->next;
    int reclen = ALIGN(offsetof(struct linux_dirent, d_name) + namelen + 2, (int)sizeof(long));

    buf->error = -EINVAL; // if not even one fits
    if (reclen > buf->count)
        return -EINVAL;
    buf->error = -EFAULT;
    if (buf->previous && put_user(offset, &((struct linux_dirent *)buf->previous)->d_off))
        return -EFAULT;
    if (put_user(ino, &dirent->d_ino) || put_user(reclen, &dirent->d_reclen)
        || copy_to_user(dirent->d_name, name, namelen) || put_user(0, dirent->d_name + namelen)
        || put_user(type, (char __user *)dirent + reclen - 1))
        return -EFAULT;
    buf->previous = buf->next;
    buf->next += reclen;
    buf->count -= reclen;
    return 0;
}

static int filldir64(void *arg, const char *name, int namelen, loff_t offset, unsigned long ino, unsigned int type)
{
    struct getdents_callback *buf = arg;
    struct linux_dirent64 __user *dirent = (struct linux_dirent64 *)buf->next;
    int reclen = ALIGN(offsetof(struct linux_dirent64, d_name) + namelen + 1, (int)sizeof(u64));
    struct linux_dirent64 head = { .d_ino = ino, .d_reclen = reclen, .d_type = type };

    buf->error = -EINVAL;
    if (reclen > buf->count)
        return -EINVAL;
    buf->error = -EFAULT;
    if (buf->previous && copy_to_user(&((struct linux_dirent64 *)buf->previous)->d_off, &offset, sizeof(s64)))
        return -EFAULT;
    if (copy_to_user(dirent, &head, sizeof(head)) || copy_to_user(dirent->d_name, name, namelen)
        || put_user(0, dirent->d_name + namelen))
        return -EFAULT;
    buf->previous = buf->next;
    buf->next += reclen;
    buf->count -= reclen;
    return 0;
}

// Common to both: the number of bytes filled. The last record's d_off is where the next call goes on.
static long do_getdents(unsigned int fd, char __user *dirent, unsigned int count, filldir_t filler, int wide)
{
    struct file *file;
    struct getdents_callback buf = { dirent, NULL, count, 0 };
    int error;

    if (!access_ok(VERIFY_WRITE, dirent, count))
        return -EFAULT;
    file = fget(fd);
    if (!file)
        return -EBADF;
    error = file->f_mode & FMODE_PATH ? -EBADF : vfs_readdir(file, filler, &buf);
    if (error >= 0) {
        error = buf.error;
        if (buf.previous) {
            error = count - buf.count;
            if (wide ? copy_to_user(&((struct linux_dirent64 *)buf.previous)->d_off, &file->f_pos, sizeof(s64)) != 0
                     : put_user((unsigned long)file->f_pos, &((struct linux_dirent *)buf.previous)->d_off))
                error = -EFAULT;
        }
    }
    fput(file);
    return error;
}

asmlinkage long sys_getdents(unsigned int fd, struct linux_dirent __user *dirent, unsigned int count)
{
    return do_getdents(fd, (char __user *)dirent, count, filldir, 0);
}

asmlinkage long sys_getdents64(unsigned int fd, struct linux_dirent64 __user *dirent, unsigned int count)
{
    return do_getdents(fd, (char __user *)dirent, count, filldir64, 1);
}

struct readdir_callback {
    struct old_linux_dirent __user *dirent;
    int result;
};

static int fillonedir(void *arg, const char *name, int namelen, loff_t offset, unsigned long ino, unsigned int type)
{
    struct readdir_callback *buf = arg;
    struct old_linux_dirent __user *dirent = buf->dirent;

    if (buf->result)
        return -EINVAL;
    buf->result = 1;
    if (put_user(ino, &dirent->d_ino) || put_user(offset, &dirent->d_offset) || put_user(namelen, &dirent->d_namlen)
        || copy_to_user(dirent->d_name, name, namelen) || put_user(0, dirent->d_name + namelen))
        buf->result = -EFAULT;
    return 0;
}

asmlinkage long old_readdir(unsigned int fd, void __user *dirent, unsigned int count)
{
    struct readdir_callback buf = { dirent, 0 };
    struct file *file = fget(fd);
    int error;

    if (!file)
        return -EBADF;
    error = vfs_readdir(file, fillonedir, &buf);
    fput(file);
    return error < 0 ? error : buf.result;
}
