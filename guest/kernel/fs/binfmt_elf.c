// SPDX-License-Identifier: MIT
// ELF programs (ET_EXEC, ET_DYN; i386), their segments mapped, bss cleared, and the stack that a program starts with:
//
//   0xC0000000  0 | file name | environment strings | argument strings | "i686" | 16 random bytes
//               auxv (AT_NULL last) | 0 | envp[] | 0 | argv[] | argc  <- ESP, a multiple of 16
//
// A program with PT_INTERP gets its dynamic linker mapped beside it (elf_load.c), which is entered in its place. A
// position-independent program lies at 0x80000000. All headers are checked before the old program is given up.
// [linux-2.6.11] fs/binfmt_elf.c.
#include "elf_core.h"
#include "elf_load.h"
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

static void put_auxv(unsigned long **at, unsigned long id, unsigned long value)
{
    *(*at)++ = id;
    *(*at)++ = value;
}

static void fill_auxv(unsigned long *at, struct linux_binprm *bprm, const struct elf_image *image,
                      const struct elf_image *interpreter, unsigned long platform, unsigned long random)
{
    if (sysenter_usable >= 0)
        put_auxv(&at, AT_SYSINFO, KERNEL_VSYSCALL);
    if (sysenter_usable >= 0)
        put_auxv(&at, AT_SYSINFO_EHDR, 0xffffe000);
    put_auxv(&at, AT_HWCAP, boot_cpu_data.x86_capability[0]);
    put_auxv(&at, AT_PAGESZ, PAGE_SIZE);
    put_auxv(&at, AT_CLKTCK, CLOCKS_PER_SEC);
    put_auxv(&at, AT_PHDR, image->headers);
    put_auxv(&at, AT_PHENT, sizeof(Elf32_Phdr));
    put_auxv(&at, AT_PHNUM, image->ehdr.e_phnum);
    put_auxv(&at, AT_BASE, interpreter->file ? interpreter->bias : 0);
    put_auxv(&at, AT_FLAGS, 0);
    put_auxv(&at, AT_ENTRY, image->ehdr.e_entry + image->bias);
    put_auxv(&at, AT_UID, current->uid);
    put_auxv(&at, AT_EUID, current->euid);
    put_auxv(&at, AT_GID, current->gid);
    put_auxv(&at, AT_EGID, current->egid);
    put_auxv(&at, AT_SECURE, bprm->secure);
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

static int create_elf_tables(struct linux_binprm *bprm, const struct elf_image *image,
                             const struct elf_image *interpreter)
{
    struct mm_struct *mm = current->mm;
    char name[] = "i686";
    u8 random[16];
    unsigned long p = bprm->p - sizeof(name), platform = p;
    name[1] = '0' + (boot_cpu_data.x86 > 6 ? 6 : boot_cpu_data.x86);
    p -= sizeof(random);
    get_random_bytes(random, sizeof(random));
    memset(mm->saved_auxv, 0, sizeof(mm->saved_auxv));
    fill_auxv(mm->saved_auxv, bprm, image, interpreter, platform, p);
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

/// Where the program comes: its own addresses, or the place for position-independent ones.
static void choose_bias(struct elf_image *image)
{
    if (image->ehdr.e_type == ET_DYN)
        image->bias = ELF_ET_DYN_BASE - (image->first & PAGE_MASK);
}

/// The new address space is filled. From here on a failure can only kill.
static long map_new_program(struct linux_binprm *bprm, struct elf_image *image, struct elf_image *interpreter)
{
    struct mm_struct *mm = current->mm;
    set_fs(USER_DS);
    mm->free_area_cache = TASK_UNMAPPED_BASE;
    mm->exe_file = bprm->file;
    get_file(bprm->file);
    deny_write_access(bprm->file); // as long as it runs: ETXTBSY
    long error = setup_arg_pages(bprm, STACK_TOP, image->executable_stack);
    if (!error)
        error = elf_map_image(image);
    if (!error) {
        elf_note_layout(mm, image);
        error = interpreter->file ? elf_map_interpreter(interpreter) : 0;
    }
    if (error)
        return error;
    compute_creds(bprm);
    return create_elf_tables(bprm, image, interpreter);
}

static int load_elf_binary(struct linux_binprm *bprm, struct pt_regs *regs)
{
    struct elf_image image = { .file = bprm->file, .executable_stack = 1 }, interpreter = { 0 };
    memcpy(&image.ehdr, bprm->buf, sizeof(image.ehdr));
    long error = elf_check_header(&image.ehdr);
    if (!error)
        error = elf_read_headers(&image);
    if (!error)
        error = elf_open_interpreter(&image, &interpreter);
    if (!error)
        choose_bias(&image);
    if (!error)
        error = flush_old_exec(bprm);
    if (error)
        goto out;
    // ---- the old program is gone
    error = map_new_program(bprm, &image, &interpreter);
    if (error) {
        printk(KERN_NOTICE "execve: %s: error %ld after the old program was gone\n", bprm->filename, -error);
        force_sig(SIGKILL, current);
        goto out;
    }
    set_binfmt(&elf_format);
    regs->ebx = regs->ecx = regs->edx = regs->esi = regs->edi = regs->ebp = regs->eax = 0;
    start_thread(regs, interpreter.file ? interpreter.ehdr.e_entry + interpreter.bias : image.ehdr.e_entry + image.bias,
                 bprm->p);
out:
    elf_close_interpreter(&interpreter);
    kfree(image.phdr);
    return error;
}

static struct linux_binfmt elf_format = { .module = &binfmt_elf_module,
                                         .load_binary = load_elf_binary,
                                         .core_dump = elf_core_dump,
                                         .min_coredump = PAGE_SIZE };
static int __init init_elf_binfmt(void)
{
    register_linked_module(&binfmt_elf_module);
    return register_binfmt(&elf_format);
}
core_initcall(init_elf_binfmt);
