// SPDX-License-Identifier: MIT
// A picture drawn by hand, for the tests of the back ends: the micro-steps of int 0x80 beside a stack, at step `now` of 13..17.
#pragma once

#include "frontend/paint/grid.hpp"

namespace trapgate::test {

paint::Grid scene(int columns, int rows, int now);

} // namespace trapgate::test
