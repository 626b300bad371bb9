// SPDX-License-Identifier: MIT
// Single steps and the debug registers, with the frame of transfers.S: a line shows each #DB as (DR6 EIP EFLAGS), then the end.
        #define CASES "debug-cases.inc"
        #include "transfers.S"
