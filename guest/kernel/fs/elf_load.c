// SPDX-License-Identifier: MIT
// Headers of ELF files checked, segments mapped: for programs and for the dynamic linker that PT_INTERP names.
//
//   0x08048000 ET_EXEC    0x40000000 dynamic linker, libraries    0x80000000 ET_DYN programs    stack 0xC0000000
//
// [linux-2.6.11] fs/binfmt_elf.c: load_elf_binary, load_elf_interp, elf_map, padzero.
#include "elf_load.h"
#include <linux/binfmts.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/mman.h>
#include <asm/uaccess.h>

int elf_check_header(const Elf32_Ehdr *e)
{
    if (memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_ident[EI_CLASS] != ELFCLASS32 || e->e_ident[EI_DATA] != ELFDATA2LSB)
        return -ENOEXEC;
    if (e->e_machine != EM_386 || e->e_phentsize != sizeof(Elf32_Phdr) || !e->e_phnum ||
        e->e_phnum > 65536 / sizeof(Elf32_Phdr))
        return -ENOEXEC;
    return e->e_type == ET_EXEC || e->e_type == ET_DYN ? 0 : -ENOEXEC;
}

/// Can this segment be mapped as it says?
static int check_segment(const Elf32_Phdr *p, int fixed)
{
    if (p->p_type != PT_LOAD || !p->p_memsz)
        return 0;
    if (p->p_filesz > p->p_memsz || p->p_memsz > TASK_SIZE || p->p_vaddr > TASK_SIZE - p->p_memsz)
        return -EINVAL;
    if ((p->p_vaddr & ~PAGE_MASK) != (p->p_offset & ~PAGE_MASK) || p->p_offset + p->p_filesz < p->p_offset)
        return -EINVAL;
    return fixed && p->p_vaddr < PAGE_SIZE ? -EINVAL : 0; // address 0 stays empty
}

static void note_segment(struct elf_image *image, const Elf32_Phdr *p)
{
    unsigned long end = p->p_vaddr + p->p_memsz, offset = image->ehdr.e_phoff;
    if (p->p_vaddr < image->first)
        image->first = p->p_vaddr;
    if (end > image->last)
        image->last = end;
    if (p->p_offset <= offset && offset < p->p_offset + p->p_filesz)
        image->headers = p->p_vaddr + (offset - p->p_offset);
}

int elf_read_headers(struct elf_image *image)
{
    int size = image->ehdr.e_phnum * sizeof(Elf32_Phdr);
    image->phdr = kmalloc(size, GFP_KERNEL);
    if (!image->phdr)
        return -ENOMEM;
    int got = kernel_read(image->file, image->ehdr.e_phoff, (char *)image->phdr, size);
    if (got != size)
        return got < 0 ? got : -EIO;
    image->first = TASK_SIZE;
    for (int i = 0; i < image->ehdr.e_phnum; i++) {
        const Elf32_Phdr *p = &image->phdr[i];
        int error = check_segment(p, image->ehdr.e_type == ET_EXEC);
        if (error)
            return error;
        if (p->p_type == PT_GNU_STACK)
            image->executable_stack = p->p_flags & PF_X;
        if (p->p_type == PT_LOAD && p->p_memsz)
            note_segment(image, p);
    }
    return image->last ? 0 : -ENOEXEC;
}

static unsigned long segment_prot(const Elf32_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/// Memory behind the file's bytes: the rest of the last file page is cleared, whole pages are demand zero.
static long map_bss(const Elf32_Phdr *p, unsigned long bias)
{
    unsigned long start = p->p_vaddr + bias + p->p_filesz, end = p->p_vaddr + bias + p->p_memsz;
    unsigned long page_end = PAGE_ALIGN(start);
    if (p->p_filesz && (p->p_flags & PF_W) && clear_user((void __user *)start, page_end - start))
        return -EFAULT;
    if (!p->p_filesz)
        page_end = start & PAGE_MASK;
    if (PAGE_ALIGN(end) <= page_end)
        return 0;
    long at = do_mmap(NULL, page_end, PAGE_ALIGN(end) - page_end, segment_prot(p), MAP_PRIVATE | MAP_FIXED, 0);
    return IS_ERR_VALUE(at) ? at : 0;
}

static long map_segment(struct elf_image *image, const Elf32_Phdr *p)
{
    unsigned long start = p->p_vaddr + image->bias, skip = start & ~PAGE_MASK;
    if (start < PAGE_SIZE || start > TASK_SIZE - p->p_memsz)
        return -ENOMEM;
    if (p->p_filesz) {
        long at = do_mmap(image->file, start - skip, p->p_filesz + skip, segment_prot(p),
                          MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE | MAP_EXECUTABLE, p->p_offset - skip);
        if (IS_ERR_VALUE(at))
            return at;
    }
    return p->p_memsz > p->p_filesz ? map_bss(p, image->bias) : 0;
}

long elf_map_image(struct elf_image *image)
{
    long error = 0;
    for (int i = 0; i < image->ehdr.e_phnum && !error; i++)
        if (image->phdr[i].p_type == PT_LOAD && image->phdr[i].p_memsz)
            error = map_segment(image, &image->phdr[i]);
    if (image->headers)
        image->headers += image->bias;
    return error;
}

void elf_note_layout(struct mm_struct *mm, struct elf_image *image)
{
    mm->start_code = ~0UL;
    for (int i = 0; i < image->ehdr.e_phnum; i++) {
        const Elf32_Phdr *p = &image->phdr[i];
        unsigned long start = p->p_vaddr + image->bias, file_end = start + p->p_filesz;
        if (p->p_type != PT_LOAD || !p->p_memsz)
            continue;
        mm->start_code = min(mm->start_code, start);
        if (p->p_flags & PF_X)
            mm->end_code = max(mm->end_code, file_end);
        mm->start_data = max(mm->start_data, start);
        mm->end_data = max(mm->end_data, file_end);
    }
    mm->start_brk = mm->brk = PAGE_ALIGN(image->last + image->bias);
}

/// The path in PT_INTERP: one, that ends with a NUL.
static char *interpreter_path(const struct elf_image *image)
{
    const Elf32_Phdr *p = image->phdr, *end = p + image->ehdr.e_phnum;
    while (p < end && p->p_type != PT_INTERP)
        p++;
    if (p == end)
        return NULL;
    if (p->p_filesz < 2 || p->p_filesz > INTERPRETER_PATH_MAX)
        return ERR_PTR(-ENOEXEC);
    char *path = kmalloc(p->p_filesz, GFP_KERNEL);
    if (!path)
        return ERR_PTR(-ENOMEM);
    int got = kernel_read(image->file, p->p_offset, path, p->p_filesz);
    if (got == (int)p->p_filesz && !path[got - 1])
        return path;
    kfree(path);
    return ERR_PTR(got < 0 ? got : got != (int)p->p_filesz ? -EIO : -ENOEXEC);
}

int elf_open_interpreter(const struct elf_image *image, struct elf_image *interpreter)
{
    char *path = interpreter_path(image);
    if (!path)
        return 0;
    if (IS_ERR(path))
        return PTR_ERR(path);
    struct file *file = open_exec(path);
    kfree(path);
    if (IS_ERR(file))
        return PTR_ERR(file);
    interpreter->file = file;
    int got = kernel_read(file, 0, (char *)&interpreter->ehdr, sizeof(interpreter->ehdr));
    if (got != sizeof(interpreter->ehdr))
        return got < 0 ? got : -EIO;
    if (elf_check_header(&interpreter->ehdr))
        return -ELIBBAD;
    return elf_read_headers(interpreter);
}

void elf_close_interpreter(struct elf_image *interpreter)
{
    kfree(interpreter->phdr);
    if (!interpreter->file)
        return;
    allow_write_access(interpreter->file);
    fput(interpreter->file);
}

long elf_map_interpreter(struct elf_image *interpreter)
{
    unsigned long start = interpreter->first & PAGE_MASK, size = PAGE_ALIGN(interpreter->last) - start;
    if (interpreter->ehdr.e_type == ET_DYN) {
        unsigned long at = get_unmapped_area(NULL, 0, size, 0, 0);
        if (at & ~PAGE_MASK)
            return at;
        interpreter->bias = at - start;
    }
    return elf_map_image(interpreter);
}
