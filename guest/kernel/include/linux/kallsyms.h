// SPDX-License-Identifier: MIT
// Names for code addresses.
#pragma once
/// The function that an address lies in and how far; NULL if it is not kernel code.
const char *kallsyms_lookup(unsigned long address, unsigned long *offset);
void print_symbol(const char *prefix, unsigned long address);
