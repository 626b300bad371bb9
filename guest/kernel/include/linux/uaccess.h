// SPDX-License-Identifier: MIT
// See asm/uaccess.h.
#pragma once

#include <asm/uaccess.h>
