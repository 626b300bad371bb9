// SPDX-License-Identifier: MIT
// Cache lines: P5 has 32 bytes.
#pragma once

#define L1_CACHE_BYTES 32
#define ____cacheline_aligned __attribute__((aligned(L1_CACHE_BYTES)))
#define ____cacheline_aligned_in_smp
