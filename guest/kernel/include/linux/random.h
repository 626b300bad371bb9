// SPDX-License-Identifier: MIT
// Random numbers, the same in every run.
#pragma once

#include <linux/types.h>
void get_random_bytes(void *buf, int n);
