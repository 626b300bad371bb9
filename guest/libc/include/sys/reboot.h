/* SPDX-License-Identifier: MIT */
/* The end of the machine. */
#ifndef _SYS_REBOOT_H
#define _SYS_REBOOT_H

#define LINUX_REBOOT_MAGIC1 0xfee1dead
#define LINUX_REBOOT_MAGIC2 672274793

#define RB_AUTOBOOT 0x01234567
#define RB_HALT_SYSTEM 0xcdef0123
#define RB_POWER_OFF 0x4321fedc

/* Trapgate's own command: report the int at *argument (a raw wait status) to the host, and stop. */
#define RB_TRAPGATE_EXIT 0x54475254

/* The two magic numbers are added here. */
int reboot(int command, void *argument);

#endif
