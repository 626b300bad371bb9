// SPDX-License-Identifier: MIT
// Everything that moves between privilege levels or changes segments. The engine calls in here and nowhere else.
//
// Convention: the caller has put the EIP of the *next* instruction into `cpu.eip`. A function either does the whole transfer
// (CS, EIP, SS, ESP, CPL, flags, mode changed) or throws Fault with the state unchanged; the engine then restarts at the
// faulting instruction. After a fault with `committed` EIP stays as it is.
// Source: [SDM3] "Protection", "Interrupt and Exception Handling", "Task Management"; [SDM2] the pages of the instructions.
#pragma once

#include "cpu/cpu.hpp"

#include <optional>

namespace trapgate::cpu::protect {

enum class OperandSize : u8 { Word = 2, Doubleword = 4 };

/// Why an interrupt is entered: decides the gate-DPL check, the EXT bit, and whose instruction EIP is saved.
enum class Origin : u8 {
    Software,  ///< INT n
    Int3,      ///< CC
    Into,      ///< CE
    Int1,      ///< F1
    Exception, ///< faults, traps and aborts of the processor
    External,  ///< INTR or NMI
};

// --- Segment registers ----------------------------------------------------------------------------

/// MOV Sreg, POP Sreg, LDS and family: checks and loads DS, ES, FS, GS or SS. Sets the descriptor's accessed bit.
/// Raises #GP, #NP, #SS, #PF. Loading CS is not possible here (the decoder raises #UD).
void load_segment(Cpu&, SegmentRegister, u16 selector);

// --- Far transfers by instruction -----------------------------------------------------------------

/// Each handles code segments, call gates (16 and 32 bit, to inner levels with parameter copy), task gates and TSS.
void far_jump(Cpu&, u16 selector, u32 offset, OperandSize);
void far_call(Cpu&, u16 selector, u32 offset, OperandSize);
/// RETF and RETF imm16 (`release` bytes more are taken off both stacks).
void far_return(Cpu&, u16 release, OperandSize);
/// IRET and IRETD in all forms (same level, outer level, nested task).
void interrupt_return(Cpu&, OperandSize);
/// SYSENTER, SYSEXIT.
void sysenter(Cpu&);
void sysexit(Cpu&);

// --- Interrupts and exceptions -------------------------------------------------------------------

/// Pushes the interrupt frame and enters the handler of `vector`. `cpu.eip` is what the frame shall return to.
/// `error_code` is pushed if given. Raises #GP, #NP, #SS, #TS, #PF; state is unchanged if it does.
void enter_interrupt(Cpu&, u8 vector, std::optional<u32> error_code, Origin);

/// What became of a fault.
enum class Delivery : u8 { Delivered, TripleFault };

/// Delivers `fault` at the instruction whose EIP is in `cpu.eip`: sets CR2, DR6 where due, RF in the pushed image of faults,
/// and turns a second fault into #DF ([SDM3] table "Conditions for Generating a Double Fault") and a third into a triple fault.
Delivery deliver(Cpu&, Fault fault);

/// Delivers an external interrupt with the same double-fault rules.
Delivery deliver_external(Cpu&, u8 vector);
/// INT n, INT3, INTO, INT1 by instruction: plain enter_interrupt, faults propagate to the caller.

// --- System instructions -------------------------------------------------------------------------

void load_task_register(Cpu&, u16 selector); ///< LTR
void load_local_table(Cpu&, u16 selector);   ///< LLDT
/// LAR, LSL: value, or nothing (ZF = 0). VERR, VERW: ZF.
std::optional<u32> load_access_rights(Cpu&, u16 selector, OperandSize);
std::optional<u32> load_segment_limit(Cpu&, u16 selector);
bool verify_read(Cpu&, u16 selector);
bool verify_write(Cpu&, u16 selector);
/// IN, OUT, INS, OUTS: raises #GP(0) unless CPL <= IOPL or the TSS's I/O bitmap allows all `size` ports. [SDM1] "I/O Permission Bit Map".
void check_port(Cpu&, u16 port, u8 size);

} // namespace trapgate::cpu::protect
