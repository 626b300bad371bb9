// SPDX-License-Identifier: MIT
// The first files: the boot loader left a cpio archive ("newc") in memory, populate_rootfs unpacks it into rootfs.
//
//   | header: "070701" + 13 numbers of 8 hex digits = 110 bytes | name, NUL, pad to 4 | data, pad to 4 | next ...
//                                                                            the last name is "TRAILER!!!"
//
// A damaged archive is reported with the offset and stops the boot: files that are half there help nobody.
// Truth: [linux-2.6.11], cpio(5) "New ASCII Format".
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <asm/uaccess.h>

#define HEADER_SIZE 110
#define FIELDS 13
#define LINK_HASH 64

enum { C_INO, C_MODE, C_UID, C_GID, C_NLINK, C_MTIME, C_FILESIZE, C_DEVMAJOR, C_DEVMINOR, C_RDEVMAJOR, C_RDEVMINOR,
       C_NAMESIZE, C_CHECK };

extern unsigned long initrd_start, initrd_end;
asmlinkage long sys_mkdir(const char __user *pathname, int mode);
asmlinkage long sys_mknod(const char __user *filename, int mode, unsigned int dev);
asmlinkage long sys_symlink(const char __user *oldname, const char __user *newname);

// One entry of the archive: its header's numbers, its name and its data where they lie.
struct cpio_entry {
    unsigned long offset; // in the archive, for messages
    unsigned long field[FIELDS];
    const char *name, *data;
};

// Names of one file: the first that was made, by inode and device number.
struct seen_link {
    struct seen_link *next;
    unsigned long ino, major, minor;
    char name[0];
};

static struct seen_link *seen_links[LINK_HASH];

static void __init damaged(unsigned long offset, const char *what)
{
    panic("initramfs: damaged cpio archive at byte %lu: %s", offset, what);
}

static int __init hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static unsigned long __init hex8(const char *text, unsigned long offset)
{
    unsigned long value = 0;
    int i;

    for (i = 0; i < 8; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0)
            damaged(offset, "a number in the header isn't hexadecimal");
        value = value << 4 | digit;
    }
    return value;
}

// Reads the entry at `offset` of the archive [start, start + size). Returns the offset of the next one.
static unsigned long __init parse_entry(const char *start, unsigned long size, unsigned long offset,
                                        struct cpio_entry *e)
{
    unsigned long left = size - offset, name_end, data_end;
    int i;

    e->offset = offset;
    if (left < HEADER_SIZE)
        damaged(offset, "it ends inside a header");
    if (memcmp(start + offset, "070701", 6) && memcmp(start + offset, "070702", 6))
        damaged(offset, "no \"070701\" (newc) where a header must begin");
    for (i = 0; i < FIELDS; i++)
        e->field[i] = hex8(start + offset + 6 + 8 * i, offset);
    if (e->field[C_NAMESIZE] == 0 || e->field[C_NAMESIZE] > PATH_MAX || e->field[C_NAMESIZE] > left - HEADER_SIZE)
        damaged(offset, "the name is empty, too long, or runs past the end");
    e->name = start + offset + HEADER_SIZE;
    if (e->name[e->field[C_NAMESIZE] - 1])
        damaged(offset, "the name doesn't end in a NUL byte");
    name_end = ALIGN(offset + HEADER_SIZE + e->field[C_NAMESIZE], 4UL);
    if (name_end > size)
        name_end = size;
    e->data = start + name_end;
    if (e->field[C_FILESIZE] > size - name_end)
        damaged(offset, "a file's data runs past the end");
    data_end = ALIGN(name_end + e->field[C_FILESIZE], 4UL);
    return data_end < size ? data_end : size;
}

static void __init set_attributes(const struct cpio_entry *e, struct inode *inode)
{
    inode->i_mode = (inode->i_mode & S_IFMT) | (e->field[C_MODE] & S_IALLUGO);
    inode->i_uid = e->field[C_UID];
    inode->i_gid = e->field[C_GID];
    inode->i_atime = inode->i_mtime = inode->i_ctime = (struct timespec){ e->field[C_MTIME], 0 };
}

// Straight into the page cache: the data is in the kernel's memory already.
static int __init copy_data(struct inode *inode, const char *data, unsigned long size)
{
    unsigned long done, n;

    for (done = 0; done < size; done += n) {
        struct page *page = find_or_create_page(inode->i_mapping, done >> PAGE_CACHE_SHIFT, GFP_KERNEL);

        if (!page)
            return -ENOMEM;
        n = min(size - done, (unsigned long)PAGE_CACHE_SIZE);
        memcpy(page_address(page), data + done, n);
        page_cache_release(page);
    }
    inode->i_size = size;
    return 0;
}

static struct seen_link *__init find_link(const struct cpio_entry *e)
{
    struct seen_link *l;

    for (l = seen_links[e->field[C_INO] % LINK_HASH]; l; l = l->next)
        if (l->ino == e->field[C_INO] && l->major == e->field[C_DEVMAJOR] && l->minor == e->field[C_DEVMINOR])
            return l;
    return NULL;
}

static int __init remember_link(const struct cpio_entry *e)
{
    struct seen_link *l = kmalloc(sizeof(*l) + e->field[C_NAMESIZE], GFP_KERNEL);

    if (!l)
        return -ENOMEM;
    l->ino = e->field[C_INO];
    l->major = e->field[C_DEVMAJOR];
    l->minor = e->field[C_DEVMINOR];
    strcpy(l->name, e->name);
    l->next = seen_links[l->ino % LINK_HASH];
    seen_links[l->ino % LINK_HASH] = l;
    return 0;
}

static void __init forget_links(void)
{
    int i;

    for (i = 0; i < LINK_HASH; i++)
        while (seen_links[i]) {
            struct seen_link *l = seen_links[i];

            seen_links[i] = l->next;
            kfree(l);
        }
}

// A further name of a file that is already there. Archives put the data into one of the names, mostly the last.
static int __init make_hard_link(const struct cpio_entry *e, const struct seen_link *first, struct dentry *dir,
                                 struct dentry *dentry)
{
    struct nameidata nd;
    int error = path_lookup(first->name, 0, &nd);

    if (error)
        return error;
    error = vfs_link(nd.dentry, dir->d_inode, dentry);
    if (!error && e->field[C_FILESIZE])
        error = copy_data(nd.dentry->d_inode, e->data, e->field[C_FILESIZE]);
    path_release(&nd);
    return error;
}

static int __init make_symlink(const struct cpio_entry *e, struct inode *dir, struct dentry *dentry)
{
    unsigned long size = e->field[C_FILESIZE];
    char *text;
    int error;

    if (size == 0 || size >= PATH_MAX)
        damaged(e->offset, "a symbolic link's text is empty or too long");
    text = kmalloc(size + 1, GFP_KERNEL);
    if (!text)
        return -ENOMEM;
    memcpy(text, e->data, size);
    text[size] = 0;
    error = vfs_symlink(dir, dentry, text);
    kfree(text);
    return error;
}

static int __init make_file(const struct cpio_entry *e, struct dentry *dir, struct dentry *dentry)
{
    struct seen_link *first = e->field[C_NLINK] > 1 ? find_link(e) : NULL;
    int error;

    if (first)
        return make_hard_link(e, first, dir, dentry);
    error = vfs_create(dir->d_inode, dentry, e->field[C_MODE], NULL);
    if (!error)
        error = copy_data(dentry->d_inode, e->data, e->field[C_FILESIZE]);
    if (!error && e->field[C_NLINK] > 1)
        error = remember_link(e);
    return error;
}

static int __init make_entry(const struct cpio_entry *e, struct dentry *dir, struct dentry *dentry)
{
    unsigned long mode = e->field[C_MODE];
    int error;

    switch (mode & S_IFMT) {
    case S_IFREG:
        error = make_file(e, dir, dentry);
        break;
    case S_IFDIR:
        error = vfs_mkdir(dir->d_inode, dentry, mode);
        break;
    case S_IFLNK:
        error = make_symlink(e, dir->d_inode, dentry);
        break;
    case S_IFCHR:
    case S_IFBLK:
    case S_IFIFO:
    case S_IFSOCK:
        error = vfs_mknod(dir->d_inode, dentry, mode, MKDEV(e->field[C_RDEVMAJOR], e->field[C_RDEVMINOR]));
        break;
    default:
        damaged(e->offset, "a file of unknown type");
        return -EINVAL;
    }
    if (!error && dentry->d_inode)
        set_attributes(e, dentry->d_inode);
    return error;
}

// What is there already under the name of a new entry: a directory stays (and gets the new attributes), all else goes.
static int __init replace_existing(const struct cpio_entry *e, struct dentry *dir, struct dentry *dentry)
{
    if (S_ISDIR(dentry->d_inode->i_mode)) {
        if (!S_ISDIR(e->field[C_MODE]))
            return vfs_rmdir(dir->d_inode, dentry);
        set_attributes(e, dentry->d_inode);
        return 1;
    }
    return vfs_unlink(dir->d_inode, dentry);
}

static int __init unpack_entry(const struct cpio_entry *e)
{
    struct nameidata nd;
    struct dentry *dentry;
    int error = path_lookup(e->name, LOOKUP_PARENT, &nd);

    if (error)
        return error;
    if (nd.last_type != LAST_NORM) { // "." and "/": the root itself
        if (S_ISDIR(e->field[C_MODE]))
            set_attributes(e, nd.dentry->d_inode);
        path_release(&nd);
        return 0;
    }
    dentry = lookup_hash(&nd.last, nd.dentry);
    error = PTR_ERR(dentry);
    if (!IS_ERR(dentry)) {
        error = dentry->d_inode ? replace_existing(e, nd.dentry, dentry) : 0;
        if (!error && dentry->d_inode) { // the old dentry is out of the tree now
            dput(dentry);
            dentry = lookup_hash(&nd.last, nd.dentry);
        }
        if (!error)
            error = make_entry(e, nd.dentry, dentry);
        if (error == 1)
            error = 0;
        dput(dentry);
    }
    path_release(&nd);
    return error;
}

// Archives may follow one another, with zero bytes between them.
static void __init unpack_to_rootfs(const char *start, unsigned long size)
{
    unsigned long offset = 0, files = 0;
    struct cpio_entry e;
    int in_archive = 0, error;

    while (offset < size) {
        if (!in_archive && !start[offset]) {
            offset++;
            continue;
        }
        offset = parse_entry(start, size, offset, &e);
        in_archive = strcmp(e.name, "TRAILER!!!") != 0;
        if (!in_archive) {
            forget_links();
            continue;
        }
        error = unpack_entry(&e);
        if (error == -ENOMEM || error == -ENOSPC)
            panic("initramfs: out of memory while unpacking %s: give the machine more (-m)", e.name);
        if (error)
            panic("initramfs: cannot make %s (error %d)", e.name, -error);
        files++;
    }
    if (in_archive)
        damaged(size, "it ends without \"TRAILER!!!\"");
    printk(KERN_INFO "initramfs: %lu files, %lu KB\n", files, size >> 10);
}

// The directories and devices that programs expect; an archive may bring its own.
static const struct {
    const char *name;
    int mode;
    dev_t dev;
} default_rootfs[] = {
    { "/dev", S_IFDIR | 0755, 0 },
    { "/proc", S_IFDIR | 0555, 0 },
    { "/tmp", S_IFDIR | 01777, 0 },
    { "/dev/console", S_IFCHR | 0600, MKDEV(5, 1) },
    { "/dev/tty", S_IFCHR | 0666, MKDEV(5, 0) },
    { "/dev/ttyS0", S_IFCHR | 0660, MKDEV(4, 64) },
    { "/dev/ptmx", S_IFCHR | 0666, MKDEV(5, 2) },
    { "/dev/pts", S_IFDIR | 0755, 0 },
    { "/dev/null", S_IFCHR | 0666, MKDEV(1, 3) },
    { "/dev/zero", S_IFCHR | 0666, MKDEV(1, 5) },
    { "/dev/full", S_IFCHR | 0666, MKDEV(1, 7) },
    { "/dev/random", S_IFCHR | 0666, MKDEV(1, 8) },
    { "/dev/urandom", S_IFCHR | 0666, MKDEV(1, 9) },
    { "/dev/hostin", S_IFCHR | 0444, MKDEV(240, 0) },
    { "/dev/hostout", S_IFCHR | 0222, MKDEV(240, 1) },
    { "/dev/hosterr", S_IFCHR | 0222, MKDEV(240, 2) },
};

static const struct {
    const char *name, *text;
} default_links[] = {
    { "/dev/fd", "/proc/self/fd" },
    { "/dev/stdin", "/proc/self/fd/0" },
    { "/dev/stdout", "/proc/self/fd/1" },
    { "/dev/stderr", "/proc/self/fd/2" },
};

static void __init make_default_rootfs(void)
{
    mm_segment_t old_fs = get_fs();
    int umask = current->fs->umask;
    unsigned int i;

    set_fs(KERNEL_DS);
    current->fs->umask = 0;
    for (i = 0; i < ARRAY_SIZE(default_rootfs); i++) {
        if (S_ISDIR(default_rootfs[i].mode))
            sys_mkdir(default_rootfs[i].name, default_rootfs[i].mode);
        else
            sys_mknod(default_rootfs[i].name, default_rootfs[i].mode, new_encode_dev(default_rootfs[i].dev));
    }
    for (i = 0; i < ARRAY_SIZE(default_links); i++)
        sys_symlink(default_links[i].text, default_links[i].name);
    current->fs->umask = umask;
    set_fs(old_fs);
}

void __init populate_rootfs(void)
{
    make_default_rootfs();
    if (initrd_end > initrd_start)
        unpack_to_rootfs((const char *)initrd_start, initrd_end - initrd_start);
}
