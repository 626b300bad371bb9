# SPDX-License-Identifier: MIT
# Counts the routines of `make syscalls-report` (row D07). Input: what nm says of the kernel, then the names in the 289
# slots of sys_call_table, one a line. Names of one address are one routine; sys_ni_syscall and its aliases are none.
NF == 3 { at[$3] = $1 }
NF == 1 { slot[at[$1]] }
END {
    delete slot[at["sys_ni_syscall"]]
    for (address in slot)
        count++
    print "distinct routines: " count
}
