// SPDX-License-Identifier: MIT
// The exception table: instructions of the kernel that may fault on a user's address, each with the place to go on.
// A fault at any other kernel address is a bug of the kernel.
#include <linux/sched.h>
#include <asm/uaccess.h>

extern const struct exception_table_entry __start___ex_table[], __stop___ex_table[];

const struct exception_table_entry *search_exception_tables(unsigned long address)
{
    for (const struct exception_table_entry *e = __start___ex_table; e < __stop___ex_table; e++)
        if (e->insn == address)
            return e;
    return NULL;
}

int fixup_exception(struct pt_regs *regs)
{
    const struct exception_table_entry *e = search_exception_tables(regs->eip);
    if (e)
        regs->eip = e->fixup;
    return e != NULL;
}
