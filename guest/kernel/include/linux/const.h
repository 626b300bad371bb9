// SPDX-License-Identifier: MIT
// Numbers shared by C and assembly.
#pragma once

#ifdef __ASSEMBLY__
#define _AC(x, suffix) x
#else
#define __AC(x, suffix) (x##suffix)
#define _AC(x, suffix) __AC(x, suffix)
#endif
