// SPDX-License-Identifier: MIT
// Takes out of a test what has no bearing on its answer.
// Source: our own; silicon itself is asked what matters.
#pragma once

#include "native_processor.hpp"

namespace trapgate::silicon {

/// The case in which nothing is special: tests are written down as differences from it.
Case plain_case();

/// Puts every register, segment register and poke that does not change the answer to its plain value; `outcome` follows.
void minimise(Case& test, Outcome& outcome, NativeProcessor&);

} // namespace trapgate::silicon
