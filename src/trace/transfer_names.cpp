// SPDX-License-Identifier: MIT
#include "trace/transfer_names.hpp"

namespace trapgate::trace {

std::string_view transfer_name(TransferKind kind) {
    switch (kind) {
    case TransferKind::Interrupt: return "interrupt";
    case TransferKind::InterruptReturn: return "iret";
    case TransferKind::FarCall: return "far call";
    case TransferKind::FarJump: return "far jump";
    case TransferKind::FarReturn: return "far return";
    case TransferKind::Sysenter: return "sysenter";
    case TransferKind::Sysexit: return "sysexit";
    case TransferKind::TaskSwitch: return "task switch";
    }
    return "transfer";
}

} // namespace trapgate::trace
