// SPDX-License-Identifier: MIT
// Memory before the page allocator: a short list of ranges that are taken. Used once, while booting.
#pragma once
#include <linux/types.h>

/// Physical [start, end) is taken.
void reserve_bootmem(unsigned long start, unsigned long end);
/// Zeroed, page-aligned memory; panics if there is none.
void *alloc_bootmem_pages(unsigned long size);
/// Everything that is not taken goes to the page allocator; its number of pages.
unsigned long free_all_bootmem(void);
extern unsigned long initrd_start, initrd_end;
/// The initramfs has been unpacked: its pages are free.
void free_initrd_mem(unsigned long start, unsigned long end);
/// The value of a command line word.
int get_option_word(const char *word, char *to, int size);
