// SPDX-License-Identifier: MIT
// Pages: 4 KB; physical memory is mapped at PAGE_OFFSET, so that an address and its physical one differ by a constant.
#pragma once

#include <linux/const.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (_AC(1, UL) << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define LARGE_PAGE_SIZE (_AC(4, UL) << 20)
#define __PAGE_OFFSET 0xC0000000
#define PAGE_OFFSET _AC(0xC0000000, UL)
/// Lowmem ends here; above are the fixmap and the vsyscall page.
#define MAXMEM_BYTES 0x38000000
#define MAXMEM _AC(0x38000000, UL)

#ifndef __ASSEMBLY__
#include <linux/types.h>
typedef struct { unsigned long pte_low; } pte_t;
typedef struct { unsigned long pgd; } pgd_t;
typedef struct { unsigned long pgprot; } pgprot_t;
#define pte_val(x) ((x).pte_low)
#define pgd_val(x) ((x).pgd)
#define pgprot_val(x) ((x).pgprot)
#define __pte(x) ((pte_t){ (x) })
#define __pgd(x) ((pgd_t){ (x) })
#define __pgprot(x) ((pgprot_t){ (x) })

#define __pa(x) ((unsigned long)(x) - PAGE_OFFSET)
#define __va(x) ((void *)((unsigned long)(x) + PAGE_OFFSET))
#define PAGE_ALIGN(address) (((address) + PAGE_SIZE - 1) & PAGE_MASK)
#define pfn_valid(pfn) ((pfn) < max_mapnr)
#define virt_to_page(address) (mem_map + (__pa(address) >> PAGE_SHIFT))
#define virt_addr_valid(address) ((unsigned long)(address) >= PAGE_OFFSET && pfn_valid(__pa(address) >> PAGE_SHIFT))
#define clear_page(page) memset((void *)(page), 0, PAGE_SIZE)
#define copy_page(to, from) memcpy((void *)(to), (void *)(from), PAGE_SIZE)
#define clear_user_page(page, address, pg) clear_page(page)

static inline int get_order(unsigned long size)
{
    int order = 0;
    for (size = (size - 1) >> PAGE_SHIFT; size; size >>= 1)
        order++;
    return order;
}
#endif
