// SPDX-License-Identifier: MIT
// Shared by the files that change areas.
#pragma once
#include <linux/mm.h>
#include <linux/slab.h>
extern kmem_cache_t *vm_area_cachep;
void remove_vma(struct vm_area_struct *vma);
struct vm_area_struct *copy_vma_struct(struct vm_area_struct *vma);
/// Puts an area into the list behind `prev` (NULL: at the front).
void link_vma(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev);
struct vm_area_struct *merge_with_next(struct mm_struct *mm, struct vm_area_struct *vma);
/// Gives an area without a file an object of its own, which fork shares.
int shmem_zero_setup(struct vm_area_struct *vma);
int can_do_mlock(void);
/// May so many more pages be locked?
int may_lock(struct mm_struct *mm, unsigned long pages);
void make_pages_present(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start, unsigned long end);
