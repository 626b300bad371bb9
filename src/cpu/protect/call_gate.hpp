// SPDX-License-Identifier: MIT
// Call gates, and the frame of a far call.
#pragma once

#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

/// JMP or CALL through the call gate in t.gate.
void transfer_by_call_gate(Transfer&);

/// Proves that CS and EIP can be pushed onto the current stack, and the new EIP's limit.
void check_call_frame(Transfer&);

} // namespace trapgate::cpu::protect
