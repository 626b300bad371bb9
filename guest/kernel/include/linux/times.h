// SPDX-License-Identifier: MIT
// times(2).
#pragma once

#include <linux/types.h>
struct tms {
    clock_t tms_utime, tms_stime, tms_cutime, tms_cstime;
};
