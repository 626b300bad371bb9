// SPDX-License-Identifier: MIT
// Asking for pages.
#pragma once

#define __GFP_WAIT 0x10
#define __GFP_HIGH 0x20
#define __GFP_ZERO 0x8000
#define GFP_ATOMIC __GFP_HIGH
#define GFP_NOFS __GFP_WAIT
#define GFP_KERNEL __GFP_WAIT
#define GFP_USER __GFP_WAIT
#define GFP_HIGHUSER __GFP_WAIT
#define __GFP_HIGHMEM 0
#define __GFP_NOWARN 0

struct page;
struct page *alloc_pages(unsigned int gfp_mask, unsigned int order);
#define alloc_page(gfp_mask) alloc_pages(gfp_mask, 0)
unsigned long __get_free_pages(unsigned int gfp_mask, unsigned int order);
unsigned long get_zeroed_page(unsigned int gfp_mask);
#define __get_free_page(gfp_mask) __get_free_pages(gfp_mask, 0)
#define get_free_page(gfp_mask) get_zeroed_page(gfp_mask)
void __free_pages(struct page *page, unsigned int order);
void free_pages(unsigned long address, unsigned int order);
#define __free_page(page) __free_pages(page, 0)
#define free_page(address) free_pages(address, 0)
