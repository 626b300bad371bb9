// SPDX-License-Identifier: MIT
// Exceptions on their way to the handler: CR2, RF, and what becomes of a fault while another is delivered.
// Source: [SDM3] "Exception and Interrupt Reference", tables "Interrupt and Exception Classes" and "Conditions for Generating a
// Double Fault"; [SDM3] "Instruction-Breakpoint Exception Condition" for RF.
#include "cpu/protect/lists.hpp"

namespace trapgate::cpu::protect {

namespace {

enum class Class : u8 { Benign, Contributory, PageFault, DoubleFault };

Class class_of(Vector vector) {
    switch (vector) {
    case Vector::DE:
    case Vector::TS:
    case Vector::NP:
    case Vector::SS:
    case Vector::GP: return Class::Contributory;
    case Vector::PF: return Class::PageFault;
    case Vector::DF: return Class::DoubleFault;
    default: return Class::Benign;
    }
}

/// True if `second`, raised while `first` was delivered, makes it a double fault (or ends a double fault in a shutdown).
bool doubles(Class first, Class second) {
    switch (first) {
    case Class::Benign: return false;
    case Class::Contributory: return second == Class::Contributory;
    case Class::PageFault:
    case Class::DoubleFault: return second == Class::Contributory || second == Class::PageFault;
    }
    return false;
}

/// Faults return to their instruction with RF set, so that its breakpoint does not strike again.
/// A #DB leaves RF as it is: the handler of an instruction breakpoint sets it itself.
bool sets_rf(const Fault& fault) {
    const Vector vector = fault.vector;
    return fault.unfinished || (vector != Vector::DB && vector != Vector::NMI && vector != Vector::BP &&
                                vector != Vector::OF && vector != Vector::DF && vector != Vector::MC);
}

/// Prepares what the handler reads besides the frame, and enters it.
void enter(Cpu& cpu, const Fault& fault) {
    const auto vector = static_cast<u8>(fault.vector);
    const bool has_code = pushes_error_code(fault.vector);
    if (cpu.observer) cpu.observer->on(trace::Fault{vector, has_code, fault.error_code, fault.cr2});
    if (fault.vector == Vector::PF) cpu.cr2 = fault.cr2;
    const std::optional<u32> code = has_code ? std::optional<u32>(fault.error_code) : std::nullopt;
    enter_interrupt(cpu, vector, code, Origin::Exception, sets_rf(fault));
    if (fault.vector == Vector::DB) cpu.dr[7] &= ~(1u << 13); // GD: the handler may use the debug registers
}

} // namespace

Delivery deliver(Cpu& cpu, Fault fault) {
    for (;;) {
        try {
            enter(cpu, fault);
            return Delivery::Delivered;
        } catch (const Fault& second) {
            if (!doubles(class_of(fault.vector), class_of(second.vector))) {
                fault = second;
                continue;
            }
            if (second.vector == Vector::PF) cpu.cr2 = second.cr2;
            if (fault.vector == Vector::DF) return Delivery::TripleFault;
            fault = Fault{Vector::DF, 0, 0, second.committed};
        }
    }
}

Delivery deliver_external(Cpu& cpu, u8 vector) {
    try {
        enter_interrupt(cpu, vector, std::nullopt, Origin::External, false);
        return Delivery::Delivered;
    } catch (const Fault& fault) {
        return deliver(cpu, fault);
    }
}

} // namespace trapgate::cpu::protect
