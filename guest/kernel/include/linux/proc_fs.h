// SPDX-License-Identifier: MIT
// /proc: entries that somebody registers (proc_dir_entry), and the directories of tasks, which are made up on lookup.
// Truth: names are Linux 2.6's; proc(5).
#pragma once

#include <linux/fs.h>

struct seq_file;
struct task_struct;

#define PROC_ROOT_INO 1
// In readdir of /proc positions from here on are 2 + PID + this.
#define FIRST_PROCESS_POSITION 256
#define PROC_DYNAMIC_FIRST 0xF0000000U

struct proc_dir_entry {
    unsigned int low_ino;
    const char *name;
    umode_t mode;
    const struct file_operations *proc_fops;
    const struct inode_operations *proc_iops;
    void *data;
    struct proc_dir_entry *parent, *subdir, *next; // subdir: the first entry in it
};

extern struct proc_dir_entry proc_root;

// `parent` NULL: /proc itself.
struct proc_dir_entry *create_proc_entry(const char *name, mode_t mode, struct proc_dir_entry *parent);
struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent);
// A read-only file whose whole text one call of `show` prints.
struct proc_dir_entry *create_proc_show(const char *name, struct proc_dir_entry *parent,
                                        int (*show)(struct seq_file *, void *));

struct inode *proc_make_inode(struct super_block *sb, unsigned long ino, umode_t mode);
struct dentry *proc_lookup(struct inode *dir, struct dentry *dentry, struct nameidata *nd);
int proc_readdir(struct file *filp, void *dirent, filldir_t filldir);
int proc_emit_dots(struct file *filp, void *dirent, filldir_t filldir, unsigned long parent_ino);

// /proc/PID (base.c, fd.c) and what its files show (array.c, task_mem.c, task_mmu.c). An inode below /proc/PID keeps
// the PID in u.i_private.
enum { PROC_TGID_INO = 2, PROC_TID_INO = 3, PROC_TGID_FIRST = 16 };
struct dentry *proc_pid_lookup(struct inode *dir, struct dentry *dentry);
int proc_pid_readdir(struct file *filp, void *dirent, filldir_t filldir);
struct task_struct *proc_task(const struct inode *inode);
struct inode *proc_pid_make_inode(struct super_block *sb, struct task_struct *task, unsigned int type, umode_t mode);
// The inode number of a thread's directory.
static inline unsigned long proc_tid_ino(pid_t tid) { return ((unsigned long)tid << 16) | PROC_TID_INO; }
struct dentry *proc_tid_directory(struct inode *dir, struct dentry *dentry, struct task_struct *task);
unsigned int name_to_pid(const struct qstr *name);
extern const struct inode_operations proc_task_inode_operations;
extern const struct file_operations proc_task_operations;
extern const struct dentry_operations pid_dentry_operations;
extern const struct inode_operations proc_fd_inode_operations;
extern const struct file_operations proc_fd_operations;
int proc_pid_stat(struct seq_file *m, void *v);
int proc_pid_statm(struct seq_file *m, void *v);
int proc_pid_status(struct seq_file *m, void *v);
int proc_pid_limits(struct seq_file *m, void *v);
int proc_pid_comm(struct seq_file *m, void *v);
int proc_pid_maps(struct seq_file *m, void *v);
int proc_pid_mounts(struct seq_file *m, void *v);
extern const struct file_operations proc_cmdline_operations, proc_environ_operations, proc_auxv_operations,
    proc_mem_operations;

// Parts of /proc that register themselves at boot.
void proc_misc_init(void);
void proc_cpuinfo_init(void);
void proc_sysctl_init(void);
