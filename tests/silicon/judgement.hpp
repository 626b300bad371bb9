// SPDX-License-Identifier: MIT
// Compares two answers to one question, and tells a person how they differ.
// Source: [SDM2], "Flags Affected" of each instruction, and the notes on undefined results.
#pragma once

#include "generator.hpp"

namespace trapgate::silicon {

/// Flags that [SDM2] leaves undefined after this very test (for shifts it depends on the count; none after a fault).
uint32_t undefined_flags(const Question&, const Outcome& native);

/// False if the result itself is undefined, so that the test says nothing.
bool is_defined(const Question&);

/// True if the host knows an instruction that is newer than the table.
bool is_newer(const Question&, const Outcome& native);

/// True if silicon's answer holds something that no program can rely on and that Trapgate does otherwise.
bool needs_excuse(const Question&, const Outcome& native);

/// True if `ours` equals `native` but for the flags in `undefined`.
bool same_outcome(const Outcome& native, const Outcome& ours, uint32_t undefined);

/// True if control and status word are equal, and the registers that hold something.
bool same_sse(const SseImage&, const SseImage&);
/// The same after RCPPS, RSQRTPS and their scalar forms, whose results are each processor's own within Intel's bound.
bool same_approximate_sse(const SseImage& native, const SseImage& ours);
bool same_fpu(const FpuImage&, const FpuImage&);

/// True if `ours` is what silicon did, as far as it is defined.
bool agree(const Question&, const Outcome& native, const Outcome& ours);

/// Bytes, text, the state before and both after, differing fields marked.
std::string describe(const Question&, const Outcome& native, const Outcome& ours);
std::string describe(const std::string& row, const Case&, const Outcome& native, const Outcome& ours,
                     uint32_t undefined);

} // namespace trapgate::silicon
