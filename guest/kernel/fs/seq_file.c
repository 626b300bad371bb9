// SPDX-License-Identifier: MIT
// Files whose text is made while it is read. seq_read asks `show` for one record at a time into a buffer, hands out
// what fits, and keeps the rest for the next read(2). A record longer than the buffer gets a bigger buffer.
// Rows D15, O01: this is where read(2) of a /proc file ends, before the file's own show function.
// Truth: names are Linux 2.6's.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/uaccess.h>

#define SEQ_MAX_BUFFER (128 * 1024)

int seq_open(struct file *file, const struct seq_operations *op)
{
    struct seq_file *m = kmalloc(sizeof(*m), GFP_KERNEL);

    if (!m)
        return -ENOMEM;
    memset(m, 0, sizeof(*m));
    m->op = op;
    file->private_data = m;
    return 0;
}

int seq_release(struct inode *inode, struct file *file)
{
    struct seq_file *m = file->private_data;

    kfree(m->buf);
    kfree(m);
    return 0;
}

static int grow(struct seq_file *m)
{
    size_t size = m->buf ? m->size * 2 : PAGE_SIZE;
    char *buf;

    if (size > SEQ_MAX_BUFFER)
        return -ENOMEM;
    buf = kmalloc(size, GFP_KERNEL);
    if (!buf)
        return -ENOMEM;
    kfree(m->buf);
    m->buf = buf;
    m->size = size;
    return 0;
}

// One call of show; 0 if the text (m->count bytes) is whole, 1 if the buffer was too small.
static int show_record(struct seq_file *m, void *v)
{
    int error;

    m->from = m->count = 0;
    error = m->op->show(m, v);
    if (error < 0)
        return error;
    return m->count >= m->size;
}

// Fills the buffer with the text of the next records, as many as fit into `want` bytes or one if it is longer.
// The number of bytes, 0 at the end.
static int fill(struct seq_file *m, size_t want)
{
    size_t total = 0;
    void *v;
    int error = 0;

    v = m->op->start(m, &m->index);
    while (v && !IS_ERR(v)) {
        size_t size = m->size;
        char *buf = m->buf;

        if (total) { // a further record goes behind the first, into what is left of the buffer
            m->buf += total;
            m->size -= total;
        }
        error = show_record(m, v);
        m->buf = buf;
        m->size = size;
        if (error < 0)
            break;
        if (error) {
            if (total) {
                error = 0;
                break;
            }
            m->op->stop(m, v);
            if (grow(m))
                return -ENOMEM;
            v = m->op->start(m, &m->index);
            continue;
        }
        total += m->count;
        v = m->op->next(m, v, &m->index);
        if (total >= want)
            break;
    }
    if (IS_ERR(v)) {
        error = PTR_ERR(v);
        v = NULL;
    }
    m->op->stop(m, v);
    m->from = 0;
    m->count = total;
    return error < 0 && !total ? error : (int)total;
}

// Hands out up to `size` bytes (buf NULL: throws them away, to get to a position).
static ssize_t take(struct seq_file *m, char __user *buf, size_t size)
{
    size_t n;
    ssize_t done = 0;
    int got;

    while (size) {
        if (!m->count) {
            got = fill(m, size);
            if (got <= 0)
                return done ? done : got;
        }
        n = min(m->count, size);
        if (buf && copy_to_user(buf + done, m->buf + m->from, n))
            return done ? done : -EFAULT;
        m->from += n;
        m->count -= n;
        m->read_pos += n;
        size -= n;
        done += n;
    }
    return done;
}

// Starts over and reads up to the position; -errno or 0.
static int traverse(struct seq_file *m, loff_t offset)
{
    ssize_t n;

    m->index = m->read_pos = 0;
    m->from = m->count = 0;
    if (!offset)
        return 0;
    n = take(m, NULL, offset);
    return n < 0 ? n : 0;
}

noinline ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos)
{
    struct seq_file *m = file->private_data;
    ssize_t n;
    int error;

    if (!m->buf && grow(m))
        return -ENOMEM;
    if (*ppos != m->read_pos) {
        error = traverse(m, *ppos);
        if (error)
            return error;
    }
    n = take(m, buf, size);
    if (n > 0)
        *ppos += n;
    return n;
}

loff_t seq_lseek(struct file *file, loff_t offset, int origin)
{
    if (origin == SEEK_CUR)
        offset += file->f_pos;
    else if (origin != SEEK_SET)
        return -EINVAL;
    if (offset < 0)
        return -EINVAL;
    file->f_pos = offset;
    return offset;
}

int seq_printf(struct seq_file *m, const char *format, ...)
{
    va_list args;
    int len;

    if (m->count < m->size) {
        va_start(args, format);
        len = vsnprintf(m->buf + m->count, m->size - m->count, format, args);
        va_end(args);
        if (m->count + len < m->size) {
            m->count += len;
            return 0;
        }
    }
    m->count = m->size; // too small: the mark that show_record looks for
    return -1;
}

int seq_puts(struct seq_file *m, const char *s)
{
    return seq_printf(m, "%s", s);
}

int seq_putc(struct seq_file *m, char c)
{
    return seq_printf(m, "%c", c);
}

// The path, with the characters of `escape` as octal.
int seq_path(struct seq_file *m, struct vfsmount *mnt, struct dentry *dentry, const char *escape)
{
    char *page = (char *)__get_free_page(GFP_KERNEL), *p;

    if (!page)
        return -ENOMEM;
    p = d_path(dentry, mnt, page, PAGE_SIZE);
    if (!IS_ERR(p))
        for (; *p; p++) {
            if (strchr(escape, *p))
                seq_printf(m, "\\%03o", (unsigned char)*p);
            else
                seq_putc(m, *p);
        }
    free_page((unsigned long)page);
    return 0;
}

// --- files of one record

static void *single_start(struct seq_file *m, loff_t *pos)
{
    return *pos ? NULL : (void *)1;
}

static void *single_next(struct seq_file *m, void *v, loff_t *pos)
{
    ++*pos;
    return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data)
{
    struct seq_operations *op = kmalloc(sizeof(*op), GFP_KERNEL);
    int error;

    if (!op)
        return -ENOMEM;
    *op = (struct seq_operations){ single_start, single_stop, single_next, show };
    error = seq_open(file, op);
    if (error)
        kfree(op);
    else
        ((struct seq_file *)file->private_data)->private = data;
    return error;
}

int single_release(struct inode *inode, struct file *file)
{
    kfree(((struct seq_file *)file->private_data)->op);
    return seq_release(inode, file);
}
