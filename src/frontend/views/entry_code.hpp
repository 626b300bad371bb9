// SPDX-License-Identifier: MIT
// What the kernel's entry code will push, read from the code itself: so that a frame can be shown before it is written.
#pragma once

#include "frontend/views/moment.hpp"

#include <map>

namespace trapgate::frontend::views {

/// Where an interrupt, exception or SYSENTER enters the kernel, by the IDT or the MSR as they are now; 0 if nowhere.
u32 entry_point(const Moment& moment, trace::TransferKind kind, u8 vector);

/// Follows the code from `eip` without running it, with ESP = `esp`: which word each PUSH would write, until ESP would come to
/// `lowest`, or a call, return or something else ends the straight way. By address of the word: address of the instruction.
std::map<u32, u32> pushes_of(const Moment& moment, u32 eip, u32 esp, u32 lowest);

} // namespace trapgate::frontend::views
