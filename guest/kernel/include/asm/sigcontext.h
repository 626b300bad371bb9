// SPDX-License-Identifier: MIT
// The user's registers as a signal handler sees them: 88 bytes; the FPU's after it. [linux-2.6.11].
#pragma once

#include <linux/types.h>

struct _fpreg { unsigned short significand[4], exponent; };
struct _fpxreg { unsigned short significand[4], exponent, padding[3]; };
struct _xmmreg { unsigned long element[4]; };
struct _fpstate {
    unsigned long cw, sw, tag, ipoff, cssel, dataoff, datasel;
    struct _fpreg _st[8];
    unsigned short status, magic; ///< magic 0xffff: no FXSR part
    unsigned long _fxsr_env[6], mxcsr, reserved;
    struct _fpxreg _fxsr_st[8];
    struct _xmmreg _xmm[8];
    unsigned long padding[56];
};
struct sigcontext {
    unsigned short gs, __gsh, fs, __fsh, es, __esh, ds, __dsh;
    unsigned long edi, esi, ebp, esp, ebx, edx, ecx, eax;
    unsigned long trapno, err, eip;
    unsigned short cs, __csh;
    unsigned long eflags, esp_at_signal;
    unsigned short ss, __ssh;
    struct _fpstate __user *fpstate;
    unsigned long oldmask, cr2;
};
