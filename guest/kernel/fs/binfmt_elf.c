// SPDX-License-Identifier: MIT
// ELF programs (ET_EXEC, i386): segments mapped, bss cleared, and the stack that a program starts with:
//
//   0xC0000000  0 | file name | environment strings | argument strings | "i686" | 16 random bytes
//               auxv (AT_NULL last) | 0 | envp[] | 0 | argv[] | argc  <- ESP, a multiple of 16
//
// All headers are checked before the old program is given up. [linux-2.6.11].
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/mman.h>
#include <asm/uaccess.h>

LINKED_MODULE(binfmt_elf_module, "binfmt_elf", NULL);
static struct linux_binfmt elf_format;
extern int sysenter_usable;
#define KERNEL_VSYSCALL 0xffffe400

struct elf_image {
    Elf32_Ehdr *ehdr;
    Elf32_Phdr *phdr;
    unsigned long load_address; ///< where the file's first byte is
    unsigned long brk;
    int executable_stack; ///< unless PT_GNU_STACK says otherwise
};

static int check_header(const Elf32_Ehdr *e)
{
    if (memcmp(e->e_ident, ELFMAG, SELFMAG) || e->e_ident[EI_CLASS] != ELFCLASS32 || e->e_ident[EI_DATA] != ELFDATA2LSB)
        return -ENOEXEC;
    if (e->e_machine != EM_386 || e->e_phentsize != sizeof(Elf32_Phdr) || !e->e_phnum ||
        e->e_phnum > 65536 / sizeof(Elf32_Phdr))
        return -ENOEXEC;
    if (e->e_type == ET_DYN)
        printk(KERN_NOTICE "execve: ET_DYN (position independent) programs are not supported yet\n");
    return e->e_type == ET_EXEC ? 0 : -ENOEXEC;
}

/// Can this segment be mapped as it says?
static int check_segment(const Elf32_Phdr *p)
{
    if (p->p_type == PT_INTERP) {
        printk(KERN_NOTICE "execve: dynamically linked programs are not supported yet\n");
        return -ENOEXEC;
    }
    if (p->p_type != PT_LOAD)
        return 0;
    if (p->p_filesz > p->p_memsz || p->p_memsz > TASK_SIZE || p->p_vaddr > TASK_SIZE - p->p_memsz)
        return -EINVAL;
    if ((p->p_vaddr & ~PAGE_MASK) != (p->p_offset & ~PAGE_MASK) || p->p_offset + p->p_filesz < p->p_offset)
        return -EINVAL;
    return p->p_vaddr < PAGE_SIZE ? -EINVAL : 0; // address 0 stays empty
}

static int read_program_headers(struct linux_binprm *bprm, struct elf_image *image)
{
    int size = image->ehdr->e_phnum * sizeof(Elf32_Phdr), loads = 0;
    image->phdr = kmalloc(size, GFP_KERNEL);
    if (!image->phdr)
        return -ENOMEM;
    int got = kernel_read(bprm->file, image->ehdr->e_phoff, (char *)image->phdr, size);
    if (got != size)
        return got < 0 ? got : -EIO;
    for (int i = 0; i < image->ehdr->e_phnum; i++) {
        int error = check_segment(&image->phdr[i]);
        if (error)
            return error;
        if (image->phdr[i].p_type == PT_GNU_STACK)
            image->executable_stack = image->phdr[i].p_flags & PF_X;
        loads += image->phdr[i].p_type == PT_LOAD && image->phdr[i].p_memsz;
    }
    return loads ? 0 : -ENOEXEC;
}

static unsigned long segment_prot(const Elf32_Phdr *p)
{
    return (p->p_flags & PF_R ? PROT_READ : 0) | (p->p_flags & PF_W ? PROT_WRITE : 0) |
           (p->p_flags & PF_X ? PROT_EXEC : 0);
}

/// Memory behind the file's bytes: the rest of the last file page is cleared, whole pages are demand zero.
static long map_bss(const Elf32_Phdr *p)
{
    unsigned long start = p->p_vaddr + p->p_filesz, end = p->p_vaddr + p->p_memsz, page_end = PAGE_ALIGN(start);
    if (p->p_filesz && (p->p_flags & PF_W) && clear_user((void __user *)start, page_end - start))
        return -EFAULT;
    if (!p->p_filesz)
        page_end = start & PAGE_MASK;
    if (PAGE_ALIGN(end) <= page_end)
        return 0;
    long at = do_mmap(NULL, page_end, PAGE_ALIGN(end) - page_end,
                      segment_prot(p), MAP_PRIVATE | MAP_FIXED, 0);
    return IS_ERR_VALUE(at) ? at : 0;
}

static long map_segment(struct file *file, const Elf32_Phdr *p)
{
    unsigned long prot = segment_prot(p);
    unsigned long skip = p->p_vaddr & ~PAGE_MASK;
    if (p->p_filesz) {
        long at = do_mmap(file, p->p_vaddr - skip, p->p_filesz + skip, prot,
                          MAP_PRIVATE | MAP_FIXED | MAP_DENYWRITE | MAP_EXECUTABLE, p->p_offset - skip);
        if (IS_ERR_VALUE(at))
            return at;
    }
    return p->p_memsz > p->p_filesz ? map_bss(p) : 0;
}

static void note_layout(struct mm_struct *mm, struct elf_image *image, const Elf32_Phdr *p)
{
    unsigned long end = p->p_vaddr + p->p_memsz, file_end = p->p_vaddr + p->p_filesz;
    if (p->p_vaddr < mm->start_code)
        mm->start_code = p->p_vaddr;
    if ((p->p_flags & PF_X) && file_end > mm->end_code)
        mm->end_code = file_end;
    if (p->p_vaddr > mm->start_data)
        mm->start_data = p->p_vaddr;
    if (file_end > mm->end_data)
        mm->end_data = file_end;
    if (end > image->brk)
        image->brk = end;
}

static long map_program(struct linux_binprm *bprm, struct elf_image *image)
{
    struct mm_struct *mm = current->mm;
    long error = 0;
    mm->start_code = ~0UL;
    int first = 1;
    for (int i = 0; i < image->ehdr->e_phnum && !error; i++) {
        const Elf32_Phdr *p = &image->phdr[i];
        if (p->p_type != PT_LOAD || !p->p_memsz)
            continue;
        if (first)
            image->load_address = p->p_vaddr - p->p_offset;
        first = 0;
        error = map_segment(bprm->file, p);
        note_layout(mm, image, p);
    }
    mm->start_brk = mm->brk = PAGE_ALIGN(image->brk);
    return error;
}

static void put_auxv(unsigned long **at, unsigned long id, unsigned long value)
{
    *(*at)++ = id;
    *(*at)++ = value;
}

static void fill_auxv(unsigned long *at, struct linux_binprm *bprm, struct elf_image *image, unsigned long platform,
                      unsigned long random)
{
    if (sysenter_usable >= 0)
        put_auxv(&at, AT_SYSINFO, KERNEL_VSYSCALL);
    if (sysenter_usable >= 0)
        put_auxv(&at, AT_SYSINFO_EHDR, 0xffffe000);
    put_auxv(&at, AT_HWCAP, boot_cpu_data.x86_capability[0]);
    put_auxv(&at, AT_PAGESZ, PAGE_SIZE);
    put_auxv(&at, AT_CLKTCK, CLOCKS_PER_SEC);
    put_auxv(&at, AT_PHDR, image->load_address + image->ehdr->e_phoff);
    put_auxv(&at, AT_PHENT, sizeof(Elf32_Phdr));
    put_auxv(&at, AT_PHNUM, image->ehdr->e_phnum);
    put_auxv(&at, AT_BASE, 0);
    put_auxv(&at, AT_FLAGS, 0);
    put_auxv(&at, AT_ENTRY, image->ehdr->e_entry);
    put_auxv(&at, AT_UID, current->uid);
    put_auxv(&at, AT_EUID, current->euid);
    put_auxv(&at, AT_GID, current->gid);
    put_auxv(&at, AT_EGID, current->egid);
    put_auxv(&at, AT_SECURE, current->uid != current->euid || current->gid != current->egid);
    put_auxv(&at, AT_RANDOM, random);
    put_auxv(&at, AT_EXECFN, bprm->exec);
    put_auxv(&at, AT_PLATFORM, platform);
    put_auxv(&at, AT_NULL, 0);
}

static unsigned int auxv_length(const unsigned long *auxv)
{
    unsigned int n = 0;
    while (auxv[n])
        n += 2;
    return n + 2;
}

/// Writes pointers to `count` strings that lie one after the other from *string on; then 0.
static int put_pointers(unsigned long __user **sp, int count, unsigned long *string)
{
    for (int i = 0; i < count; i++) {
        if (put_user(*string, (*sp)++))
            return -EFAULT;
        long length = strnlen_user((char __user *)*string, PAGE_SIZE * MAX_ARG_PAGES);
        if (!length)
            return -EFAULT;
        *string += length;
    }
    return put_user(0UL, (*sp)++);
}

static int create_elf_tables(struct linux_binprm *bprm, struct elf_image *image)
{
    struct mm_struct *mm = current->mm;
    char name[] = "i686";
    u8 random[16];
    unsigned long p = bprm->p - sizeof(name), platform = p;
    name[1] = '0' + (boot_cpu_data.x86 > 6 ? 6 : boot_cpu_data.x86);
    p -= sizeof(random);
    get_random_bytes(random, sizeof(random));
    memset(mm->saved_auxv, 0, sizeof(mm->saved_auxv));
    fill_auxv(mm->saved_auxv, bprm, image, platform, p);
    unsigned int auxv_words = auxv_length(mm->saved_auxv);
    unsigned long words = 1 + bprm->argc + 1 + bprm->envc + 1 + auxv_words;
    unsigned long sp = (p - words * sizeof(long)) & ~15UL;

    if (copy_to_user((void __user *)platform, name, sizeof(name)) ||
        copy_to_user((void __user *)p, random, sizeof(random)))
        return -EFAULT;
    unsigned long __user *at = (unsigned long __user *)sp;
    unsigned long string = bprm->p;
    if (put_user((unsigned long)bprm->argc, at++) || put_pointers(&at, bprm->argc, &string))
        return -EFAULT;
    mm->arg_end = mm->env_start = string;
    if (put_pointers(&at, bprm->envc, &string))
        return -EFAULT;
    mm->env_end = string;
    if (copy_to_user(at, mm->saved_auxv, auxv_words * sizeof(long)))
        return -EFAULT;
    mm->start_stack = bprm->p = sp;
    return 0;
}

static int load_elf_binary(struct linux_binprm *bprm, struct pt_regs *regs)
{
    struct elf_image image = { .ehdr = (Elf32_Ehdr *)bprm->buf, .executable_stack = 1 };
    long error = check_header(image.ehdr);
    if (!error)
        error = read_program_headers(bprm, &image);
    if (!error)
        error = flush_old_exec(bprm);
    if (error)
        goto out;
    // ---- the old program is gone: from here on a failure can only kill
    set_fs(USER_DS);
    set_binfmt(&elf_format);
    current->mm->free_area_cache = TASK_UNMAPPED_BASE;
    current->mm->exe_file = bprm->file;
    get_file(bprm->file);
    deny_write_access(bprm->file); // as long as it runs: ETXTBSY
    error = setup_arg_pages(bprm, STACK_TOP, image.executable_stack);
    if (!error)
        error = map_program(bprm, &image);
    if (!error) {
        compute_creds(bprm);
        error = create_elf_tables(bprm, &image);
    }
    if (error) {
        printk(KERN_NOTICE "execve: %s: error %ld after the old program was gone\n", bprm->filename, -error);
        force_sig(SIGKILL, current);
        goto out;
    }
    regs->ebx = regs->ecx = regs->edx = regs->esi = regs->edi = regs->ebp = regs->eax = 0;
    start_thread(regs, image.ehdr->e_entry, bprm->p);
out:
    kfree(image.phdr);
    return error;
}

static struct linux_binfmt elf_format = { .module = &binfmt_elf_module, .load_binary = load_elf_binary };
static int __init init_elf_binfmt(void)
{
    register_linked_module(&binfmt_elf_module);
    return register_binfmt(&elf_format);
}
core_initcall(init_elf_binfmt);
