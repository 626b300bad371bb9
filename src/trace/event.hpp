// SPDX-License-Identifier: MIT
// The closed set of things that can be watched, as plain data. Whoever watches implements `Observer`.
// Addresses of code are given as CS base + EIP (linear) and EIP.
#pragma once

#include "base/types.hpp"

#include <string_view>

namespace trapgate::cpu::protect {
struct Transfer; // only handed on here
}

namespace trapgate::trace {

/// One instruction has been completed (or one bite of a REP instruction).
struct Retired {
    u64 instruction; ///< number of this instruction since reset, counted from 0
    u32 eip;         ///< where it stood
    LinearAddress linear;
    u16 row; ///< its row in cpu/isa/instructions.def
    u8 length;
    u8 cpl; ///< privilege level at its start
};

/// One memory access of the processor, as it goes to the bus.
struct Access {
    LinearAddress linear;
    PhysicalAddress physical;
    u64 value; ///< what was read or written, zero-extended
    Intent intent;
    u8 size;         ///< 1, 2, 4, 8
    bool supervisor; ///< made with supervisor rights, whatever CPL says (descriptor tables, TSS)
};

/// The transfers of control that consist of micro-steps.
enum class TransferKind : u8 {
    Interrupt, ///< INT n, INT3, INTO, exceptions, external interrupts
    InterruptReturn,
    FarCall,
    FarJump,
    FarReturn,
    Sysenter,
    Sysexit,
    TaskSwitch,
};

/// A micro-step of a privileged transfer is about to run, or has run. `step` is a cpu::isa::MicroStep.
struct MicroStep {
    TransferKind transfer;
    u8 step;     ///< id; its name and texts are in cpu/isa/micro_steps.def
    u16 number;  ///< position in this transfer; 0 is fetching and decoding the instruction, or noticing the event
    bool before; ///< true: about to run; false: done
    const cpu::protect::Transfer* values =
        nullptr; ///< the working values; cpu/protect/describe.hpp puts them into words
};

/// A transfer begins or has ended (or has been given up because a check raised a fault).
struct Transfer {
    enum class Phase : u8 { Begin, Done, Faulted };
    TransferKind kind;
    Phase phase;
    u8 vector; ///< for Interrupt
};

struct RingChange {
    u8 from;
    u8 to;
};

/// An exception was raised (before it is delivered).
struct Fault {
    u8 vector;
    bool has_error_code;
    u32 error_code;
    u32 cr2; ///< meaningful for vector 14
};

/// An IN or OUT instruction.
struct PortAccess {
    u16 port;
    u8 size;
    bool write;
    u32 value;
};

/// The processor took an interrupt from the controller.
struct InterruptAcknowledge {
    u8 vector;
};

/// Watches a machine. All functions default to nothing; arguments are valid during the call only.
class Observer {
  public:
    virtual ~Observer() = default;
    virtual void on(const Retired&) {}
    virtual void on(const Access&) {}
    virtual void on(const MicroStep&) {}
    virtual void on(const Transfer&) {}
    virtual void on(const RingChange&) {}
    virtual void on(const Fault&) {}
    virtual void on(const PortAccess&) {}
    virtual void on(const InterruptAcknowledge&) {}
};

} // namespace trapgate::trace
