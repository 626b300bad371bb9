// SPDX-License-Identifier: MIT
// Capabilities: what root may, bit by bit.
#pragma once

#include <linux/types.h>
typedef u32 kernel_cap_t;
#define CAP_CHOWN 0
#define CAP_DAC_OVERRIDE 1
#define CAP_DAC_READ_SEARCH 2
#define CAP_FOWNER 3
#define CAP_FSETID 4
#define CAP_KILL 5
#define CAP_SETGID 6
#define CAP_SETUID 7
#define CAP_SETPCAP 8
#define CAP_IPC_LOCK 14
#define CAP_IPC_OWNER 15
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_CHROOT 18
#define CAP_SYS_PTRACE 19
#define CAP_SYS_ADMIN 21
#define CAP_SYS_BOOT 22
#define CAP_SYS_NICE 23
#define CAP_SYS_RESOURCE 24
#define CAP_SYS_TIME 25
#define CAP_SYS_TTY_CONFIG 26
#define CAP_MKNOD 27
#define CAP_LEASE 28
#define CAP_FULL_SET (~0U)
#define CAP_INIT_EFF_SET (~(1U << CAP_SETPCAP))
#define cap_raised(c, flag) ((c) & (1U << (flag)))
/// May current do this? Sets PF_SUPERPRIV if the answer is yes. Row U14.
int capable(int cap);
