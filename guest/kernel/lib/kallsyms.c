// SPDX-License-Identifier: MIT
// Names of functions for backtraces: the table that the Makefile makes out of the first link.
#include <linux/kallsyms.h>
#include <linux/kernel.h>

struct symbol {
    unsigned long address;
    const char *name;
};
extern struct {
    unsigned long count;
    struct symbol symbol[];
} kallsyms;
extern char _text[], _etext[];

int kernel_text_address(unsigned long address)
{
    return address >= (unsigned long)_text && address < (unsigned long)_etext;
}

const char *kallsyms_lookup(unsigned long address, unsigned long *offset)
{
    unsigned long low = 0, high = kallsyms.count;
    if (!kernel_text_address(address) || !high || address < kallsyms.symbol[0].address)
        return NULL;
    while (high - low > 1) {
        unsigned long middle = (low + high) / 2;
        if (kallsyms.symbol[middle].address <= address)
            low = middle;
        else
            high = middle;
    }
    *offset = address - kallsyms.symbol[low].address;
    return kallsyms.symbol[low].name;
}

void print_symbol(const char *prefix, unsigned long address)
{
    unsigned long offset;
    const char *name = kallsyms_lookup(address, &offset);
    if (name)
        printk(KERN_EMERG "%s[<%08lx>] %s+0x%lx\n", prefix, address, name, offset);
    else
        printk(KERN_EMERG "%s[<%08lx>]\n", prefix, address);
}
