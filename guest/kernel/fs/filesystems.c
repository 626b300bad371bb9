// SPDX-License-Identifier: MIT
// The list of file system types that mount(2) knows by name. Truth: names are Linux 2.6's.
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/string.h>

static struct file_system_type *file_systems;

int register_filesystem(struct file_system_type *fs)
{
    struct file_system_type **link = &file_systems;

    for (; *link; link = &(*link)->next)
        if (!strcmp((*link)->name, fs->name))
            return -EBUSY;
    *link = fs;
    return 0;
}

struct file_system_type *get_fs_type(const char *name)
{
    struct file_system_type *fs;

    for (fs = file_systems; fs; fs = fs->next)
        if (!strcmp(fs->name, name))
            return fs;
    return NULL;
}

// The text of /proc/filesystems. None of ours needs a block device, hence "nodev" on every line.
int get_filesystem_list(char *buf, int size)
{
    struct file_system_type *fs;
    int len = 0;

    for (fs = file_systems; fs; fs = fs->next)
        len += scnprintf(buf + len, size - len, "nodev\t%s\n", fs->name);
    return len;
}
