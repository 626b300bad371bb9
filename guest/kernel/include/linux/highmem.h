// SPDX-License-Identifier: MIT
// There is no high memory: every page has an address.
#pragma once

#include <linux/mm.h>
enum km_type { KM_USER0, KM_USER1, KM_IRQ0 };
#define kmap(page) page_address(page)
#define kunmap(page) do { (void)(page); } while (0)
#define kmap_atomic(page, type) page_address(page)
#define kunmap_atomic(address, type) do { (void)(address); } while (0)
#define clear_highpage(page) clear_page(page_address(page))
#define flush_dcache_page(page) do { } while (0)
