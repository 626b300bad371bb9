// SPDX-License-Identifier: MIT
// sys_ni_syscall, the routine of every slot that nobody has (row D08), and the calls of subsystems that are not built:
// their names are weak aliases of it, which a real definition elsewhere replaces.
#include <linux/errno.h>
#include <linux/linkage.h>

/// Without a frame pointer, so that its body is what the book shows: mov $-38,%eax; ret.
asmlinkage __attribute__((optimize("omit-frame-pointer"))) long sys_ni_syscall(void) { return -ENOSYS; }

#define cond_syscall(name) asmlinkage long name(void) __attribute__((weak, alias("sys_ni_syscall")))

// accounting, quotas, swap, kernel modules
cond_syscall(sys_acct);
cond_syscall(sys_quotactl);
cond_syscall(sys_swapon);
cond_syscall(sys_swapoff);
cond_syscall(sys_init_module);
cond_syscall(sys_delete_module);
// POSIX message queues
cond_syscall(sys_mq_open);
cond_syscall(sys_mq_unlink);
cond_syscall(sys_mq_timedsend);
cond_syscall(sys_mq_timedreceive);
cond_syscall(sys_mq_notify);
cond_syscall(sys_mq_getsetattr);
// LDT, virtual 8086 mode, the calls of other processors
cond_syscall(sys_arch_prctl);
// keys and extended attributes
cond_syscall(sys_add_key);
cond_syscall(sys_request_key);
cond_syscall(sys_keyctl);
cond_syscall(sys_setxattr);
cond_syscall(sys_lsetxattr);
cond_syscall(sys_fsetxattr);
cond_syscall(sys_getxattr);
cond_syscall(sys_lgetxattr);
cond_syscall(sys_fgetxattr);
cond_syscall(sys_listxattr);
cond_syscall(sys_llistxattr);
cond_syscall(sys_flistxattr);
cond_syscall(sys_removexattr);
cond_syscall(sys_lremovexattr);
cond_syscall(sys_fremovexattr);
// eventfd, asynchronous I/O
cond_syscall(sys_eventfd2);
cond_syscall(sys_io_setup);
cond_syscall(sys_io_destroy);
cond_syscall(sys_io_getevents);
cond_syscall(sys_io_submit);
cond_syscall(sys_io_cancel);
// memory policy and mappings
cond_syscall(sys_mbind);
cond_syscall(sys_get_mempolicy);
cond_syscall(sys_set_mempolicy);
cond_syscall(sys_remap_file_pages);
cond_syscall(sys_memfd_create);
// others
cond_syscall(sys_bdflush);
cond_syscall(sys_clone3);
cond_syscall(sys_copy_file_range);
cond_syscall(sys_fadvise64);
cond_syscall(sys_fadvise64_64);
cond_syscall(sys_fallocate);
cond_syscall(sys_lookup_dcookie);
cond_syscall(sys_nfsservctl);
cond_syscall(sys_openat2);
cond_syscall(sys_pivot_root);
cond_syscall(sys_readahead);
cond_syscall(sys_rseq);
cond_syscall(sys_sysctl);
cond_syscall(sys_sysfs);
cond_syscall(sys_uselib);
