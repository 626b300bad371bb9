// SPDX-License-Identifier: MIT
// What the processor is told by its tables at one moment: control registers, GDT, IDT, TSS, what the page tables map, and the tasks
// of our kernel. As JSON (schema "trapgate.machine/1"; docs/views.md describes it) and, made of that, as text.
#pragma once

#include "frontend/debuggee.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace trapgate::frontend {

/// Of the moment at which `debuggee` stands. Addresses and register values are strings of hexadecimal digits; tables hold only
/// entries that are not null.
nlohmann::ordered_json machine_tables(Debuggee& debuggee);

/// The same for people.
std::string machine_tables_text(const nlohmann::ordered_json& tables);

} // namespace trapgate::frontend
