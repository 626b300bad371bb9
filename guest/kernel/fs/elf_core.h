// SPDX-License-Identifier: MIT
// A core file on its way: shared by binfmt_elf_core.c, which writes it, and elf_core_notes.c, which collects the notes.
#pragma once

#include <linux/elfcore.h>
#include <linux/types.h>
struct file;
struct pt_regs;

struct memelfnote {
    const char *name; ///< whose: CORE or LINUX
    u32 type, size;
    const void *data;
};
#define ELF_THREAD_NOTES 5

/// What is told of one thread; of the first one, which dumps, also what is the process'.
struct elf_thread {
    struct elf_thread *next;
    int notes;
    struct memelfnote note[ELF_THREAD_NOTES];
    struct elf_prstatus prstatus;
    struct user_i387_struct fpu;
    struct user_fxsr_struct xfpu;
};
struct elf_core {
    struct elf_thread *threads;
    struct elf_prpsinfo psinfo;
    u32 note_bytes;
    int areas;
    char *has_contents; ///< of each area
};

/// Of this thread and all others of its address space. 0: no memory.
int elf_collect_notes(struct elf_core *core, long signr);
void elf_free_notes(struct elf_core *core);
int elf_core_dump(long signr, struct pt_regs *regs, struct file *file);
