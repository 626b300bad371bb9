// SPDX-License-Identifier: MIT
// The execution domain of PER_LINUX32, as a module: what setarch and linux32 ask for. On an i386 it does the same as the
// default one; that a task is in it shows in the use count of its module. Row P12.
#include <linux/init.h>
#include <linux/personality.h>

static struct exec_domain linux32_exec_domain;
static void linux32_exit(void) { unregister_exec_domain(&linux32_exec_domain); }
LINKED_MODULE(exec_linux32_module, "exec_linux32", linux32_exit);

static struct exec_domain linux32_exec_domain = {
    .name = "Linux-32bit",
    .pers_low = PER_LINUX32,
    .pers_high = PER_LINUX32,
    .module = &exec_linux32_module,
};

static int __init linux32_init(void)
{
    register_linked_module(&exec_linux32_module);
    return register_exec_domain(&linux32_exec_domain);
}
core_initcall(linux32_init);
