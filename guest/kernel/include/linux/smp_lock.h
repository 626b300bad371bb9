// SPDX-License-Identifier: MIT
// The big kernel lock: on one processor without preemption it is nothing.
#pragma once

#include <linux/spinlock.h>
