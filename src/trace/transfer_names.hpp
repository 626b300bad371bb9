// SPDX-License-Identifier: MIT
// What the privileged transfers are called wherever they are shown to a person. (Text traces have short words of their own.)
#pragma once

#include "trace/event.hpp"

#include <string_view>

namespace trapgate::trace {

/// "iret", "far call", "task switch"; "interrupt" for INT n, exceptions and external interrupts, which have a vector to tell besides.
std::string_view transfer_name(TransferKind kind);

} // namespace trapgate::trace
