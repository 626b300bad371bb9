// SPDX-License-Identifier: MIT
// `trapgate explain --compare A,B`: transfers side by side, every figure counted in a run of its own.
#pragma once

#include "frontend/explain/event.hpp"

#include <string>
#include <vector>

namespace trapgate::frontend {

/// What was counted of one transfer, its way back, and of what the kernel did in between. Texts are what the table shows.
struct Comparison {
    std::string title;
    std::string where; ///< the program or kernel, and the instruction's number
    u32 micro_steps = 0;
    std::vector<u8> reads; ///< sizes of the processor's own accesses, in order
    std::vector<u8> writes;
    u32 checks = 0; ///< steps that could have raised something
    std::string stack;
    std::string saved;
    std::string flags;                     ///< IF before and after
    std::optional<u32> entry_instructions; ///< of the kernel, until its frame is complete
    std::optional<u32> software_words;     ///< of the frame, written by those
    std::string back;                      ///< how it returns; empty: not seen
    u32 back_steps = 0;
    std::vector<u8> back_reads;
    u64 between = 0; ///< instructions between the transfer and its way back
};

/// Counts what happened at `record`; the machine must stand just before it.
Comparison count(EventRun& run, const machine::InstructionRecord& record, std::string title);

/// The table, a column for each.
std::string comparison_table(const std::vector<Comparison>& columns, const Style& style);

} // namespace trapgate::frontend
