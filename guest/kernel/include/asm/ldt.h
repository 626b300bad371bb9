// SPDX-License-Identifier: MIT
// Segments that a user asks for: set_thread_area, clone's tls, modify_ldt.
#pragma once

#define LDT_ENTRIES 8192
#define LDT_ENTRY_SIZE 8
struct user_desc {
    unsigned int entry_number;
    unsigned long base_addr;
    unsigned int limit;
    unsigned int seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1, seg_not_present : 1, useable : 1;
};
#define LDT_entry_a(info) ((((info)->base_addr & 0x0000ffff) << 16) | ((info)->limit & 0x0ffff))
#define LDT_entry_b(info) \
    (((info)->base_addr & 0xff000000) | (((info)->base_addr & 0x00ff0000) >> 16) | ((info)->limit & 0xf0000) | \
     (((info)->read_exec_only ^ 1) << 9) | ((info)->contents << 10) | (((info)->seg_not_present ^ 1) << 15) | \
     ((info)->seg_32bit << 22) | ((info)->limit_in_pages << 23) | ((info)->useable << 20) | 0x7000)
struct desc_struct;
void fill_tls_entry(struct desc_struct *desc, const struct user_desc *info);
void describe_tls_entry(struct user_desc *info, const struct desc_struct *desc, int idx);
/// "No segment": what clears an entry.
#define LDT_empty(info) \
    ((info)->base_addr == 0 && (info)->limit == 0 && (info)->contents == 0 && (info)->read_exec_only == 1 && \
     (info)->seg_32bit == 0 && (info)->limit_in_pages == 0 && (info)->seg_not_present == 1 && (info)->useable == 0)
