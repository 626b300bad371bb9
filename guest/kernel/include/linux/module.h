// SPDX-License-Identifier: MIT
// There are no modules: module_init() is an initcall, exports are nothing.
#pragma once

#include <linux/init.h>
#define module_init(fn) __initcall(fn)
#define module_exit(fn)
#define EXPORT_SYMBOL(x)
#define EXPORT_SYMBOL_GPL(x)
#define MODULE_LICENSE(x)
#define MODULE_AUTHOR(x)
#define MODULE_DESCRIPTION(x)
struct module;
#define THIS_MODULE ((struct module *)0)
#define try_module_get(m) 1
#define module_put(m) do { } while (0)
#define __module_get(m) do { } while (0)
