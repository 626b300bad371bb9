// SPDX-License-Identifier: MIT
// uname(2).
#pragma once

struct oldold_utsname { char sysname[9], nodename[9], release[9], version[9], machine[9]; };
struct old_utsname { char sysname[65], nodename[65], release[65], version[65], machine[65]; };
struct new_utsname { char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65]; };
extern struct new_utsname system_utsname;
