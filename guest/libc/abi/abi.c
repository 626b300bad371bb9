// SPDX-License-Identifier: MIT
// Does <asm/unistd.h> still say what compiled programs rely on? If not, the library does not compile.  [D17]

#include <asm/unistd.h>

#define ABI(number, name) _Static_assert(__NR_##name == (number), "system call " #name " must keep its number");
#include "i386.def"
#undef ABI
