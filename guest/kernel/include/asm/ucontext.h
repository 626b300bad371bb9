// SPDX-License-Identifier: MIT
// What the third argument of a SA_SIGINFO handler points to: 116 bytes.
#pragma once

#include <asm/sigcontext.h>
#include <asm/signal.h>
struct ucontext {
    unsigned long uc_flags;
    struct ucontext *uc_link;
    stack_t uc_stack;
    struct sigcontext uc_mcontext;
    sigset_t uc_sigmask;
};
