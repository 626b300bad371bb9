// SPDX-License-Identifier: MIT
// Sizes that users can rely on.
#pragma once

#define NGROUPS_MAX 65536
#define ARG_MAX 131072
#define NAME_MAX 255
#define PATH_MAX 4096
#define PIPE_BUF 4096
