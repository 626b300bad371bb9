// SPDX-License-Identifier: MIT
// The two throwing functions: out of line, so that callers stay small.
#include "cpu/fault.hpp"

namespace trapgate::cpu {

void raise(Vector vector, u32 error_code) {
    throw Fault{vector, error_code};
}

void raise_page_fault(u32 linear, u32 error_code) {
    throw Fault{Vector::PF, error_code, linear};
}

} // namespace trapgate::cpu
