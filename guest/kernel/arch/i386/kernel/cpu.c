// SPDX-License-Identifier: MIT
// Which processor is this (CPUID), and the registers it needs for our tables: TSS, LDT, CR4.
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <asm/desc.h>
#include <asm/i387.h>
#include <asm/mmu_context.h>
#include <asm/system.h>
#include <asm/uaccess.h>

struct cpuinfo_x86 boot_cpu_data = { .x86 = 3, .cpuid_level = -1, .x86_vendor_id = "unknown" };
struct tss_struct init_tss __aligned(32) = {
    .esp0 = sizeof(init_thread_union) + (unsigned long)&init_thread_union,
    .ss0 = __KERNEL_DS,
    .ss1 = __KERNEL_CS,
    .esp1 = sizeof(init_tss) + (unsigned long)&init_tss,
    .io_bitmap_base = INVALID_IO_BITMAP_OFFSET,
    .io_bitmap = { [0 ... IO_BITMAP_LONGS] = ~0UL },
};
// entry.S finds esp0 from the end of the TSS by this constant.
_Static_assert(sizeof(struct tss_struct) == 8704, "TSS_sysenter_esp0 in entry.S");
_Static_assert(offsetof(struct tss_struct, esp0) == 4, "TSS_sysenter_esp0 in entry.S");
_Static_assert(offsetof(struct tss_struct, io_bitmap) == 0x68, "hardware part of the TSS");
_Static_assert(sizeof(struct pt_regs) == 60 && offsetof(struct pt_regs, orig_eax) == ORIG_EAX, "[linux-2.6.11]");
_Static_assert(offsetof(struct thread_info, flags) == TI_flags &&
                   offsetof(struct thread_info, restart_block) == TI_restart_block &&
                   offsetof(struct thread_info, addr_limit) == TI_addr_limit && sizeof(struct thread_info) == 52,
               "[linux-2.6.11]");

/// Can this bit of EFLAGS be changed? Bit 21 says: there is a CPUID instruction.
static int flag_is_changeable(unsigned long flag)
{
    unsigned long before, after;
    __asm__("pushfl; pushfl; popl %0; movl %0,%1; xorl %2,%0; pushl %0; popfl; pushfl; popl %0; popfl"
            : "=&r"(after), "=&r"(before)
            : "ir"(flag));
    return ((before ^ after) & flag) != 0;
}

static void __init read_model_name(struct cpuinfo_x86 *c)
{
    u32 top, unused, *name = (u32 *)c->x86_model_id;
    cpuid(0x80000000, &top, &unused, &unused, &unused);
    if (top >= 0x80000004 && top < 0x80000100) {
        for (u32 leaf = 0; leaf < 3; leaf++)
            cpuid(0x80000002 + leaf, &name[leaf * 4], &name[leaf * 4 + 1], &name[leaf * 4 + 2], &name[leaf * 4 + 3]);
        c->x86_model_id[48] = 0;
        return;
    }
    snprintf(c->x86_model_id, sizeof(c->x86_model_id), "%s/%d",
             c->x86 == 6   ? (c->x86_model >= 7 ? "Pentium III" : "Pentium II")
             : c->x86 == 5 ? "Pentium"
                           : "80486",
             c->x86_model);
}

/// Without CPUID an FPU is found by asking it: after fninit its status is 0 and its control word has the usual bits.
static int __init has_fpu(void)
{
    unsigned short status = 0x5a5a, control = 0;
    write_cr0(read_cr0() & ~0xeUL); // MP, EM, TS off
    __asm__ __volatile__("fninit; fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
    return !status && (control & 0x103f) == 0x3f;
}

void __init identify_cpu(struct cpuinfo_x86 *c)
{
    u32 level, signature, unused, capabilities;
    if (!flag_is_changeable(X86_EFLAGS_ID)) {
        c->x86 = flag_is_changeable(X86_EFLAGS_AC) ? 4 : 3;
        snprintf(c->x86_model_id, sizeof(c->x86_model_id), "%d86", c->x86);
        wp_works_ok = c->x86 > 3;
        c->hard_math = has_fpu();
        c->x86_capability[0] = c->hard_math ? 1 << X86_FEATURE_FPU : 0;
        return;
    }
    cpuid(0, &level, (u32 *)&c->x86_vendor_id[0], (u32 *)&c->x86_vendor_id[8], (u32 *)&c->x86_vendor_id[4]);
    c->cpuid_level = level;
    cpuid(1, &signature, &unused, &unused, &capabilities);
    c->x86 = (signature >> 8) & 15;
    c->x86_model = (signature >> 4) & 15;
    if (c->x86 == 15)
        c->x86 += (signature >> 20) & 255;
    if (c->x86 >= 6)
        c->x86_model += ((signature >> 16) & 15) << 4;
    c->x86_mask = signature & 15;
    c->x86_capability[0] = capabilities;
    c->hard_math = cpu_has_fpu;
    read_model_name(c);
}

/// The task register and the FPU; the GDT and IDT were loaded by head.S.
void __init cpu_init(void)
{
    struct thread_struct *thread = &init_task.thread;
    atomic_inc(&init_mm.mm_count);
    init_task.active_mm = &init_mm;
    init_tss.esp0 = thread->esp0;
    set_system_desc(GDT_ENTRY_TSS, (unsigned long)&init_tss,
                    offsetof(struct tss_struct, io_bitmap) + IO_BITMAP_BYTES + 4 - 1, 0x89);
    load_TR_desc();
    load_LDT(&init_mm.context);
    fpu_init();
}
