// SPDX-License-Identifier: MIT
// The clock: HZ ticks a second inside, USER_HZ what users see in clock_t.
#pragma once

#define HZ 1000
#define USER_HZ 100
#define CLOCKS_PER_SEC USER_HZ
#define NOGROUP (-1)
#define MAXHOSTNAMELEN 64
