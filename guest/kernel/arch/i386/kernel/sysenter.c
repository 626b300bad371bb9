// SPDX-License-Identifier: MIT
// sysenter: three MSRs say where it goes ([linux-2.6.11]), and the page at 0xffffe000 holds the code that uses it.
// A CPU without sysenter gets `int $0x80; ret` in the same place. `nosysenter` on the command line: no AT_SYSINFO, so
// that programs use int $0x80 themselves.
#include <linux/bootmem.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/msr.h>
#include <asm/pgtable.h>
#include <asm/traps.h>

extern const char vsyscall_start[], vsyscall_end[];
/// 1: by sysenter, 0: the page uses int $0x80, -1: programs are not told of the page.
int sysenter_usable;
int sysenter_enabled;

static void enable_sep_cpu(void)
{
    sysenter_enabled = 1;
    init_tss.ss1 = __KERNEL_CS;
    init_tss.esp1 = (unsigned long)&init_tss + sizeof(init_tss);
    wrmsr(MSR_IA32_SYSENTER_CS, __KERNEL_CS, 0);
    wrmsr(MSR_IA32_SYSENTER_ESP, init_tss.esp1, 0);
    wrmsr(MSR_IA32_SYSENTER_EIP, (unsigned long)sysenter_entry, 0);
}

/// The first Pentium Pros report sysenter but lack it.
static int has_working_sep(void)
{
    return cpu_has_sep && !(boot_cpu_data.x86 == 6 && boot_cpu_data.x86_model < 3 && boot_cpu_data.x86_mask < 3);
}

static int __init sysenter_setup(void)
{
    static const char by_int80[] = { 0xcd, 0x80, 0xc3 }; // int $0x80; ret
    char word[8];
    char *page = (char *)get_zeroed_page(GFP_ATOMIC);
    if (!page || vsyscall_end - vsyscall_start > (long)PAGE_SIZE)
        panic("no room for the vsyscall page");
    memcpy(page, vsyscall_start, vsyscall_end - vsyscall_start);
    if (has_working_sep()) {
        enable_sep_cpu();
        sysenter_usable = 1;
    } else {
        memcpy(page + 0x400, by_int80, sizeof(by_int80));
    }
    if (get_option_word("nosysenter", word, sizeof(word)))
        sysenter_usable = -1;
    set_fixmap_page(VSYSCALL_PAGE, __pa(page), PAGE_READONLY);
    return 0;
}
core_initcall(sysenter_setup);
