// SPDX-License-Identifier: MIT
// The description of our processor that gdb asks for (target.xml), made from the table of registers.
// Source: [gdb] "Target Description Format".
#pragma once

#include <string>

namespace trapgate::frontend::gdb {

std::string target_xml(bool has_sse);

} // namespace trapgate::frontend::gdb
