// SPDX-License-Identifier: MIT
// The core file of an ELF program: [linux-2.6.11] fs/binfmt_elf.c: elf_core_dump; core(5), elf(5).
//
//   Elf32_Ehdr | Elf32_Phdr: PT_NOTE, PT_LOAD of each area, those of the vsyscall page | notes | to the next page | contents
//
//   notes: NT_PRSTATUS of the dumping thread, NT_PRPSINFO, NT_AUXV, NT_PRFPREG, NT_PRXFPREG; then of each other thread
//          NT_PRSTATUS, NT_PRFPREG, NT_PRXFPREG.   2.6.11 also writes its task_struct (NT_TASKSTRUCT): addresses of the
//          kernel's that no debugger reads, which a user has no business to know; we don't.
//
// An area that the program has not changed (its code, what it only reserved) has no contents here: the file that it maps has them, or
// they are zeros. A page that was never written is a hole of the core file. What does not fit (RLIMIT_CORE, a full disk) is cut off.
#include <linux/elf.h>
#include <linux/elfcore.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/i387.h>
#include <asm/pgtable.h>
#include <asm/uaccess.h>
#include "elf_core.h"

#define VSYSCALL_EHDR ((const Elf32_Ehdr *)VSYSCALL_PAGE)
#define VSYSCALL_PHDR ((const Elf32_Phdr *)(VSYSCALL_PAGE + VSYSCALL_EHDR->e_phoff))

/// The file on its way: 0 is the answer of each of these functions once it has become too long or the disk is full.
struct core_writer {
    struct file *file;
    unsigned long long size, limit;
};

static int dump_write(struct core_writer *to, const void *from, size_t n)
{
    to->size += n;
    return to->size <= to->limit && vfs_write(to->file, (const char __user *)from, n, &to->file->f_pos) == (ssize_t)n;
}

static void dump_seek(struct core_writer *to, loff_t position) { to->file->f_pos = position; }

/// Devices have no contents of their own. What is shared is kept only if no file will show it later. Of private areas those that
/// have a page of their own, which they were written to.
static int maydump(struct vm_area_struct *vma)
{
    if (vma->vm_flags & (VM_IO | VM_RESERVED))
        return 0;
    if (vma->vm_flags & VM_SHARED)
        return !vma->vm_file || vma->vm_file->f_dentry->d_inode->i_nlink == 0;
    struct address_space *mapping = vma->vm_file ? vma->vm_file->f_mapping : NULL;
    for (unsigned long at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE) {
        pte_t *pte = pte_lookup(vma->vm_mm, at);
        if (!pte) {
            at |= ~PGDIR_MASK & PAGE_MASK; // nothing in these 4 MB
            continue;
        }
        if (pte_present(*pte) && pfn_valid(pte_pfn(*pte)) && !PageReserved(pte_page(*pte)) && (!mapping || pte_page(*pte)->mapping != mapping))
            return 1;
    }
    return 0;
}

/// Nothing has ever been there: not even a page of zeros is made for it.
static int is_hole(struct vm_area_struct *vma, unsigned long address)
{
    pte_t *pte = pte_lookup(vma->vm_mm, address);
    return !vma->vm_file && (!pte || !pte_present(*pte));
}

static int dump_page(struct core_writer *to, struct vm_area_struct *vma, unsigned long address)
{
    struct page *page;
    loff_t next = to->file->f_pos + PAGE_SIZE;
    int written = 1;
    if (is_hole(vma, address) || get_user_pages(current, vma->vm_mm, address, 1, 0, 1, &page, NULL) <= 0) {
        dump_seek(to, next);
        return 1;
    }
    if (page == ZERO_PAGE(address))
        dump_seek(to, next);
    else
        written = dump_write(to, page_address(page), PAGE_SIZE);
    put_page(page);
    return written;
}

static int dump_areas(struct core_writer *to, const struct elf_core *core)
{
    int n = 0;
    for (struct vm_area_struct *vma = current->mm->mmap; vma && n < core->areas; vma = vma->vm_next, n++) {
        if (!core->has_contents[n])
            continue;
        for (unsigned long at = vma->vm_start; at < vma->vm_end; at += PAGE_SIZE) {
            if (!dump_page(to, vma, at))
                return 0;
            cond_resched();
        }
    }
    return 1;
}

static int write_area_header(struct core_writer *to, struct vm_area_struct *vma, int has_contents, loff_t *offset)
{
    unsigned long size = vma->vm_end - vma->vm_start;
    Elf32_Phdr phdr = { .p_type = PT_LOAD, .p_offset = *offset, .p_vaddr = vma->vm_start, .p_memsz = size,
                        .p_filesz = has_contents ? size : 0, .p_align = PAGE_SIZE };
    phdr.p_flags = (vma->vm_flags & VM_READ ? PF_R : 0) | (vma->vm_flags & VM_WRITE ? PF_W : 0) |
                   (vma->vm_flags & VM_EXEC ? PF_X : 0);
    *offset += phdr.p_filesz;
    return dump_write(to, &phdr, sizeof(phdr));
}

/// The vsyscall page is no area, but a debugger that finds EIP there wants its symbols. [linux-2.6.11] ELF_CORE_WRITE_EXTRA_PHDRS
static int write_vsyscall_headers(struct core_writer *to, loff_t offset)
{
    for (int i = 0; i < VSYSCALL_EHDR->e_phnum; i++) {
        Elf32_Phdr phdr = VSYSCALL_PHDR[i];
        phdr.p_offset += offset; // its one PT_LOAD begins at 0
        phdr.p_paddr = 0;
        if (phdr.p_type == PT_LOAD)
            phdr.p_filesz = phdr.p_memsz = PAGE_SIZE; // all of it: the section headers lie behind what is loaded
        if (!dump_write(to, &phdr, sizeof(phdr)))
            return 0;
    }
    return 1;
}

static int segments(const struct elf_core *core) { return 1 + core->areas + VSYSCALL_EHDR->e_phnum; }

static int write_elf_header(struct core_writer *to, const struct elf_core *core)
{
    Elf32_Ehdr ehdr = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2LSB, EV_CURRENT }, .e_type = ET_CORE,
                        .e_machine = EM_386, .e_version = EV_CURRENT, .e_phoff = sizeof(ehdr), .e_ehsize = sizeof(ehdr),
                        .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = segments(core) };
    return dump_write(to, &ehdr, sizeof(ehdr));
}

static int write_headers(struct core_writer *to, const struct elf_core *core, loff_t notes, loff_t *contents)
{
    Elf32_Phdr note = { .p_type = PT_NOTE, .p_offset = notes, .p_filesz = core->note_bytes };
    loff_t offset = roundup(notes + core->note_bytes, (loff_t)PAGE_SIZE);
    *contents = offset;
    if (!write_elf_header(to, core) || !dump_write(to, &note, sizeof(note)))
        return 0;
    int n = 0;
    for (struct vm_area_struct *vma = current->mm->mmap; vma && n < core->areas; vma = vma->vm_next, n++)
        if (!write_area_header(to, vma, core->has_contents[n], &offset))
            return 0;
    return n == core->areas && write_vsyscall_headers(to, offset);
}

static int write_note(struct core_writer *to, const struct memelfnote *note)
{
    static const char zeros[4];
    Elf32_Nhdr head = { strlen(note->name) + 1, note->size, note->type };
    return dump_write(to, &head, sizeof(head)) && dump_write(to, note->name, head.n_namesz) &&
           dump_write(to, zeros, -head.n_namesz & 3) && dump_write(to, note->data, note->size) &&
           dump_write(to, zeros, -note->size & 3);
}

static int write_notes(struct core_writer *to, const struct elf_core *core)
{
    for (const struct elf_thread *t = core->threads; t; t = t->next)
        for (int i = 0; i < t->notes; i++)
            if (!write_note(to, &t->note[i]))
                return 0;
    return 1;
}

static void write_core(struct core_writer *to, const struct elf_core *core)
{
    loff_t notes = sizeof(Elf32_Ehdr) + segments(core) * sizeof(Elf32_Phdr), contents;
    if (!write_headers(to, core, notes, &contents) || !write_notes(to, core))
        return;
    dump_seek(to, contents);
    if (dump_areas(to, core))
        dump_write(to, (const void *)VSYSCALL_PAGE, PAGE_SIZE);
}

static void note_areas(struct elf_core *core)
{
    int n = 0;
    for (struct vm_area_struct *vma = current->mm->mmap; vma && n < core->areas; vma = vma->vm_next)
        core->has_contents[n++] = maydump(vma);
    core->areas = n;
}

/// 0 if there is no memory to collect what shall be written; 1 once the file has begun, however far it got.
int elf_core_dump(long signr, struct pt_regs *regs, struct file *file)
{
    struct elf_core core = { .areas = current->mm->map_count };
    struct core_writer to = { .file = file, .limit = current->signal->rlim[RLIMIT_CORE].rlim_cur };
    mm_segment_t fs = get_fs();
    int has_dumped = 0;
    core.has_contents = kmalloc(core.areas, GFP_KERNEL);
    if (core.has_contents && elf_collect_notes(&core, signr)) {
        note_areas(&core);
        has_dumped = 1;
        current->flags |= PF_DUMPCORE;
        set_fs(KERNEL_DS);
        write_core(&to, &core);
        set_fs(fs);
    }
    elf_free_notes(&core);
    kfree(core.has_contents);
    return has_dumped;
}
