// SPDX-License-Identifier: MIT
// The shapes of all rows of the instruction table, each with the reason if it cannot be tested against the host.
// Source: src/cpu/isa/instructions.def.
#pragma once

#include "shape.hpp"

#include <vector>

namespace trapgate::silicon {

/// In the table's order: the index is the row's number (cpu::isa::row).
std::vector<Shape> table_shapes();

/// Encodings that no row has, as far as it is safe to run them on a newer host.
std::vector<Shape> undefined_shapes();

} // namespace trapgate::silicon
