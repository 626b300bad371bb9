// SPDX-License-Identifier: MIT
// Build options come from the Makefile (-DCONFIG_4KSTACKS, ...).
#pragma once

#define CONFIG_X86 1
