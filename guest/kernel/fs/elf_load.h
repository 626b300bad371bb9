// SPDX-License-Identifier: MIT
// An ELF file on its way into memory: shared by binfmt_elf.c and elf_load.c.
#pragma once

#include <linux/elf.h>
#include <linux/types.h>
struct file;
struct mm_struct;

#define ELF_ET_DYN_BASE (TASK_SIZE / 3 * 2) ///< 0x80000000: where position-independent programs lie
#define INTERPRETER_PATH_MAX 4096

struct elf_image {
    struct file *file;
    Elf32_Ehdr ehdr;
    Elf32_Phdr *phdr;
    unsigned long bias;        ///< added to every address in the file
    unsigned long first, last; ///< the addresses in the file that its segments begin and end at
    unsigned long headers;     ///< where the program headers are in memory; AT_PHDR
    int executable_stack;      ///< unless PT_GNU_STACK says otherwise
};

/// -ENOEXEC unless it is a program for this machine.
int elf_check_header(const Elf32_Ehdr *e);
/// Reads the program headers and checks that every segment can be mapped as it says.
int elf_read_headers(struct elf_image *image);
/// The file named by PT_INTERP, its headers read. Without PT_INTERP interpreter->file stays NULL.
int elf_open_interpreter(const struct elf_image *image, struct elf_image *interpreter);
void elf_close_interpreter(struct elf_image *interpreter);
/// Maps all segments at their addresses + bias.
long elf_map_image(struct elf_image *image);
/// Finds a place for the dynamic linker, whatever it was linked for, and maps it there.
long elf_map_interpreter(struct elf_image *interpreter);
/// start_code, brk and their like.
void elf_note_layout(struct mm_struct *mm, struct elf_image *image);
