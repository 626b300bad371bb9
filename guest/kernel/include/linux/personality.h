// SPDX-License-Identifier: MIT
// Execution domains: only Linux.
#pragma once

#define PER_LINUX 0
#define PER_MASK 0xff
#define ADDR_NO_RANDOMIZE 0x0040000
#define READ_IMPLIES_EXEC 0x0400000
struct exec_domain { const char *name; };
extern struct exec_domain default_exec_domain;
