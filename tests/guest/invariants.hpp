// SPDX-License-Identifier: MIT
// What must hold in the guest's kernel at any moment between two instructions of user code, read from its memory by DWARF: the run
// queue, the free pages, the address spaces with their page tables, the slabs. The ledger (ledger.hpp) looks at the numbers of
// processes. Source: guest/kernel/kernel/sched.c, mm/page_alloc.c, mm/memory.c, mm/slab.c.
#pragma once

#include "guest/guest.hpp"

#include <string>
#include <vector>

namespace trapgate::tests {

/// One line for each thing that contradicts itself; empty if all is well.
std::vector<std::string> broken_invariants(const Guest& guest);

} // namespace trapgate::tests
