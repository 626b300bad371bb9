/* SPDX-License-Identifier: MIT */
/* ISO C: stop with a message when something that must hold does not. */
#ifndef _ASSERT_H
#define _ASSERT_H

void __assert_fail(const char *condition, const char *file, int line) __attribute__((noreturn));

#define assert(condition) ((condition) ? (void)0 : __assert_fail(#condition, __FILE__, __LINE__))

#endif
