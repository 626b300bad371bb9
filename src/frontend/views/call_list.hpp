// SPDX-License-Identifier: MIT
// The system calls before now, found in the list of transfers. Their texts (arguments lie in the guest's memory of that moment) take
// a rerun; they are decoded when asked for and then kept. Quick for long runs: nothing is looked at but the end of the list.
#pragma once

#include "frontend/debuggee.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::views {

struct SystemCall {
    u64 entry = 0;             ///< instruction that entered the kernel
    std::optional<u64> back{}; ///< instruction that went back to ring 3, if that is before now
    u32 number = 0;
    u32 result = 0;           ///< EAX when it went back
    bool by_sysenter = false; ///< else by INT 80h
    bool about_to = false;    ///< its entering instruction is the one that comes next
    u32 esp0 = 0;
    // Once decoded:
    bool decoded = false;
    s32 pid = 0;
    std::string comm{};
    std::string
        text{}; ///< as strace prints it: "write(1, \"hello\\n\", 6) = 6"; without its end while it is in the kernel
};

/// The last `most` calls that were entered before now() or are about to be, oldest first. Not decoded.
std::vector<SystemCall> system_calls(Debuggee& debuggee, std::size_t most);

/// Fills in texts, the newest calls first, as far as that takes no longer than a moment.
void decode(Debuggee& debuggee, std::vector<SystemCall>& calls);

} // namespace trapgate::frontend::views
