// SPDX-License-Identifier: MIT
// reboot(2): two magic numbers, and a command. TRAPGATE ends the machine with a program's wait status.
#pragma once

#define LINUX_REBOOT_MAGIC1 0xfee1dead
#define LINUX_REBOOT_MAGIC2 672274793
#define LINUX_REBOOT_MAGIC2A 85072278
#define LINUX_REBOOT_MAGIC2B 369367448
#define LINUX_REBOOT_MAGIC2C 537993216
#define LINUX_REBOOT_CMD_RESTART 0x01234567
#define LINUX_REBOOT_CMD_HALT 0xCDEF0123
#define LINUX_REBOOT_CMD_CAD_ON 0x89ABCDEF
#define LINUX_REBOOT_CMD_CAD_OFF 0x00000000
#define LINUX_REBOOT_CMD_POWER_OFF 0x4321FEDC
#define LINUX_REBOOT_CMD_TRAPGATE 0x54475254
void machine_restart(void) __attribute__((noreturn));
void machine_halt(void) __attribute__((noreturn));
/// Ends the machine; on Trapgate the host command gets this wait status.
void machine_exit(int status) __attribute__((noreturn));
