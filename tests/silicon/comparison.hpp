// SPDX-License-Identifier: MIT
// Many questions to both processors, and the account of it.
// Source: our own; what counts as a difference is in judgement.hpp.
#pragma once

#include "emulated_processor.hpp"
#include "judgement.hpp"
#include "native_processor.hpp"

#include <functional>
#include <map>

namespace trapgate::silicon {

struct Account {
    uint64_t cases = 0, differences = 0, undefined = 0, newer = 0;
    std::map<std::string, uint64_t> differences_by_row;
    std::map<uint32_t, uint64_t> cases_by_trap;
    double native_seconds = 0, emulated_seconds = 0;
};

/// Called for a difference: its case number, question and both answers.
using OnDifference = std::function<void(uint64_t, const Question&, const Outcome& native, const Outcome& ours)>;

/// Runs cases 0 to `count - 1` of the series on both.
Account compare_many(const Series&, NativeProcessor&, EmulatedProcessor&, uint64_t count, const OnDifference&);

} // namespace trapgate::silicon
