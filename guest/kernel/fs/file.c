// SPDX-License-Identifier: MIT
// The descriptor table: it starts inside files_struct with 32 slots and doubles when a higher descriptor is needed.
// The lowest free number is always the one handed out. Truth: names are Linux 2.6's; POSIX on "lowest available".
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

struct files_struct init_files = {
    .count = ATOMIC_INIT(1),
    .max_fds = NR_OPEN_DEFAULT,
    .fd = init_files.fd_array,
    .close_on_exec = init_files.close_on_exec_init,
    .open_fds = init_files.open_fds_init,
};

static void set_bit_of(unsigned long *map, unsigned int fd, int value)
{
    if (value)
        map[fd / 32] |= 1UL << (fd % 32);
    else
        map[fd / 32] &= ~(1UL << (fd % 32));
}

static int test_bit_of(const unsigned long *map, unsigned int fd)
{
    return (map[fd / 32] >> (fd % 32)) & 1;
}

struct file *fcheck_files(struct files_struct *files, unsigned int fd)
{
    return fd < (unsigned int)files->max_fds ? files->fd[fd] : NULL;
}

static void free_fd_arrays(struct files_struct *files)
{
    if (files->fd != files->fd_array)
        kfree(files->fd); // one block holds the table and both bitmaps
}

// One block for a table of n slots and its two bitmaps, all empty.
static int alloc_fd_arrays(unsigned int n, struct file ***fd, unsigned long **open_fds, unsigned long **close_on_exec)
{
    size_t table = n * sizeof(struct file *), map = FD_WORDS(n) * sizeof(unsigned long);
    char *block = kmalloc(table + 2 * map, GFP_KERNEL);

    if (!block)
        return -ENOMEM;
    memset(block, 0, table + 2 * map);
    *fd = (struct file **)block;
    *open_fds = (unsigned long *)(block + table);
    *close_on_exec = (unsigned long *)(block + table + map);
    return 0;
}

// Makes room for descriptor `fd`.
static int expand_files(struct files_struct *files, unsigned int fd)
{
    unsigned int n = files->max_fds, old = n;
    unsigned long *open_fds, *close_on_exec;
    struct file **table;

    if (fd < n)
        return 0;
    if (fd >= MAX_FD_TABLE)
        return -EMFILE;
    while (n <= fd)
        n *= 2;
    if (alloc_fd_arrays(n, &table, &open_fds, &close_on_exec))
        return -ENOMEM;
    memcpy(table, files->fd, old * sizeof(struct file *));
    memcpy(open_fds, files->open_fds, FD_WORDS(old) * sizeof(unsigned long));
    memcpy(close_on_exec, files->close_on_exec, FD_WORDS(old) * sizeof(unsigned long));
    spin_lock(&files->file_lock); // fget of another thread
    free_fd_arrays(files);
    files->fd = table;
    files->open_fds = open_fds;
    files->close_on_exec = close_on_exec;
    files->max_fds = n;
    spin_unlock(&files->file_lock);
    return 0;
}

static unsigned int find_free(struct files_struct *files, unsigned int start)
{
    unsigned int fd = start;

    while (fd < (unsigned int)files->max_fds && test_bit_of(files->open_fds, fd))
        fd++;
    return fd;
}

// The lowest free descriptor at or above `start`, reserved: fd_install or put_unused_fd must follow.
int get_unused_fd_from(unsigned int start)
{
    struct files_struct *files = current->files;
    unsigned int from = max(start, (unsigned int)files->next_fd);
    unsigned int fd = find_free(files, from);
    int error;

    if (fd >= current->signal->rlim[RLIMIT_NOFILE].rlim_cur)
        return -EMFILE;
    error = expand_files(files, fd);
    if (error)
        return error;
    set_bit_of(files->open_fds, fd, 1);
    set_bit_of(files->close_on_exec, fd, 0);
    if (start <= (unsigned int)files->next_fd)
        files->next_fd = fd + 1;
    return fd;
}

int get_unused_fd(void)
{
    return get_unused_fd_from(0);
}

void put_unused_fd(unsigned int fd)
{
    struct files_struct *files = current->files;

    set_bit_of(files->open_fds, fd, 0);
    if (fd < (unsigned int)files->next_fd)
        files->next_fd = fd;
}

void fd_install(unsigned int fd, struct file *file)
{
    current->files->fd[fd] = file;
}

void set_close_on_exec(unsigned int fd, int flag)
{
    set_bit_of(current->files->close_on_exec, fd, flag);
}

int get_close_on_exec(unsigned int fd)
{
    return test_bit_of(current->files->close_on_exec, fd);
}

// Makes exactly descriptor `fd` free for fd_install; what was open there is returned (for filp_close).
int reserve_fd(unsigned int fd, struct file **old)
{
    struct files_struct *files = current->files;
    int error;

    if (fd >= current->signal->rlim[RLIMIT_NOFILE].rlim_cur)
        return -EBADF;
    error = expand_files(files, fd);
    if (error)
        return error == -EMFILE ? -EBADF : error;
    *old = files->fd[fd];
    if (!*old && test_bit_of(files->open_fds, fd))
        return -EBUSY; // being opened right now by a task that shares the table
    files->fd[fd] = NULL;
    set_bit_of(files->open_fds, fd, 1);
    set_bit_of(files->close_on_exec, fd, 0);
    return 0;
}

static void close_files(struct files_struct *files)
{
    int fd;

    for (fd = 0; fd < files->max_fds; fd++) {
        struct file *file = files->fd[fd];

        files->fd[fd] = NULL;
        if (file)
            filp_close(file, files);
    }
}

struct files_struct *get_files_struct(struct task_struct *task)
{
    if (task->files)
        atomic_inc(&task->files->count);
    return task->files;
}

void put_files_struct(struct files_struct *files)
{
    if (!atomic_dec_and_test(&files->count))
        return;
    close_files(files);
    free_fd_arrays(files);
    kfree(files);
}

static struct files_struct *dup_files(struct files_struct *old)
{
    struct files_struct *new = kmalloc(sizeof(*new), GFP_KERNEL);
    int fd;

    if (!new)
        return NULL;
    memset(new, 0, sizeof(*new));
    atomic_set(&new->count, 1);
    new->max_fds = NR_OPEN_DEFAULT;
    new->fd = new->fd_array;
    new->open_fds = new->open_fds_init;
    new->close_on_exec = new->close_on_exec_init;
    if (expand_files(new, old->max_fds - 1)) {
        kfree(new);
        return NULL;
    }
    new->next_fd = old->next_fd;
    for (fd = 0; fd < old->max_fds; fd++) {
        if (!old->fd[fd])
            continue; // a descriptor that is only reserved stays the parent's
        get_file(old->fd[fd]);
        new->fd[fd] = old->fd[fd];
        set_bit_of(new->open_fds, fd, 1);
        set_bit_of(new->close_on_exec, fd, test_bit_of(old->close_on_exec, fd));
    }
    return new;
}

int copy_files(unsigned long clone_flags, struct task_struct *tsk)
{
    struct files_struct *files = current->files;

    if (!files)
        return 0;
    if (clone_flags & CLONE_FILES) {
        atomic_inc(&files->count);
        return 0;
    }
    tsk->files = dup_files(files);
    return tsk->files ? 0 : -ENOMEM;
}

void exit_files(struct task_struct *tsk)
{
    struct files_struct *files = tsk->files;

    tsk->files = NULL;
    if (files)
        put_files_struct(files);
}

int unshare_files(void)
{
    struct files_struct *files = current->files, *new;

    if (!files || atomic_read(&files->count) == 1)
        return 0;
    new = dup_files(files);
    if (!new)
        return -ENOMEM;
    current->files = new;
    put_files_struct(files);
    return 0;
}

void flush_old_files(struct files_struct *files)
{
    int fd;

    for (fd = 0; fd < files->max_fds; fd++) {
        struct file *file = files->fd[fd];

        if (!file || !test_bit_of(files->close_on_exec, fd))
            continue;
        files->fd[fd] = NULL;
        set_bit_of(files->close_on_exec, fd, 0);
        put_unused_fd(fd);
        filp_close(file, files);
    }
}
