// SPDX-License-Identifier: MIT
// Guest exceptions as they travel from where they are raised (always a slow path) to where they are delivered.
// Source: [SDM3] "Exception and Interrupt Handling", table "Protected-Mode Exceptions and Interrupts".
#pragma once

#include "base/types.hpp"

namespace trapgate::cpu {

enum class Vector : u8 {
    DE = 0,
    DB = 1,
    NMI = 2,
    BP = 3,
    OF = 4,
    BR = 5,
    UD = 6,
    NM = 7,
    DF = 8,
    TS = 10,
    NP = 11,
    SS = 12,
    GP = 13,
    PF = 14,
    MF = 16,
    AC = 17,
    MC = 18,
    XM = 19,
};

/// True for the exceptions that push an error code.
constexpr bool pushes_error_code(Vector vector) {
    switch (vector) {
    case Vector::DF:
    case Vector::TS:
    case Vector::NP:
    case Vector::SS:
    case Vector::GP:
    case Vector::PF:
    case Vector::AC: return true;
    default: return false;
    }
}

/// Thrown by slow paths. The instruction is restarted: EIP of the faulting instruction is what the handler sees,
/// unless `committed`: then the processor state has moved on (a task switch past its point of no return) and EIP stays.
struct Fault {
    Vector vector;
    u32 error_code = 0;
    u32 cr2 = 0; ///< for PF: the linear address
    bool committed = false;
    bool unfinished = false; ///< a trap between two elements of a REP: RF is pushed as 1
};

[[noreturn]] void raise(Vector vector, u32 error_code = 0);
[[noreturn]] void raise_page_fault(u32 linear, u32 error_code);

/// Something the processor of this issue does not have (real mode, …). Stops the machine loudly; never delivered to the guest.
struct Unimplemented {
    const char* what;
};

/// Thrown before a store that would change the rest of the running block: the instruction is run again alone.
struct CodeChange {};

} // namespace trapgate::cpu
