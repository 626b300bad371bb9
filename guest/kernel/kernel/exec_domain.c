// SPDX-License-Identifier: MIT
// The list of execution domains, and personality(2), which moves a task from one to another.
// Names: [linux-2.6.11] kernel/exec_domain.c; row P12.
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/linkage.h>
#include <linux/personality.h>
#include <linux/sched.h>

struct exec_domain default_exec_domain = { .name = "Linux", .pers_low = PER_LINUX, .pers_high = PER_LINUX };
static struct exec_domain *exec_domains = &default_exec_domain;

/// With a use of its module; the default one for a personality that nobody is for.
static struct exec_domain *lookup_exec_domain(unsigned long personality)
{
    unsigned long wanted = personality & PER_MASK;
    for (struct exec_domain *domain = exec_domains; domain; domain = domain->next)
        if (wanted >= domain->pers_low && wanted <= domain->pers_high && try_module_get(domain->module))
            return domain;
    return &default_exec_domain;
}

int register_exec_domain(struct exec_domain *domain)
{
    if (domain->next)
        return -EBUSY;
    for (struct exec_domain *known = exec_domains; known; known = known->next)
        if (known == domain)
            return -EBUSY;
    domain->next = exec_domains;
    exec_domains = domain;
    return 0;
}

int unregister_exec_domain(struct exec_domain *domain)
{
    for (struct exec_domain **link = &exec_domains; *link; link = &(*link)->next)
        if (*link == domain) {
            *link = domain->next;
            domain->next = NULL;
            return 0;
        }
    return -EINVAL;
}

int __set_personality(unsigned long personality)
{
    struct exec_domain *domain = lookup_exec_domain(personality), *old = current_thread_info()->exec_domain;
    current->personality = personality;
    current_thread_info()->exec_domain = domain;
    module_put(old->module); // if nothing changes: lookup's use goes, the old one stays
    return 0;
}

asmlinkage long sys_personality(unsigned long personality)
{
    unsigned long old = current->personality;
    if (personality != 0xffffffff)
        __set_personality(personality);
    return old;
}
