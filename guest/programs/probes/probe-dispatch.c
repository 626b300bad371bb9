// SPDX-License-Identifier: MIT
// The number in eax.
// Rows: D01 it alone names the call; D02 and D04 a number past the table gives -ENOSYS; D03 the comparison is
// unsigned; D06 the boundary; D08 a free slot.
//
// probe-dispatch [ENTRIES]: the size of the table, 289 if not given. For a debugger: numbered_trap is the one
// `int $0x80` through which all of these go, last_entry_trap and past_end_trap those of the two numbers at the
// boundary.

#include "probe.h"

long numbered_call(long number);
long call_last_entry(long number);
long call_past_end(long number);
__asm__("    .text\n"
        "    .globl numbered_call, numbered_trap, call_last_entry, last_entry_trap, call_past_end, past_end_trap\n"
        "numbered_call:\n"
        "    movl 4(%esp), %eax\n"
        "numbered_trap:\n"
        "    int $0x80\n"
        "    ret\n"
        "call_last_entry:\n"
        "    movl 4(%esp), %eax\n"
        "last_entry_trap:\n"
        "    int $0x80\n"
        "    ret\n"
        "call_past_end:\n"
        "    movl 4(%esp), %eax\n"
        "past_end_trap:\n"
        "    int $0x80\n"
        "    ret\n");

static void check_missing(unsigned long number)
{
    long result = numbered_call(number);
    check(result == -ENOSYS, "eax = 0x%08lx: %ld", number, result);
}

int main(int argc, char **argv)
{
    // An x86-64 kernel's i386 table is longer; nothing is known of its last entry.
    long entries = argc > 1 ? atol(argv[1]) : native() ? 5000 : 289;

    check(numbered_call(20) == getpid(), "eax = 20 is getpid");
    check(numbered_call(64) == getppid() && getppid() != getpid(), "eax = 64, same instruction, is getppid");

    check_missing(0xFFFFFFFF);
    check_missing(0x80000000);
    check_missing(0x7FFFFFFF);
    check_missing(0x40000000 + 20); // times 4 it would be 80 again: the comparison comes before the product
    check_missing(17);              // a slot inside the table that was never used
    check_missing(223);

    errno = 0;
    long wrapped = syscall(0x80000000);
    check(wrapped == -1 && errno == 38, "through syscall(): %ld, errno %d", wrapped, errno);
    check(strcmp(strerror(errno), "Function not implemented") == 0, "errno %d is \"%s\"", errno, strerror(errno));

    long last = call_last_entry(entries - 1);
    dprintf(1, "     entry %ld, the last one: %ld\n", entries - 1, last);
    long past = call_past_end(entries);
    check(past == -ENOSYS, "entry %ld, just past the end: %ld", entries, past);
    return finish();
}
