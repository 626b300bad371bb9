// SPDX-License-Identifier: MIT
// Text files made of records: start/next/stop walk them, show prints one, seq_read cuts the text into the reader's
// pieces. Truth: names are Linux 2.6's.
#pragma once

#include <linux/types.h>

struct file;
struct inode;
struct dentry;
struct vfsmount;
struct seq_operations;

struct seq_file {
    char *buf; // one record's text
    size_t size, from, count; // bytes [from, from + count) of buf are not read yet
    loff_t index; // number of the next record
    loff_t read_pos; // file position that the above belongs to
    const struct seq_operations *op;
    void *private;
};

struct seq_operations {
    void *(*start)(struct seq_file *m, loff_t *pos);
    void (*stop)(struct seq_file *m, void *v);
    void *(*next)(struct seq_file *m, void *v, loff_t *pos);
    int (*show)(struct seq_file *m, void *v);
};

int seq_open(struct file *file, const struct seq_operations *op);
ssize_t seq_read(struct file *file, char *buf, size_t size, loff_t *ppos);
loff_t seq_lseek(struct file *file, loff_t offset, int origin);
int seq_release(struct inode *inode, struct file *file);
int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data);
int single_release(struct inode *inode, struct file *file);
int seq_printf(struct seq_file *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
int seq_puts(struct seq_file *m, const char *s);
int seq_putc(struct seq_file *m, char c);
int seq_path(struct seq_file *m, struct vfsmount *mnt, struct dentry *dentry, const char *escape);
