// SPDX-License-Identifier: MIT
// The virtual file system's objects and the operations a file system or driver fills in.
//
//   descriptor --> struct file --> struct dentry --> struct inode --> i_mapping (pages of its data)
//     (a number)     (one open:      (one name)        (one file)
//                     position,
//                     flags, f_op)
//
// A call such as read(2) goes sys_read -> fget -> vfs_read -> file->f_op->read; f_op decides whether a ramfs page, a
// pipe's ring, a tty or a /proc function answers. One processor, no preemption inside the kernel: between two sleeping
// points a task has these structures to itself, so they carry no locks, only reference counts.
// Truth: names and roles are Linux 2.6's.
#pragma once

#include <linux/dcache.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <linux/pagemap.h>
#include <linux/time.h>
#include <linux/types.h>
#include <linux/stat.h>
#include <linux/wait.h>
#include <asm/atomic.h>

struct file;
struct files_struct;
struct inode;
struct iovec;
struct kstatfs;
struct nameidata;
struct pipe_inode_info;
struct poll_table_struct;
struct super_block;
struct vm_area_struct;

#define NR_OPEN (1024 * 1024) // the highest RLIMIT_NOFILE
#define MAX_LFS_FILESIZE 0x7ffffffffffLL // page numbers are 32 bits wide
#define MAX_NON_LFS ((1UL << 31) - 1)
#define MAX_RW_COUNT 0x7ffff000U // one call moves at most this many bytes

#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4
#define MAY_APPEND 8

#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_LSEEK 4
#define FMODE_PREAD 8
#define FMODE_PATH 0x4000 // O_PATH: names a file, gives no access to its contents

#define MS_RDONLY 1
#define MS_NOSUID 2
#define MS_NODEV 4
#define MS_NOEXEC 8
#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12

struct inode {
    struct list_head i_sb_list;
    unsigned long i_ino;
    atomic_t i_count;
    umode_t i_mode;
    unsigned int i_nlink;
    uid_t i_uid;
    gid_t i_gid;
    dev_t i_rdev;
    loff_t i_size;
    struct timespec i_atime, i_mtime, i_ctime;
    unsigned long i_blksize;
    atomic_t i_writecount; // > 0: open for writing; < 0: being executed
    const struct inode_operations *i_op;
    const struct file_operations *i_fop;
    struct super_block *i_sb;
    struct list_head i_flock; // file_lock: advisory locks held on this file
    wait_queue_head_t i_flock_wait;
    struct address_space *i_mapping;
    struct address_space i_data;
    struct pipe_inode_info *i_pipe; // pipes and fifos
    union {
        void *generic_ip;
        char *i_link; // the text of a symbolic link
        unsigned long i_private;
    } u;
};

// The length is two words: a page fault may read it in the middle of somebody else's write(2).
static inline loff_t i_size_read(struct inode *inode)
{
    loff_t size;

    preempt_disable();
    size = inode->i_size;
    preempt_enable();
    return size;
}

static inline void i_size_write(struct inode *inode, loff_t size)
{
    preempt_disable();
    inode->i_size = size;
    preempt_enable();
}

struct fown_struct {
    int pid; // who gets SIGIO; negative: a group
    uid_t uid, euid; // of who set it
    int signum; // in place of SIGIO
};

struct fasync_struct {
    int fa_fd;
    struct fasync_struct *fa_next;
    struct file *fa_file;
};

struct file {
    struct list_head f_list; // all open files
    struct dentry *f_dentry;
    struct vfsmount *f_vfsmnt;
    const struct file_operations *f_op;
    atomic_t f_count;
    unsigned int f_flags;
    unsigned int f_mode;
    loff_t f_pos;
    struct fown_struct f_owner;
    unsigned int f_version; // seq_file and readdir may note here what they have seen
    void *private_data;
    struct address_space *f_mapping;
    struct list_head f_ep_links; // the epoll items that watch it
};

typedef int (*filldir_t)(void *arg, const char *name, int namelen, loff_t offset, unsigned long ino, unsigned int type);

struct file_operations {
    loff_t (*llseek)(struct file *, loff_t, int);
    ssize_t (*read)(struct file *, char __user *, size_t, loff_t *);
    ssize_t (*write)(struct file *, const char __user *, size_t, loff_t *);
    ssize_t (*readv)(struct file *, const struct iovec *, unsigned long, loff_t *);
    ssize_t (*writev)(struct file *, const struct iovec *, unsigned long, loff_t *);
    int (*readdir)(struct file *, void *, filldir_t);
    unsigned int (*poll)(struct file *, struct poll_table_struct *);
    int (*ioctl)(struct inode *, struct file *, unsigned int, unsigned long);
    int (*mmap)(struct file *, struct vm_area_struct *);
    int (*open)(struct inode *, struct file *);
    int (*flush)(struct file *); // every close(2)
    int (*release)(struct inode *, struct file *); // the last one
    int (*fsync)(struct file *, struct dentry *, int datasync);
    int (*fasync)(int fd, struct file *, int on);
    int preemptible; // read and write need no big kernel lock
};

struct iattr {
    unsigned int ia_valid;
    umode_t ia_mode;
    uid_t ia_uid;
    gid_t ia_gid;
    loff_t ia_size;
    struct timespec ia_atime, ia_mtime, ia_ctime;
};

#define ATTR_MODE 1
#define ATTR_UID 2
#define ATTR_GID 4
#define ATTR_SIZE 8
#define ATTR_ATIME 16
#define ATTR_MTIME 32
#define ATTR_CTIME 64
#define ATTR_ATIME_SET 128
#define ATTR_MTIME_SET 256
#define ATTR_KILL_PRIV 1024 // the set-id bits go
#define ATTR_FORCE 512 // the caller has checked the permissions

struct inode_operations {
    int (*create)(struct inode *, struct dentry *, int mode, struct nameidata *);
    struct dentry *(*lookup)(struct inode *, struct dentry *, struct nameidata *);
    int (*link)(struct dentry *, struct inode *, struct dentry *);
    int (*unlink)(struct inode *, struct dentry *);
    int (*symlink)(struct inode *, struct dentry *, const char *);
    int (*mkdir)(struct inode *, struct dentry *, int);
    int (*rmdir)(struct inode *, struct dentry *);
    int (*mknod)(struct inode *, struct dentry *, int, dev_t);
    int (*rename)(struct inode *, struct dentry *, struct inode *, struct dentry *);
    int (*readlink)(struct dentry *, char __user *, int);
    // The text to walk next, or NULL when `nd` was moved to the target itself, or ERR_PTR.
    const char *(*follow_link)(struct dentry *, struct nameidata *);
    void (*truncate)(struct inode *);
    int (*permission)(struct inode *, int, struct nameidata *);
    int (*setattr)(struct dentry *, struct iattr *);
    int (*getattr)(struct vfsmount *, struct dentry *, struct kstat *);
};

struct super_operations {
    void (*delete_inode)(struct inode *); // the last name and the last user are gone
    int (*statfs)(struct super_block *, struct kstatfs *);
};

struct file_system_type {
    const char *name;
    int fs_flags;
    struct super_block *(*get_sb)(struct file_system_type *, int flags, const char *dev_name, void *data);
    struct file_system_type *next;
};

#define FS_SINGLE 1 // every mount shows the same super block

struct super_block {
    struct list_head s_list;
    dev_t s_dev;
    unsigned long s_blocksize;
    unsigned long s_flags;
    unsigned long s_magic;
    struct dentry *s_root;
    struct file_system_type *s_type;
    const struct super_operations *s_op;
    struct list_head s_inodes;
    int s_active; // mounts that show it
    void *s_fs_info;
};

#define IS_RDONLY(inode) ((inode)->i_sb->s_flags & MS_RDONLY)

// --- inodes (fs/inode.c, fs/bad_inode etc.)
struct inode *new_inode(struct super_block *sb);
struct inode *igrab(struct inode *inode);
void iput(struct inode *inode);
void init_special_inode(struct inode *inode, umode_t mode, dev_t rdev);
void update_atime(struct inode *inode);
void inode_update_time(struct inode *inode);
int vmtruncate(struct inode *inode, loff_t size);
unsigned long long inode_blocks(const struct inode *inode);

// --- super blocks and file system types (fs/super.c, fs/filesystems.c)
extern struct list_head super_blocks;
int register_filesystem(struct file_system_type *fs);
struct file_system_type *get_fs_type(const char *name);
int get_filesystem_list(char *buf, int size);
void deactivate_super(struct super_block *sb);
struct super_block *sget(struct file_system_type *type, int flags);
struct super_block *get_sb_single(struct file_system_type *type, int flags, void *data,
                  int (*fill_super)(struct super_block *, void *));
struct super_block *get_sb_nodev(struct file_system_type *type, int flags, void *data,
                 int (*fill_super)(struct super_block *, void *));

// --- character devices (fs/char_dev.c)
int register_chrdev(unsigned int major, const char *name, const struct file_operations *fops);
extern const struct file_operations def_chr_fops;
extern const struct file_operations def_fifo_fops;
extern const struct file_operations no_open_fops;

// --- open files (fs/file_table.c, fs/open.c)
struct file *get_empty_filp(void);
struct file *filp_open(const char *filename, int flags, int mode);
struct file *dentry_open(struct dentry *dentry, struct vfsmount *mnt, int flags);
int filp_close(struct file *filp, struct files_struct *files);
int get_write_access(struct inode *inode);
int deny_write_access(struct file *file);
void allow_write_access(struct file *file);
void put_write_access(struct inode *inode);
extern struct list_head file_list;

static inline void get_file(struct file *file)
{
    atomic_inc(&file->f_count);
}

// --- reading and writing (fs/read_write.c)
ssize_t vfs_read(struct file *file, char __user *buf, size_t count, loff_t *pos);
ssize_t vfs_write(struct file *file, const char __user *buf, size_t count, loff_t *pos);
ssize_t generic_file_read(struct file *file, char __user *buf, size_t count, loff_t *ppos);
ssize_t generic_file_write(struct file *file, const char __user *buf, size_t count, loff_t *ppos);
loff_t generic_file_llseek(struct file *file, loff_t offset, int origin);
loff_t no_llseek(struct file *file, loff_t offset, int origin);
// Reads into kernel memory; what execve uses.
int kernel_read(struct file *file, unsigned long offset, char *addr, unsigned long count);
int vfs_readdir(struct file *file, filldir_t filler, void *buf);
ssize_t generic_read_dir(struct file *file, char __user *buf, size_t count, loff_t *ppos);
int dcache_readdir(struct file *file, void *dirent, filldir_t filldir);
int generic_file_open(struct inode *inode, struct file *filp);
int nonseekable_open(struct inode *inode, struct file *filp);
// fasync.c
int fasync_helper(int fd, struct file *filp, int on, struct fasync_struct **fapp);
void kill_fasync(struct fasync_struct **fp, int sig, int band);
void send_sigio(struct fown_struct *fown, int fd, int band);
void f_setown(struct file *filp, int arg, int force);

// --- names (fs/namei.c): the path string of a call, copied into a buffer of PATH_MAX bytes
char *getname(const char __user *filename);
void putname(char *name);
int permission(struct inode *inode, int mask, struct nameidata *nd);
int open_namei(int dfd, const char *pathname, int flag, int mode, struct nameidata *nd);
int may_open(struct nameidata *nd, int acc_mode, int flag);
int vfs_create(struct inode *dir, struct dentry *dentry, int mode, struct nameidata *nd);
int vfs_mkdir(struct inode *dir, struct dentry *dentry, int mode);
int vfs_mknod(struct inode *dir, struct dentry *dentry, int mode, dev_t dev);
int vfs_symlink(struct inode *dir, struct dentry *dentry, const char *oldname);
int vfs_link(struct dentry *old_dentry, struct inode *dir, struct dentry *new_dentry);
int vfs_rmdir(struct inode *dir, struct dentry *dentry);
int vfs_unlink(struct inode *dir, struct dentry *dentry);
int vfs_rename(struct inode *old_dir, struct dentry *old_dentry, struct inode *new_dir, struct dentry *new_dentry);
int vfs_readlink(char __user *buffer, int buflen, const char *text);

// --- attributes (fs/stat.c, fs/attr.c)
int vfs_getattr(struct vfsmount *mnt, struct dentry *dentry, struct kstat *stat);
void generic_fillattr(struct inode *inode, struct kstat *stat);
int vfs_statfs(struct super_block *sb, struct kstatfs *buf);
int notify_change(struct dentry *dentry, struct iattr *attr);
int inode_change_ok(struct inode *inode, struct iattr *attr);
void inode_setattr(struct inode *inode, struct iattr *attr);
int do_truncate(struct dentry *dentry, loff_t length);

// --- advisory locks (fs/locks.c)
void locks_remove_posix(struct file *filp, struct files_struct *owner);
void locks_remove_flock(struct file *filp);

// --- boot
void vfs_caches_init(unsigned long mempages);
void inode_init(void);
void dcache_init(void);
void files_init(void);
void mnt_init(void);
void init_rootfs(void);
struct inode *ramfs_get_inode(struct super_block *sb, int mode, dev_t dev);
void populate_rootfs(void);
void chrdev_init(void);
void proc_root_init(void);
