// SPDX-License-Identifier: MIT
// Trapgate's own ports 0x5E0-0x5FF. On other machines they read as ones.
#pragma once

#include <asm/io.h>
#define HOST_ID 0x5E0
#define HOST_ID_VALUE 0x54475254
#define HOST_EXIT 0x5E0
#define HOST_PANIC 0x5E4
#define HOST_FLAGS 0x5E8
#define HOST_WINSIZE 0x5EC
#define HOST_STREAM(n) (0x5F0 + 4 * (n))
#define HOST_DATA 0
#define HOST_STATUS 1
#define HOST_COUNT 2
static inline int host_channel_present(void) { return inl(HOST_ID) == HOST_ID_VALUE; }
