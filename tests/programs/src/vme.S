// SPDX-License-Identifier: MIT
// Virtual-8086 mode with and without CR4.VME, and ring 3 with CR4.PVI, with the frame of transfers.S.
        #define CASES "vme-cases.inc"
        #include "transfers.S"
