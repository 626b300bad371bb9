// SPDX-License-Identifier: MIT
// From a decoded instruction to its handler: the binder column of instructions.def.
#pragma once

#include "cpu/isa/decoder.hpp"

namespace trapgate::cpu::engine {

/// Chooses the handler for an instruction decoded under `mode` (mode:: bits). Looks at shape::flags_dead.
isa::Handler bind(const isa::Decoded&, u8 mode);

/// A handler that does a compare-like instruction and the conditional jump after it, or null if there is none for the pair.
isa::Handler bind_fused(const isa::Decoded& first, const isa::Decoded& jump, u8 mode);

/// The handler that goes on behind a block without a branch.
isa::Handler continue_binder();
/// The handler that raises #UD.
isa::Handler undefined_binder();

} // namespace trapgate::cpu::engine
