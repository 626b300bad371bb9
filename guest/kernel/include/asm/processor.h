// SPDX-License-Identifier: MIT
// What the processor keeps for a task: the TSS of the CPU and thread_struct of each task. [linux-2.6.11].
#pragma once

#include <asm/page.h>
#include <asm/ptrace.h>
#include <asm/segment.h>

#define TASK_SIZE PAGE_OFFSET
#define TASK_UNMAPPED_BASE 0x40000000UL
#define STACK_TOP TASK_SIZE

#define X86_EFLAGS_CF 0x1
#define X86_EFLAGS_TF 0x100
#define X86_EFLAGS_IF 0x200
#define X86_EFLAGS_IOPL 0x3000
#define X86_EFLAGS_NT 0x4000
#define X86_EFLAGS_RF 0x10000
#define X86_EFLAGS_AC 0x40000
#define X86_EFLAGS_ID 0x200000
#define X86_CR0_TS 0x8
#define X86_CR0_WP 0x10000
#define X86_CR4_PSE 0x10
#define X86_CR4_PGE 0x80
#define X86_CR4_OSFXSR 0x200
#define X86_CR4_OSXMMEXCPT 0x400

#define IO_BITMAP_BITS 65536
#define IO_BITMAP_BYTES (IO_BITMAP_BITS / 8)
#define IO_BITMAP_LONGS (IO_BITMAP_BYTES / sizeof(long))
#define INVALID_IO_BITMAP_OFFSET 0x8000
#define INVALID_IO_BITMAP_OFFSET_LAZY 0x9000

#ifndef __ASSEMBLY__
#include <linux/types.h>
#include <linux/linkage.h>

struct desc_struct {
    unsigned long a, b;
};
#define desc_empty(desc) (!((desc)->a | (desc)->b))

struct cpuinfo_x86 {
    u8 x86, x86_vendor, x86_model, x86_mask;
    char hard_math;
    int cpuid_level;
    unsigned long x86_capability[2];
    char x86_vendor_id[16];
    char x86_model_id[64];
    unsigned long loops_per_jiffy;
    u64 tsc_khz;
};
extern struct cpuinfo_x86 boot_cpu_data;
void identify_cpu(struct cpuinfo_x86 *c);
void cpu_init(void);

#define X86_FEATURE_FPU 0
#define X86_FEATURE_PSE 3
#define X86_FEATURE_TSC 4
#define X86_FEATURE_MSR 5
#define X86_FEATURE_CX8 8
#define X86_FEATURE_SEP 11
#define X86_FEATURE_PGE 13
#define X86_FEATURE_CMOV 15
#define X86_FEATURE_MMX 23
#define X86_FEATURE_FXSR 24
#define X86_FEATURE_XMM 25
#define cpu_has(bit) ((boot_cpu_data.x86_capability[0] >> (bit)) & 1)
#define cpu_has_fpu cpu_has(X86_FEATURE_FPU)
#define cpu_has_pse cpu_has(X86_FEATURE_PSE)
#define cpu_has_tsc cpu_has(X86_FEATURE_TSC)
#define cpu_has_sep cpu_has(X86_FEATURE_SEP)
#define cpu_has_pge cpu_has(X86_FEATURE_PGE)
#define cpu_has_fxsr cpu_has(X86_FEATURE_FXSR)
#define cpu_has_xmm cpu_has(X86_FEATURE_XMM)

static inline void cpuid(u32 op, u32 *eax, u32 *ebx, u32 *ecx, u32 *edx)
{
    __asm__ __volatile__("cpuid" : "=a"(*eax), "=b"(*ebx), "=c"(*ecx), "=d"(*edx) : "0"(op), "2"(0));
}

/// The one TSS. The CPU reads ss0:esp0 on every entry from ring 3; the rest is for sysenter and ioperm.
struct tss_struct {
    unsigned short back_link, __blh;
    unsigned long esp0;
    unsigned short ss0, __ss0h;
    unsigned long esp1;
    unsigned short ss1, __ss1h; ///< ss1 caches MSR_SYSENTER_CS
    unsigned long esp2;
    unsigned short ss2, __ss2h;
    unsigned long __cr3, eip, eflags;
    unsigned long eax, ecx, edx, ebx, esp, ebp, esi, edi;
    unsigned short es, __esh, cs, __csh, ss, __ssh, ds, __dsh, fs, __fsh, gs, __gsh;
    unsigned short ldt, __ldth, trace, io_bitmap_base;
    unsigned long io_bitmap[IO_BITMAP_LONGS + 1]; ///< 8192 bytes and one of ones, as the CPU wants
    unsigned long io_bitmap_max;
    struct thread_struct *io_bitmap_owner;
    unsigned long __cacheline_filler[35];
    unsigned long stack[64]; ///< emergency stack: MSR_SYSENTER_ESP points at its end
} __attribute__((packed));
extern struct tss_struct init_tss;

struct i387_fsave_struct {
    long cwd, swd, twd, fip, fcs, foo, fos;
    long st_space[20];
    long status;
};
struct i387_fxsave_struct {
    unsigned short cwd, swd, twd, fop;
    long fip, fcs, foo, fos, mxcsr, mxcsr_mask;
    long st_space[32], xmm_space[32], padding[56];
} __attribute__((aligned(16)));
union i387_union {
    struct i387_fsave_struct fsave;
    struct i387_fxsave_struct fxsave;
};

typedef struct {
    unsigned long seg;
} mm_segment_t;

struct thread_struct {
    struct desc_struct tls_array[GDT_ENTRY_TLS_ENTRIES];
    unsigned long esp0;     ///< base of the kernel stack: goes into TSS.esp0
    unsigned long sysenter_cs;
    unsigned long eip;      ///< where switch_to continues
    unsigned long esp;      ///< kernel stack pointer while not running
    unsigned long fs, gs;
    unsigned long debugreg[8];
    unsigned long cr2, trap_no, error_code; ///< last fault, for the signal frame
    union i387_union i387;
    // Virtual-8086 mode (vm86.c): the program's struct, what its flags pretend to be, and what to go back to.
    struct vm86_struct __user *vm86_info;
    unsigned long screen_bitmap;
    unsigned long v86flags, v86mask, saved_esp0;
    unsigned int saved_fs, saved_gs;
    unsigned long *io_bitmap_ptr;
    unsigned long io_bitmap_max;
};
#define INIT_THREAD { .sysenter_cs = __KERNEL_CS, }

extern int sysenter_enabled; ///< the MSRs are set (sysenter.c)
void switch_sysenter(struct tss_struct *tss, unsigned long sysenter_cs);
/// The stack of the next entry from ring 3. Inline: __switch_to calls nobody on a stack that has not run yet.
static inline void load_esp0(struct tss_struct *tss, struct thread_struct *thread)
{
    tss->esp0 = thread->esp0;
    if (tss->ss1 != thread->sysenter_cs)
        switch_sysenter(tss, thread->sysenter_cs);
}

#define savesegment(seg, value) __asm__ __volatile__("movl %%" #seg ",%0" : "=r"(value))
/// A selector that no longer loads (its TLS slot is gone) becomes null.
#define loadsegment(seg, value) \
    __asm__ __volatile__("1:\tmovl %0,%%" #seg "\n2:\n" \
                         ".section .fixup,\"ax\"\n3:\tpushl $0\n\tpopl %%" #seg "\n\tjmp 2b\n.previous\n" \
                         ".section __ex_table,\"a\"\n\t.balign 4\n\t.long 1b,3b\n.previous" \
                         : : "r"(value))

struct task_struct;
struct mm_struct;
typedef int (*kernel_thread_fn)(void *);
extern int kernel_thread(int (*fn)(void *), void *arg, unsigned long flags);
unsigned long get_wchan(struct task_struct *p);
unsigned long thread_saved_pc(struct task_struct *tsk);
extern void start_thread(struct pt_regs *regs, unsigned long new_eip, unsigned long new_esp);

#define THREAD_SIZE_LONGS (THREAD_SIZE / sizeof(unsigned long))
/// The 15-word frame at the top of a task's kernel stack.
#define KSTK_TOP(info) ((unsigned long *)(info) + THREAD_SIZE_LONGS)
#define task_pt_regs(task) ((struct pt_regs *)KSTK_TOP((task)->thread_info) - 1)
#define KSTK_EIP(task) (task_pt_regs(task)->eip)
#define KSTK_ESP(task) (task_pt_regs(task)->esp)

static inline void rep_nop(void) { __asm__ __volatile__("rep; nop" : : : "memory"); }
#define cpu_relax() rep_nop()
#define current_text_addr() ({ void *pc; __asm__("movl $1f,%0\n1:" : "=g"(pc)); pc; })
#endif
