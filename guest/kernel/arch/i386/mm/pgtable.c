// SPDX-License-Identifier: MIT
// Page directories: the lower three quarters belong to the process, the upper one is everybody's.
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/pgtable.h>

pgd_t *pgd_alloc(struct mm_struct *mm)
{
    pgd_t *pgd = (pgd_t *)__get_free_page(GFP_KERNEL);
    if (!pgd)
        return NULL;
    memset(pgd, 0, USER_PTRS_PER_PGD * sizeof(pgd_t));
    memcpy(pgd + USER_PTRS_PER_PGD, swapper_pg_dir + USER_PTRS_PER_PGD,
           (PTRS_PER_PGD - USER_PTRS_PER_PGD) * sizeof(pgd_t));
    return pgd;
}

void pgd_free(pgd_t *pgd) { free_page((unsigned long)pgd); }
