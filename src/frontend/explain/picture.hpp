// SPDX-License-Identifier: MIT
// A recorded system call as text: the micro-steps, the first instructions in the kernel, the kernel stack with its names.
// At most 120 columns. docs/views.md has a sample.
#pragma once

#include "frontend/explain/recording.hpp"
#include "frontend/style.hpp"

#include <string>

namespace trapgate::frontend {

struct PictureContext {
    const kernel::GuestKernel& kernel;
    const kernel::Symbols& program; ///< PROG's own symbols
    const cpu::Cpu& cpu;            ///< for the bytes of instructions
    Style style;
    bool raw; ///< addresses as numbers only
};

/// The steps of one transfer, with what they read, wrote and changed.
std::string transfer_picture(const SwitchRecording&, const RecordedTransfer&, const PictureContext&);
/// The instructions from the entry until the frame is complete.
std::string entry_picture(const SwitchRecording&, const PictureContext&);
/// The kernel stack of the task when the frame was complete.
std::string stack_picture(const SwitchRecording&, const PictureContext&);
/// What the call did after that, and how it went back.
std::string outcome_picture(const SwitchRecording&, const PictureContext&);

} // namespace trapgate::frontend
