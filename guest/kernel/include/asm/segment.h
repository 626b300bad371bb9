// SPDX-License-Identifier: MIT
// Selectors of the 32-entry GDT. [linux-2.6.11].
#pragma once

#define GDT_ENTRIES 32
#define GDT_SIZE (GDT_ENTRIES * 8)
#define IDT_ENTRIES 256

#define GDT_ENTRY_TLS_ENTRIES 3
#define GDT_ENTRY_TLS_MIN 6
#define GDT_ENTRY_TLS_MAX (GDT_ENTRY_TLS_MIN + GDT_ENTRY_TLS_ENTRIES - 1)
#define TLS_SIZE (GDT_ENTRY_TLS_ENTRIES * 8)

#define GDT_ENTRY_KERNEL_BASE 12
#define GDT_ENTRY_KERNEL_CS 12
#define GDT_ENTRY_KERNEL_DS 13
#define GDT_ENTRY_DEFAULT_USER_CS 14
#define GDT_ENTRY_DEFAULT_USER_DS 15
#define GDT_ENTRY_TSS 16
#define GDT_ENTRY_LDT 17
#define GDT_ENTRY_DOUBLEFAULT_TSS 31

// sysenter and sysexit count in steps of 8 from MSR_SYSENTER_CS: exactly this order is needed.
#define __KERNEL_CS 0x60
#define __KERNEL_DS 0x68
#define __USER_CS 0x73
#define __USER_DS 0x7b
#define __TSS_SEL 0x80
#define __LDT_SEL 0x88
#define __DOUBLEFAULT_TSS_SEL 0xf8
