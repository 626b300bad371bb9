// SPDX-License-Identifier: MIT
// The functions that have not returned yet, from the stack.
#pragma once

#include "frontend/debug/context.hpp"

#include <vector>

namespace trapgate::frontend::debug {

struct CallFrame {
    u32 eip = 0;
    u32 esp = 0; ///< in that function, when the one before it has returned
    u32 ebp = 0;
    u8 cpl = 0;
    std::string_view found_by{}; ///< "", "CFI", "EBP", "pt_regs": how we came here from the frame before
};

/// At most `most`, the innermost first. From ring 0 it goes on into the program by the saved registers.
std::vector<CallFrame> call_frames(Context& context, std::size_t most);

} // namespace trapgate::frontend::debug
