# SPDX-License-Identifier: MIT
# Turns `nm -n vmlinux.1` into the table that lib/kallsyms.c searches: count, (address, name) pairs by address, names.
# Only functions are in it, so that the table, which lies behind the text, does not move what it names.
$2 ~ /^[tTwW]$/ && $3 !~ /^\.L/ { address[n] = $1; name[n] = $3; n++ }
END {
    print ".section .kallsyms,\"a\"\n.balign 4\n.globl kallsyms\nkallsyms: .long " n
    for (i = 0; i < n; i++)
        print ".long 0x" address[i] ", 8" i "f"
    for (i = 0; i < n; i++)
        print "8" i ": .asciz \"" name[i] "\""
}
