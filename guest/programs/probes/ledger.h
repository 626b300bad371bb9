// SPDX-License-Identifier: MIT
// Moments at which the host looks at what the kernel has given out (tests/guest/ledger.hpp).
#pragma once

/// What has just been done, for the host's message.
static const char *volatile ledger_topic = "";

/// The host stops here and reads the kernel's accounts. In the machine of nobody who watches it does nothing.
__attribute__((noinline, noclone, used)) static void ledger_mark(void)
{
    __asm__ volatile("" ::: "memory");
}

/// Does `work` once to fill caches, then says ledger_mark before and after doing it twice more.
static inline void ledger_twice(const char *topic, void (*work)(void))
{
    ledger_topic = topic;
    work();
    ledger_mark();
    work();
    work();
    ledger_mark();
}
