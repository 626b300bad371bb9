// SPDX-License-Identifier: MIT
// Calls with an i386 shape of their own: arguments in a block of user memory (row A02), mmap in two forms, sockets that
// are not there, port permissions (rows H19, T05).
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/mman.h>
#include <asm/uaccess.h>

static long do_mmap2(unsigned long address, unsigned long length, unsigned long prot, unsigned long flags,
                     unsigned long fd, unsigned long pgoff)
{
    struct file *file = NULL;
    if (!(flags & MAP_ANONYMOUS)) {
        file = fget(fd);
        if (!file)
            return -EBADF;
    }
    flags &= ~(unsigned long)(MAP_EXECUTABLE | MAP_DENYWRITE);
    down_write(&current->mm->mmap_sem);
    long result = do_mmap_pgoff(file, address, length, prot, flags, pgoff);
    up_write(&current->mm->mmap_sem);
    if (file)
        fput(file);
    return result;
}

asmlinkage long sys_mmap2(unsigned long address, unsigned long length, unsigned long prot, unsigned long flags,
                          unsigned long fd, unsigned long pgoff)
{
    return do_mmap2(address, length, prot, flags, fd, pgoff);
}

struct mmap_arg_struct {
    unsigned long address, length, prot, flags, fd, offset;
};

asmlinkage int old_mmap(struct mmap_arg_struct __user *arg)
{
    struct mmap_arg_struct a;
    if (copy_from_user(&a, arg, sizeof(a)))
        return -EFAULT;
    return a.offset & ~PAGE_MASK ? -EINVAL
                                 : do_mmap2(a.address, a.length, a.prot, a.flags, a.fd, a.offset >> PAGE_SHIFT);
}

struct sel_arg_struct {
    unsigned long n;
    void __user *inp, *outp, *exp, *tvp;
};
asmlinkage long sys_select(int n, void __user *inp, void __user *outp, void __user *exp, void __user *tvp);

asmlinkage int old_select(struct sel_arg_struct __user *arg)
{
    struct sel_arg_struct a;
    return copy_from_user(&a, arg, sizeof(a)) ? -EFAULT : sys_select(a.n, a.inp, a.outp, a.exp, a.tvp);
}

// No network: every family is unknown. The other calls can only be given descriptors that are no sockets.
asmlinkage long sys_socket(int family, int type, int protocol) { return -EAFNOSUPPORT; }
asmlinkage long sys_socketpair(int family, int type, int protocol, int __user *fds) { return -EAFNOSUPPORT; }

static long not_a_socket(unsigned int fd)
{
    struct file *file = fget(fd);
    if (!file)
        return -EBADF;
    fput(file);
    return -ENOTSOCK;
}
asmlinkage long sys_bind(int fd, void __user *address, int length) { return not_a_socket(fd); }
asmlinkage long sys_connect(int fd, void __user *address, int length) { return not_a_socket(fd); }
asmlinkage long sys_sendmmsg(int fd, void __user *vec, unsigned int n, unsigned int flags) { return not_a_socket(fd); }

/// One number for all calls of sockets: the second argument points to a block that holds the arguments of the call that the
/// first one names, and the whole block must be readable before anything else is looked at. Row A02.
asmlinkage long sys_socketcall(int call, unsigned long __user *args)
{
    static const unsigned char words[18] = { 0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3 };
    unsigned long a[6];
    if (call < 1 || call >= ARRAY_SIZE(words))
        return -EINVAL;
    if (copy_from_user(a, args, words[call] * sizeof(a[0])))
        return -EFAULT;
    switch (call) {
    case 1: return sys_socket(a[0], a[1], a[2]);
    case 8: return sys_socketpair(a[0], a[1], a[2], (int __user *)a[3]);
    default: return not_a_socket(a[0]);
    }
}

static void set_bitmap(unsigned long *bitmap, unsigned long from, unsigned long num, int turn_on)
{
    for (unsigned long port = from; port < from + num; port++) {
        if (turn_on)
            clear_bit(port, bitmap); // 0 = allowed
        else
            set_bit(port, bitmap);
    }
}

asmlinkage long sys_ioperm(unsigned long from, unsigned long num, int turn_on)
{
    struct thread_struct *t = &current->thread;
    if (from + num <= from || from + num > IO_BITMAP_BITS)
        return -EINVAL;
    if (turn_on && !capable(CAP_SYS_RAWIO))
        return -EPERM;
    if (!t->io_bitmap_ptr) {
        t->io_bitmap_ptr = kmalloc(IO_BITMAP_BYTES, GFP_KERNEL);
        if (!t->io_bitmap_ptr)
            return -ENOMEM;
        memset(t->io_bitmap_ptr, 0xff, IO_BITMAP_BYTES);
    }
    set_bitmap(t->io_bitmap_ptr, from, num, turn_on);
    t->io_bitmap_max = IO_BITMAP_BYTES;
    init_tss.io_bitmap_owner = NULL; // the copy in the TSS is old: the next use of a port fetches the new one
    init_tss.io_bitmap_base = INVALID_IO_BITMAP_OFFSET_LAZY;
    return 0;
}

/// Out of line, so that the compiler cannot think that nobody reads the changed frame.
static __attribute__((noipa)) void set_iopl(struct pt_regs *regs, unsigned int level)
{
    regs->eflags = (regs->eflags & ~X86_EFLAGS_IOPL) | (level << 12);
}

/// All ports at once: the IOPL field of the saved flags.
asmlinkage long sys_iopl(struct pt_regs regs)
{
    unsigned int level = regs.ebx, old = (regs.eflags >> 12) & 3;
    if (level > 3)
        return -EINVAL;
    if (level > old && !capable(CAP_SYS_RAWIO))
        return -EPERM;
    set_iopl(&regs, level);
    set_thread_flag(TIF_IRET); // sysexit would leave the flags as they are
    return 0;
}
