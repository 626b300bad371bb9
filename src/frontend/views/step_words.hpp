// SPDX-License-Identifier: MIT
// What a micro-step does, with this time's numbers: the row in the list, and the sentence below the picture.
// Source: step_words.def, which has the words.
#pragma once

#include "frontend/views/moment.hpp"

#include <map>

namespace trapgate::frontend::views {

/// This time's values of one step, by the names that step_words.def uses.
using Values = std::map<std::string, std::string, std::less<>>;
Values values_of(const Moment& moment, const StepHere& here);

std::string row_text(const Moment& moment, const StepHere& here);
std::string sentence(const Moment& moment, const StepHere& here);
/// What a failure of this step raises: "#GP(402)", "#GP(0), #GP(0060)".
std::string raises_text(const Moment& moment, const StepHere& here);

/// `pattern` with the words in braces replaced; one without a value stays "?".
std::string filled(std::string_view pattern, const Values& values);

/// A descriptor that a step has read from a table, if it did; its linear address with it.
struct ReadDescriptor {
    u32 address = 0;
    cpu::Descriptor descriptor{};
};
std::optional<ReadDescriptor> descriptor_read_by(const cpu::protect::RecordedTransfer& transfer,
                                                 std::initializer_list<cpu::isa::MicroStep> steps);

} // namespace trapgate::frontend::views
