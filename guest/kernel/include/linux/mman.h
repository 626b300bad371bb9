// SPDX-License-Identifier: MIT
// See asm/mman.h.
#pragma once

#include <asm/mman.h>
