// SPDX-License-Identifier: MIT
// The registers that came with the Pentium III.
// Source: [SDM1] "Programming with Intel Streaming SIMD Extensions (Intel SSE)", "MXCSR Control and Status Register".
#pragma once

#include "base/types.hpp"

#include <array>

namespace trapgate::cpu {

/// Four singles, the lowest first.
using Xmm = std::array<u32, 4>;

struct SseState {
    std::array<Xmm, 8> xmm{};
    u32 mxcsr = 0x1f80;
};

} // namespace trapgate::cpu
