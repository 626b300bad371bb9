// SPDX-License-Identifier: MIT
// The notes of a core file: registers, FPU and times of each thread, and who the process was. Each other thread waits in exit_mm, with
// what it will never go back to still at the top of its kernel stack. [linux-2.6.11] fs/binfmt_elf.c: fill_prstatus, fill_psinfo,
// elf_dump_thread_status; order and contents: binfmt_elf_core.c.
#include <linux/capability.h>
#include <linux/elf.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/i387.h>
#include <asm/uaccess.h>
#include "elf_core.h"

static void fill_prstatus(struct elf_prstatus *prstatus, struct task_struct *p, long signr)
{
    struct signal_struct *sig = p->signal;
    unsigned long utime = p->utime, stime = p->stime;
    prstatus->pr_info.si_signo = prstatus->pr_cursig = signr;
    prstatus->pr_sigpend = p->pending.signal.sig[0];
    prstatus->pr_sighold = p->blocked.sig[0];
    prstatus->pr_pid = p->pid;
    prstatus->pr_ppid = p->parent->pid;
    prstatus->pr_pgrp = process_group(p);
    prstatus->pr_sid = sig->session;
    if (thread_group_leader(p)) { // the times of threads that have gone are the process'
        utime += sig->utime;
        stime += sig->stime;
    }
    jiffies_to_timeval(utime, &prstatus->pr_utime);
    jiffies_to_timeval(stime, &prstatus->pr_stime);
    jiffies_to_timeval(sig->cutime, &prstatus->pr_cutime);
    jiffies_to_timeval(sig->cstime, &prstatus->pr_cstime);
    dump_task_regs(p, &prstatus->pr_reg);
}

/// The first 79 bytes of the arguments; the zeros between them become blanks. What cannot be read is left out.
static void fill_arguments(char *psargs, struct mm_struct *mm)
{
    unsigned long length = min(mm->arg_end - mm->arg_start, 79UL);
    if (copy_from_user(psargs, (const char __user *)mm->arg_start, length))
        length = 0;
    for (unsigned long i = 0; i < length; i++)
        if (!psargs[i])
            psargs[i] = ' ';
    psargs[length] = 0;
}

static void fill_psinfo(struct elf_prpsinfo *psinfo, struct task_struct *p)
{
    static const char letters[] = "RSDTtZX";
    int i = p->state ? ffs(p->state) : 0;
    fill_arguments(psinfo->pr_psargs, p->mm);
    psinfo->pr_state = i;
    psinfo->pr_sname = i < (int)sizeof(letters) - 1 ? letters[i] : '.';
    psinfo->pr_zomb = psinfo->pr_sname == 'Z';
    psinfo->pr_nice = task_nice(p);
    psinfo->pr_flag = p->flags;
    psinfo->pr_uid = p->uid > 0xffff ? 65534 : p->uid;
    psinfo->pr_gid = p->gid > 0xffff ? 65534 : p->gid;
    psinfo->pr_pid = p->pid;
    psinfo->pr_ppid = p->parent->pid;
    psinfo->pr_pgrp = process_group(p);
    psinfo->pr_sid = p->signal->session;
    strlcpy(psinfo->pr_fname, p->comm, sizeof(psinfo->pr_fname));
}

static void add_note(struct elf_core *core, struct elf_thread *t, const char *name, u32 type, const void *data, u32 size)
{
    t->note[t->notes++] = (struct memelfnote){ name, type, size, data };
    core->note_bytes += sizeof(Elf32_Nhdr) + ALIGN(strlen(name) + 1, 4) + ALIGN(size, 4);
}

/// saved_auxv up to AT_NULL, and with it.
static u32 auxv_bytes(const unsigned long *auxv)
{
    u32 words = 0;
    while (auxv[words] != AT_NULL)
        words += 2;
    return (words + 2) * sizeof(*auxv);
}

static struct elf_thread *elf_dump_thread_status(struct elf_core *core, struct task_struct *p, long signr)
{
    struct elf_thread *t = kzalloc(sizeof(*t), GFP_ATOMIC);
    if (!t)
        return NULL;
    fill_prstatus(&t->prstatus, p, signr);
    add_note(core, t, "CORE", NT_PRSTATUS, &t->prstatus, sizeof(t->prstatus));
    if (p == current) {
        fill_psinfo(&core->psinfo, p);
        add_note(core, t, "CORE", NT_PRPSINFO, &core->psinfo, sizeof(core->psinfo));
        add_note(core, t, "CORE", NT_AUXV, p->mm->saved_auxv, auxv_bytes(p->mm->saved_auxv));
    }
    t->prstatus.pr_fpvalid = dump_task_fpu(p, &t->fpu);
    if (t->prstatus.pr_fpvalid)
        add_note(core, t, "CORE", NT_PRFPREG, &t->fpu, sizeof(t->fpu));
    if (dump_task_extended_fpu(p, &t->xfpu))
        add_note(core, t, "LINUX", NT_PRXFPREG, &t->xfpu, sizeof(t->xfpu));
    return t;
}

int elf_collect_notes(struct elf_core *core, long signr)
{
    struct task_struct *g, *p;
    struct elf_thread **end = &core->threads;
    int complete = 1;
    *end = elf_dump_thread_status(core, current, signr);
    if (!*end)
        return 0;
    read_lock(&tasklist_lock);
    do_each_thread(g, p) {
        if (p->mm != current->mm || p == current || !complete)
            continue;
        end = &(*end)->next;
        *end = elf_dump_thread_status(core, p, signr);
        complete = *end != NULL;
    } while_each_thread(g, p);
    read_unlock(&tasklist_lock);
    return complete;
}

void elf_free_notes(struct elf_core *core)
{
    while (core->threads) {
        struct elf_thread *next = core->threads->next;
        kfree(core->threads);
        core->threads = next;
    }
}
