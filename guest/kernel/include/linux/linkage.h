// SPDX-License-Identifier: MIT
// How C and entry.S meet. The kernel passes arguments in registers (-mregparm=3);
// asmlinkage says: this one finds them on the stack, where SAVE_ALL pushed them. Row A04.
#pragma once

#include <linux/compiler.h>

#define asmlinkage __attribute__((regparm(0)))
#define fastcall __attribute__((regparm(3)))
#define FASTCALL(x) x __attribute__((regparm(3)))

#ifdef __ASSEMBLY__
#define ENTRY(name) .globl name; .type name, @function; .balign 4; name:
#endif
