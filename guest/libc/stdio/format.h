// SPDX-License-Identifier: MIT
// The formatter behind all printf functions: it hands pieces of text to a sink.
#pragma once

#include <stdarg.h>
#include <stddef.h>

/// Takes `length` characters. `target` is what __format was given.
typedef void sink(void *target, const char *text, size_t length);

/// Returns the number of characters that the whole text has.
int __format(sink *put, void *target, const char *format, va_list args);
