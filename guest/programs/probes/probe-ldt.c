// SPDX-License-Identifier: MIT
// modify_ldt: segments of a program's own, copied by fork, gone after execve.
// Source: modify_ldt(2); rows of the checklist do not name it, the loader of segments does (R06, K04: registers come back).

#include "probe.h"

#include <unistd.h>

struct user_desc {
    unsigned entry_number;
    unsigned long base;
    unsigned limit;
    unsigned seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1, seg_not_present : 1, useable : 1;
};
enum { read_it = 0, write_old = 1, read_default = 2, write_new = 0x11 };

static unsigned words[4] = {0x11111111, 0x22222222, 0x33333333, 0x44444444};

static struct user_desc data_segment(unsigned entry)
{
    return (struct user_desc){.entry_number = entry, .base = (unsigned long)words, .limit = sizeof words - 1, .seg_32bit = 1, .useable = 1};
}
static long write_entry(const struct user_desc *desc) { return modify_ldt(write_new, (void *)desc, sizeof *desc); }
static unsigned selector(unsigned entry) { return entry << 3 | 7; }

static unsigned read_by_gs(unsigned entry, unsigned offset)
{
    unsigned value;
    __asm__ volatile("movl %%gs, %%esi\n\t"
                     "movl %1, %%gs\n\t"
                     "movl %%gs:(%2), %0\n\t"
                     "movl %%esi, %%gs"
                     : "=&r"(value) : "r"(selector(entry)), "r"(offset) : "esi", "memory");
    return value;
}

static void beyond_the_limit(void) { read_by_gs(3, sizeof words); }
static void empty_entry(void) { read_by_gs(4, 0); }
static void not_there(void)
{
    struct user_desc desc = data_segment(5);
    desc.seg_not_present = 1;
    write_entry(&desc);
    read_by_gs(5, 0);
}
static void childs_copy(void)
{
    if (read_by_gs(3, 0) != words[0])
        _exit(8);
    struct user_desc none = {.entry_number = 3, .read_exec_only = 1, .seg_not_present = 1};
    if (write_entry(&none))
        _exit(9);
    read_by_gs(3, 0); // gone here …
}

/// After an execve: how many bytes does the table have?
static int look_after_exec(void)
{
    char table[64];
    return modify_ldt(read_it, table, sizeof table) == 0 ? 0 : 1;
}
static void exec_myself(void)
{
    char *const arguments[] = {(char *)"probe-ldt", (char *)"--after-exec", NULL};
    execve("/proc/self/exe", arguments, NULL);
    _exit(127);
}

static void refusals(void)
{
    struct user_desc desc = data_segment(8192);
    check(write_entry(&desc) == -1 && errno == EINVAL, "there is no entry 8192");
    desc = data_segment(1);
    check(modify_ldt(write_new, &desc, 4) == -1 && errno == EINVAL, "half a descriptor is refused");
    check(modify_ldt(write_new, (void *)0xc0100000, sizeof desc) == -1 && errno == EFAULT, "so is one of the kernel's");
    desc.contents = 3;
    check(write_entry(&desc) == -1 && errno == EINVAL, "conforming code must not be present");
    desc.seg_not_present = 1;
    check(write_entry(&desc) == 0, "absent it may be");
    check(modify_ldt(7, &desc, sizeof desc) == -1 && errno == ENOSYS, "there is no function 7");
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return look_after_exec();
    unsigned char table[64];
    check(modify_ldt(read_it, table, sizeof table) == 0, "a new program has no LDT");
    refusals();
    struct user_desc desc = data_segment(3);
    check(write_entry(&desc) == 0, "entry 3 is written");
    check(read_by_gs(3, 4) == 0x22222222, "gs:4 is %x", read_by_gs(3, 4));
    memset(table, 0xff, sizeof table);
    check(modify_ldt(read_it, table, sizeof table) == sizeof table && (table[3 * 8 + 5] & 0xf2) == 0xf2,
          "it reads back with access byte %x", table[3 * 8 + 5] & 0xff);
    int status = in_child(beyond_the_limit);
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "beyond its limit: status %x", status);
    status = in_child(empty_entry);
    check(WIFSIGNALED(status), "an empty entry: status %x", status);
    status = in_child(not_there);
    check(WIFSIGNALED(status), "one that is not present: status %x", status);
    status = in_child(childs_copy);
    check(WIFSIGNALED(status), "the child may clear its copy: status %x", status);
    check(read_by_gs(3, 8) == 0x33333333, "and the parent still has the segment");
    check(in_child(exec_myself) == 0, "execve begins without");
    desc = data_segment(8191);
    check(write_entry(&desc) == 0 && read_by_gs(8191, 12) == 0x44444444, "the last entry can be used");
    return finish();
}
