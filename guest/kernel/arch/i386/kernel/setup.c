// SPDX-License-Identifier: MIT
// What the loader left us: memory size, command line, the initramfs module. Source: [Multiboot 1] "Boot information format".
#include <linux/bootmem.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/io.h>
#include <asm/pgtable.h>

#define MULTIBOOT_BOOTLOADER_MAGIC 0x2BADB002
#define MB_MEMORY 0x1
#define MB_CMDLINE 0x4
#define MB_MODULES 0x8

struct multiboot_info {
    u32 flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods_addr;
};
struct multiboot_module {
    u32 start, end, string, reserved;
};

extern u32 boot_magic, boot_info;
extern char _text[], _end[];
char saved_command_line[1024];
unsigned long initrd_start, initrd_end;
extern struct obs_kernel_param __setup_start[], __setup_end[];

static void __init setup_memory(struct multiboot_info *info)
{
    unsigned long bytes = 0x100000 + (info->flags & MB_MEMORY ? info->mem_upper * 1024 : 0);
    if (!(info->flags & MB_MEMORY))
        panic("the loader does not say how much memory there is");
    if (bytes > MAXMEM || info->mem_upper >= (MAXMEM >> 10)) {
        printk(KERN_WARNING "memory: using %luMB of %uMB (no high memory)\n", MAXMEM >> 20,
               (info->mem_upper >> 10) + 1);
        bytes = MAXMEM;
    }
    max_low_pfn = bytes >> PAGE_SHIFT;
    high_memory = __va(max_low_pfn << PAGE_SHIFT);
    reserve_bootmem(0, __pa(_end)); // the first megabyte is the firmware's; then the kernel
}

static void __init setup_initrd(struct multiboot_info *info)
{
    if (!(info->flags & MB_MODULES) || !info->mods_count)
        return;
    struct multiboot_module *module = __va(info->mods_addr);
    initrd_start = (unsigned long)__va(module->start);
    initrd_end = (unsigned long)__va(module->end);
    if (initrd_end > (unsigned long)high_memory || initrd_end < initrd_start)
        panic("the initramfs (0x%x-0x%x) lies outside memory", module->start, module->end);
    reserve_bootmem(module->start, PAGE_ALIGN(module->end));
}

/// Our copy of the command line, without the image's name that some loaders put first.
static void __init copy_command_line(struct multiboot_info *info)
{
    if (!(info->flags & MB_CMDLINE))
        return;
    const char *line = __va(info->cmdline);
    if (line[0] == '/' || strstr(line, "vmlinux ") == line)
        line += strcspn(line, " ");
    line += strspn(line, " ");
    strlcpy(saved_command_line, line, sizeof(saved_command_line));
}

/// The value of "word=value" on the command line, copied to `to`; 0 if the word is not there. A bare word gives "".
int __init get_option_word(const char *word, char *to, int size)
{
    unsigned long n = strlen(word);
    for (const char *p = saved_command_line; *p;) {
        unsigned long length = strcspn(p, " ");
        if (length >= n && !strncmp(p, word, n) && (length == n || p[n] == '=')) {
            unsigned long skip = length == n ? n : n + 1;
            strlcpy(to, p + skip, min_t(unsigned long, size, length - skip + 1));
            return 1;
        }
        p += length;
        p += strspn(p, " ");
    }
    return 0;
}

/// Every `__setup("word=", fn)` whose word is on the command line.
static void __init parse_early_options(void)
{
    char word[32], value[256];
    for (struct obs_kernel_param *param = __setup_start; param < __setup_end; param++) {
        strlcpy(word, param->str, sizeof(word));
        char *equals = strchr(word, '=');
        if (equals)
            *equals = 0;
        if (get_option_word(word, value, sizeof(value)))
            param->setup_func(value);
    }
}

void __init setup_arch(void)
{
    if (boot_magic != MULTIBOOT_BOOTLOADER_MAGIC)
        panic("not started by a multiboot loader (EAX was 0x%x)", boot_magic);
    struct multiboot_info *info = __va(boot_info);
    identify_cpu(&boot_cpu_data);
    setup_memory(info);
    setup_initrd(info);
    copy_command_line(info);
    parse_early_options();
    paging_init();
}
