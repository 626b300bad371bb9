// SPDX-License-Identifier: MIT
// `--timing=none`: one instruction is one clock, so the clock is the instruction count and nothing has to be done.
#pragma once

#include "base/types.hpp"

namespace trapgate::cpu::timing {

struct Unit {
    static constexpr bool counts_clocks = false;
};

} // namespace trapgate::cpu::timing
