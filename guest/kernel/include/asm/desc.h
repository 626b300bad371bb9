// SPDX-License-Identifier: MIT
// The descriptor tables in memory and how they are filled.
#pragma once

#include <asm/ldt.h>
#include <asm/processor.h>
#include <asm/segment.h>

struct Xgt_desc_struct {
    unsigned short size;
    unsigned long address;
} __attribute__((packed));
extern struct desc_struct cpu_gdt_table[GDT_ENTRIES];
extern struct desc_struct idt_table[IDT_ENTRIES];
extern struct Xgt_desc_struct idt_descr, cpu_gdt_descr;

/// A system descriptor: type 0x89 = available TSS, 0x82 = LDT; limit in bytes - 1.
static inline void set_system_desc(unsigned int entry, unsigned long base, unsigned long limit, unsigned char type)
{
    cpu_gdt_table[entry].a = ((base & 0xffff) << 16) | (limit & 0xffff);
    cpu_gdt_table[entry].b =
        (base & 0xff000000) | (limit & 0xf0000) | ((unsigned long)type << 8) | ((base >> 16) & 0xff);
}
#define load_TR_desc() __asm__ __volatile__("ltr %w0" : : "q"(__TSS_SEL))
#define load_LDT_selector(sel) __asm__ __volatile__("lldt %w0" : : "q"(sel))
/// The running task's three TLS descriptors go into GDT entries 6-8.
static inline void load_TLS(struct thread_struct *t)
{
    cpu_gdt_table[GDT_ENTRY_TLS_MIN] = t->tls_array[0];
    cpu_gdt_table[GDT_ENTRY_TLS_MIN + 1] = t->tls_array[1];
    cpu_gdt_table[GDT_ENTRY_TLS_MIN + 2] = t->tls_array[2];
}
void set_intr_gate(unsigned int n, void *address);
void set_system_gate(unsigned int n, void *address);
void set_system_intr_gate(unsigned int n, void *address);
void set_trap_gate(unsigned int n, void *address);
void set_task_gate(unsigned int n, unsigned int gdt_entry);
