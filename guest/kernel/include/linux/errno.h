// SPDX-License-Identifier: MIT
// Error numbers of the i386 ABI, and the restart codes that never reach a user.
#pragma once

#include <asm/errno.h>

// Signal delivery turns these into -EINTR or a restarted call (arch/i386/kernel/signal.c).
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515
#define ERESTART_RESTARTBLOCK 516
