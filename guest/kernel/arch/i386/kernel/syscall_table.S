// SPDX-License-Identifier: MIT
// sys_call_table: entry n is the address of the service routine of system call n. entry.S includes this file.
//
//   call *sys_call_table(0,%eax,4)      address = sys_call_table + 4 * number      rows D05-D14
//
// Slots 0-288 are Linux 2.6.11's ([linux-2.6.11]). Behind them, not counted in its size, lie the calls of profile
// `extended`; with profile 2.6.11 the compare with NR_syscalls keeps everybody out of them.
// sys_ni_syscall fills the slots that nobody has (D08). Three routines are not called sys_* (D13).
	.data
	.align	4
	.globl	sys_call_table
	.type	sys_call_table, @object
sys_call_table:
	.long	sys_restart_syscall	// 0
	.long	sys_exit
	.long	sys_fork
	.long	sys_read
	.long	sys_write
	.long	sys_open	// 5
	.long	sys_close
	.long	sys_waitpid
	.long	sys_creat
	.long	sys_link
	.long	sys_unlink	// 10
	.long	sys_execve
	.long	sys_chdir
	.long	sys_time
	.long	sys_mknod
	.long	sys_chmod	// 15
	.long	sys_lchown16
	.long	sys_ni_syscall
	.long	sys_stat
	.long	sys_lseek
	.long	sys_getpid	// 20
	.long	sys_mount
	.long	sys_oldumount
	.long	sys_setuid16
	.long	sys_getuid16
	.long	sys_stime	// 25
	.long	sys_ptrace
	.long	sys_alarm
	.long	sys_fstat
	.long	sys_pause
	.long	sys_utime	// 30
	.long	sys_ni_syscall
	.long	sys_ni_syscall
	.long	sys_access
	.long	sys_nice
	.long	sys_ni_syscall	// 35
	.long	sys_sync
	.long	sys_kill
	.long	sys_rename
	.long	sys_mkdir
	.long	sys_rmdir	// 40
	.long	sys_dup
	.long	sys_pipe
	.long	sys_times
	.long	sys_ni_syscall
	.long	sys_brk	// 45
	.long	sys_setgid16
	.long	sys_getgid16
	.long	sys_signal
	.long	sys_geteuid16
	.long	sys_getegid16	// 50
	.long	sys_acct
	.long	sys_umount
	.long	sys_ni_syscall
	.long	sys_ioctl
	.long	sys_fcntl	// 55
	.long	sys_ni_syscall
	.long	sys_setpgid
	.long	sys_ni_syscall
	.long	sys_olduname
	.long	sys_umask	// 60
	.long	sys_chroot
	.long	sys_ustat
	.long	sys_dup2
	.long	sys_getppid
	.long	sys_getpgrp	// 65
	.long	sys_setsid
	.long	sys_sigaction
	.long	sys_sgetmask
	.long	sys_ssetmask
	.long	sys_setreuid16	// 70
	.long	sys_setregid16
	.long	sys_sigsuspend
	.long	sys_sigpending
	.long	sys_sethostname
	.long	sys_setrlimit	// 75
	.long	sys_old_getrlimit
	.long	sys_getrusage
	.long	sys_gettimeofday
	.long	sys_settimeofday
	.long	sys_getgroups16	// 80
	.long	sys_setgroups16
	.long	old_select
	.long	sys_symlink
	.long	sys_lstat
	.long	sys_readlink	// 85
	.long	sys_uselib
	.long	sys_swapon
	.long	sys_reboot
	.long	old_readdir
	.long	old_mmap	// 90
	.long	sys_munmap
	.long	sys_truncate
	.long	sys_ftruncate
	.long	sys_fchmod
	.long	sys_fchown16	// 95
	.long	sys_getpriority
	.long	sys_setpriority
	.long	sys_ni_syscall
	.long	sys_statfs
	.long	sys_fstatfs	// 100
	.long	sys_ioperm
	.long	sys_socketcall
	.long	sys_syslog
	.long	sys_setitimer
	.long	sys_getitimer	// 105
	.long	sys_newstat
	.long	sys_newlstat
	.long	sys_newfstat
	.long	sys_uname
	.long	sys_iopl	// 110
	.long	sys_vhangup
	.long	sys_ni_syscall
	.long	sys_vm86old
	.long	sys_wait4
	.long	sys_swapoff	// 115
	.long	sys_sysinfo
	.long	sys_ipc
	.long	sys_fsync
	.long	sys_sigreturn
	.long	sys_clone	// 120
	.long	sys_setdomainname
	.long	sys_newuname
	.long	sys_modify_ldt
	.long	sys_adjtimex
	.long	sys_mprotect	// 125
	.long	sys_sigprocmask
	.long	sys_ni_syscall
	.long	sys_init_module
	.long	sys_delete_module
	.long	sys_ni_syscall	// 130
	.long	sys_quotactl
	.long	sys_getpgid
	.long	sys_fchdir
	.long	sys_bdflush
	.long	sys_sysfs	// 135
	.long	sys_personality
	.long	sys_ni_syscall
	.long	sys_setfsuid16
	.long	sys_setfsgid16
	.long	sys_llseek	// 140
	.long	sys_getdents
	.long	sys_select
	.long	sys_flock
	.long	sys_msync
	.long	sys_readv	// 145
	.long	sys_writev
	.long	sys_getsid
	.long	sys_fdatasync
	.long	sys_sysctl
	.long	sys_mlock	// 150
	.long	sys_munlock
	.long	sys_mlockall
	.long	sys_munlockall
	.long	sys_sched_setparam
	.long	sys_sched_getparam	// 155
	.long	sys_sched_setscheduler
	.long	sys_sched_getscheduler
	.long	sys_sched_yield
	.long	sys_sched_get_priority_max
	.long	sys_sched_get_priority_min	// 160
	.long	sys_sched_rr_get_interval
	.long	sys_nanosleep
	.long	sys_mremap
	.long	sys_setresuid16
	.long	sys_getresuid16	// 165
	.long	sys_vm86
	.long	sys_ni_syscall
	.long	sys_poll
	.long	sys_nfsservctl
	.long	sys_setresgid16	// 170
	.long	sys_getresgid16
	.long	sys_prctl
	.long	sys_rt_sigreturn
	.long	sys_rt_sigaction
	.long	sys_rt_sigprocmask	// 175
	.long	sys_rt_sigpending
	.long	sys_rt_sigtimedwait
	.long	sys_rt_sigqueueinfo
	.long	sys_rt_sigsuspend
	.long	sys_pread64	// 180
	.long	sys_pwrite64
	.long	sys_chown16
	.long	sys_getcwd
	.long	sys_capget
	.long	sys_capset	// 185
	.long	sys_sigaltstack
	.long	sys_sendfile
	.long	sys_ni_syscall
	.long	sys_ni_syscall
	.long	sys_vfork	// 190
	.long	sys_getrlimit
	.long	sys_mmap2
	.long	sys_truncate64
	.long	sys_ftruncate64
	.long	sys_stat64	// 195
	.long	sys_lstat64
	.long	sys_fstat64
	.long	sys_lchown
	.long	sys_getuid
	.long	sys_getgid	// 200
	.long	sys_geteuid
	.long	sys_getegid
	.long	sys_setreuid
	.long	sys_setregid
	.long	sys_getgroups	// 205
	.long	sys_setgroups
	.long	sys_fchown
	.long	sys_setresuid
	.long	sys_getresuid
	.long	sys_setresgid	// 210
	.long	sys_getresgid
	.long	sys_chown
	.long	sys_setuid
	.long	sys_setgid
	.long	sys_setfsuid	// 215
	.long	sys_setfsgid
	.long	sys_pivot_root
	.long	sys_mincore
	.long	sys_madvise
	.long	sys_getdents64	// 220
	.long	sys_fcntl64
	.long	sys_ni_syscall
	.long	sys_ni_syscall
	.long	sys_gettid
	.long	sys_readahead	// 225
	.long	sys_setxattr
	.long	sys_lsetxattr
	.long	sys_fsetxattr
	.long	sys_getxattr
	.long	sys_lgetxattr	// 230
	.long	sys_fgetxattr
	.long	sys_listxattr
	.long	sys_llistxattr
	.long	sys_flistxattr
	.long	sys_removexattr	// 235
	.long	sys_lremovexattr
	.long	sys_fremovexattr
	.long	sys_tkill
	.long	sys_sendfile64
	.long	sys_futex	// 240
	.long	sys_sched_setaffinity
	.long	sys_sched_getaffinity
	.long	sys_set_thread_area
	.long	sys_get_thread_area
	.long	sys_io_setup	// 245
	.long	sys_io_destroy
	.long	sys_io_getevents
	.long	sys_io_submit
	.long	sys_io_cancel
	.long	sys_fadvise64	// 250
	.long	sys_ni_syscall
	.long	sys_exit_group
	.long	sys_lookup_dcookie
	.long	sys_epoll_create
	.long	sys_epoll_ctl	// 255
	.long	sys_epoll_wait
	.long	sys_remap_file_pages
	.long	sys_set_tid_address
	.long	sys_timer_create
	.long	sys_timer_settime	// 260
	.long	sys_timer_gettime
	.long	sys_timer_getoverrun
	.long	sys_timer_delete
	.long	sys_clock_settime
	.long	sys_clock_gettime	// 265
	.long	sys_clock_getres
	.long	sys_clock_nanosleep
	.long	sys_statfs64
	.long	sys_fstatfs64
	.long	sys_tgkill	// 270
	.long	sys_utimes
	.long	sys_fadvise64_64
	.long	sys_ni_syscall
	.long	sys_mbind
	.long	sys_get_mempolicy	// 275
	.long	sys_set_mempolicy
	.long	sys_mq_open
	.long	sys_mq_unlink
	.long	sys_mq_timedsend
	.long	sys_mq_timedreceive	// 280
	.long	sys_mq_notify
	.long	sys_mq_getsetattr
	.long	sys_ni_syscall
	.long	sys_waitid
	.long	sys_ni_syscall	// 285
	.long	sys_add_key
	.long	sys_request_key
	.long	sys_keyctl
sys_call_table_end:
	.size	sys_call_table, sys_call_table_end - sys_call_table
	.if	(sys_call_table_end - sys_call_table) - 4 * NR_syscalls
	.error	"sys_call_table does not have NR_syscalls entries"
	.endif

	.globl	sys_call_table_extended
	.type	sys_call_table_extended, @object
sys_call_table_extended:
	.long	sys_unimplemented	// 289 ioprio_set
	.long	sys_unimplemented	// 290 ioprio_get
	.long	sys_unimplemented	// 291 inotify_init
	.long	sys_unimplemented	// 292 inotify_add_watch
	.long	sys_unimplemented	// 293 inotify_rm_watch
	.long	sys_unimplemented	// 294 migrate_pages
	.long	sys_openat	// 295
	.long	sys_mkdirat	// 296
	.long	sys_mknodat	// 297
	.long	sys_fchownat	// 298
	.long	sys_futimesat	// 299
	.long	sys_fstatat64	// 300
	.long	sys_unlinkat	// 301
	.long	sys_renameat	// 302
	.long	sys_linkat	// 303
	.long	sys_symlinkat	// 304
	.long	sys_readlinkat	// 305
	.long	sys_fchmodat	// 306
	.long	sys_faccessat	// 307
	.long	sys_pselect6	// 308
	.long	sys_ppoll	// 309
	.long	sys_unimplemented	// 310 unshare
	.long	sys_set_robust_list	// 311
	.long	sys_get_robust_list	// 312
	.long	sys_unimplemented	// 313 splice
	.long	sys_unimplemented	// 314 sync_file_range
	.long	sys_unimplemented	// 315 tee
	.long	sys_unimplemented	// 316 vmsplice
	.long	sys_unimplemented	// 317 move_pages
	.long	sys_getcpu	// 318
	.long	sys_epoll_pwait	// 319
	.long	sys_utimensat	// 320
	.long	sys_unimplemented	// 321 signalfd
	.long	sys_unimplemented	// 322 timerfd_create
	.long	sys_unimplemented	// 323 eventfd
	.long	sys_fallocate	// 324
	.long	sys_unimplemented	// 325 timerfd_settime
	.long	sys_unimplemented	// 326 timerfd_gettime
	.long	sys_unimplemented	// 327 signalfd4
	.long	sys_eventfd2	// 328
	.long	sys_epoll_create1	// 329
	.long	sys_dup3	// 330
	.long	sys_pipe2	// 331
	.long	sys_unimplemented	// 332 inotify_init1
	.long	sys_preadv	// 333
	.long	sys_pwritev	// 334
	.long	sys_rt_tgsigqueueinfo	// 335
	.long	sys_unimplemented	// 336 perf_event_open
	.long	sys_unimplemented	// 337 recvmmsg
	.long	sys_unimplemented	// 338 fanotify_init
	.long	sys_unimplemented	// 339 fanotify_mark
	.long	sys_prlimit64	// 340
	.long	sys_unimplemented	// 341 name_to_handle_at
	.long	sys_unimplemented	// 342 open_by_handle_at
	.long	sys_unimplemented	// 343 clock_adjtime
	.long	sys_syncfs	// 344
	.long	sys_sendmmsg	// 345
	.long	sys_unimplemented	// 346 setns
	.long	sys_unimplemented	// 347 process_vm_readv
	.long	sys_unimplemented	// 348 process_vm_writev
	.long	sys_unimplemented	// 349 kcmp
	.long	sys_unimplemented	// 350 finit_module
	.long	sys_unimplemented	// 351 sched_setattr
	.long	sys_unimplemented	// 352 sched_getattr
	.long	sys_renameat2	// 353
	.long	sys_unimplemented	// 354 seccomp
	.long	sys_getrandom	// 355
	.long	sys_memfd_create	// 356
	.long	sys_unimplemented	// 357 bpf
	.long	sys_unimplemented	// 358 execveat
	.long	sys_socket	// 359
	.long	sys_socketpair	// 360
	.long	sys_bind	// 361
	.long	sys_connect	// 362
	.long	sys_unimplemented	// 363 listen
	.long	sys_unimplemented	// 364 accept4
	.long	sys_unimplemented	// 365 getsockopt
	.long	sys_unimplemented	// 366 setsockopt
	.long	sys_unimplemented	// 367 getsockname
	.long	sys_unimplemented	// 368 getpeername
	.long	sys_unimplemented	// 369 sendto
	.long	sys_unimplemented	// 370 sendmsg
	.long	sys_unimplemented	// 371 recvfrom
	.long	sys_unimplemented	// 372 recvmsg
	.long	sys_unimplemented	// 373 shutdown
	.long	sys_unimplemented	// 374 userfaultfd
	.long	sys_unimplemented	// 375 membarrier
	.long	sys_unimplemented	// 376 mlock2
	.long	sys_copy_file_range	// 377
	.long	sys_unimplemented	// 378 preadv2
	.long	sys_unimplemented	// 379 pwritev2
	.long	sys_unimplemented	// 380 pkey_mprotect
	.long	sys_unimplemented	// 381 pkey_alloc
	.long	sys_unimplemented	// 382 pkey_free
	.long	sys_statx	// 383
	.long	sys_arch_prctl	// 384
	.long	sys_unimplemented	// 385 io_pgetevents
	.long	sys_rseq	// 386
	.long	sys_unimplemented	// 387
	.long	sys_unimplemented	// 388
	.long	sys_unimplemented	// 389
	.long	sys_unimplemented	// 390
	.long	sys_unimplemented	// 391
	.long	sys_unimplemented	// 392
	.long	sys_unimplemented	// 393 semget
	.long	sys_unimplemented	// 394 semctl
	.long	sys_unimplemented	// 395 shmget
	.long	sys_unimplemented	// 396 shmctl
	.long	sys_unimplemented	// 397 shmat
	.long	sys_unimplemented	// 398 shmdt
	.long	sys_unimplemented	// 399 msgget
	.long	sys_unimplemented	// 400 msgsnd
	.long	sys_unimplemented	// 401 msgrcv
	.long	sys_unimplemented	// 402 msgctl
	.long	sys_clock_gettime64	// 403
	.long	sys_clock_settime64	// 404
	.long	sys_unimplemented	// 405 clock_adjtime64
	.long	sys_clock_getres_time64	// 406
	.long	sys_clock_nanosleep_time64	// 407
	.long	sys_unimplemented	// 408 timer_gettime64
	.long	sys_unimplemented	// 409 timer_settime64
	.long	sys_unimplemented	// 410 timerfd_gettime64
	.long	sys_unimplemented	// 411 timerfd_settime64
	.long	sys_utimensat_time64	// 412
	.long	sys_pselect6_time64	// 413
	.long	sys_ppoll_time64	// 414
	.long	sys_unimplemented	// 415
	.long	sys_unimplemented	// 416 io_pgetevents_time64
	.long	sys_unimplemented	// 417 recvmmsg_time64
	.long	sys_unimplemented	// 418 mq_timedsend_time64
	.long	sys_unimplemented	// 419 mq_timedreceive_time64
	.long	sys_unimplemented	// 420 semtimedop_time64
	.long	sys_rt_sigtimedwait_time64	// 421
	.long	sys_futex_time64	// 422
	.long	sys_unimplemented	// 423 sched_rr_get_interval_time64
	.long	sys_unimplemented	// 424 pidfd_send_signal
	.long	sys_unimplemented	// 425 io_uring_setup
	.long	sys_unimplemented	// 426 io_uring_enter
	.long	sys_unimplemented	// 427 io_uring_register
	.long	sys_unimplemented	// 428 open_tree
	.long	sys_unimplemented	// 429 move_mount
	.long	sys_unimplemented	// 430 fsopen
	.long	sys_unimplemented	// 431 fsconfig
	.long	sys_unimplemented	// 432 fsmount
	.long	sys_unimplemented	// 433 fspick
	.long	sys_unimplemented	// 434 pidfd_open
	.long	sys_clone3	// 435
	.long	sys_close_range	// 436
	.long	sys_openat2	// 437
	.long	sys_unimplemented	// 438 pidfd_getfd
	.long	sys_faccessat2	// 439
	.long	sys_unimplemented	// 440 process_madvise
	.long	sys_unimplemented	// 441 epoll_pwait2
	.long	sys_unimplemented	// 442 mount_setattr
	.long	sys_unimplemented	// 443 quotactl_fd
	.long	sys_unimplemented	// 444 landlock_create_ruleset
	.long	sys_unimplemented	// 445 landlock_add_rule
	.long	sys_unimplemented	// 446 landlock_restrict_self
	.long	sys_unimplemented	// 447 memfd_secret
	.long	sys_unimplemented	// 448 process_mrelease
	.long	sys_unimplemented	// 449 futex_waitv
	.long	sys_unimplemented	// 450 set_mempolicy_home_node
	.size	sys_call_table_extended, . - sys_call_table_extended
	.if	(. - sys_call_table) - 4 * NR_syscalls_extended
	.error	"the extended table does not reach NR_syscalls_extended"
	.endif
	.text
