// SPDX-License-Identifier: MIT
// Execution domains: how a kernel treats programs of another system. personality(2) chooses one by number; a domain may be
// a module's, and each task in it counts as a use. Names: [linux-2.6.11] include/linux/personality.h. Row P12.
#pragma once

#include <linux/module.h>

#define PER_LINUX 0
#define PER_LINUX32 0x0008
#define PER_MASK 0xff
#define ADDR_NO_RANDOMIZE 0x0040000
#define READ_IMPLIES_EXEC 0x0400000

struct exec_domain {
    const char *name;
    unsigned char pers_low, pers_high; ///< the personalities that it is for
    struct module *module;
    struct exec_domain *next;
};
extern struct exec_domain default_exec_domain;
int register_exec_domain(struct exec_domain *domain);
int unregister_exec_domain(struct exec_domain *domain);
int __set_personality(unsigned long personality);
