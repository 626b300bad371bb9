// SPDX-License-Identifier: MIT
// Transfers into, out of and inside virtual-8086 mode: what the ordinary ones branch to when EFLAGS.VM is, or becomes, 1.
// Source: [SDM3] "8086 Emulation", "Entering Virtual-8086 Mode", "Leaving Virtual-8086 Mode", "Interrupt and Exception Handling
// in Virtual-8086 Mode".
#pragma once

#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

/// What a segment register holds in virtual-8086 mode: base = selector * 16, 64 KB, readable, writable, DPL 3.
inline Segment virtual8086_segment(u16 selector) {
    constexpr u64 data3 = 0x0000'f3'000000'ffff;
    Segment segment = Segment::from(selector, {data3});
    segment.base = u32{selector} << 4;
    segment.raw = 0; // it came from no descriptor
    return segment;
}

/// The step "cs:eip" of every transfer that ends in the mode.
inline void load_virtual8086_cs(Transfer& t) {
    t.cpu.segment(SegmentRegister::cs) = virtual8086_segment(t.target_selector);
    t.cpu.eip = t.target_eip;
    t.cpu.update_mode();
}

/// An interrupt or exception whose gate (`t.gate`, `t.target`) has been read: nine words, and data segments that become null.
void leave_virtual8086(Transfer&);
/// IRET at CPL 0 with VM = 1 in the EFLAGS it has read: six more words.
void enter_virtual8086(Transfer&);
/// INT n with CR4.VME: true if the redirection bitmap gave it to the program's own handler, which it has entered.
bool redirect_in_virtual8086(Transfer&);
/// IRET, RETF, far JMP and CALL without leaving the mode: no descriptors.
void return_in_virtual8086(Transfer&);
void far_return_in_virtual8086(Transfer&);
void far_transfer_in_virtual8086(Transfer&);

} // namespace trapgate::cpu::protect
