// SPDX-License-Identifier: MIT
// A bare machine in virtual-8086 mode, or one IRET before it.
//
//   a000 data   b000 stack (SP 800)   c000 code   12000 other data
#pragma once

#include "cpu/engine_machine.hpp"

namespace trapgate::tests {

constexpr u16 code_paragraph = 0x0c00, data_paragraph = 0x0a00, stack_paragraph = 0x0b00, other_paragraph = 0x1200;
constexpr u32 code_base = u32{code_paragraph} << 4; // at::user_code
constexpr u32 stack_linear = u32{stack_paragraph} << 4;
constexpr u32 iopl3 = 3u << 12;

inline void push_entry_frame(BareMachine& m, u32 more_eflags, u32 ip = 0x40) {
    m.push_words({ip, code_paragraph, eflags::vm | 2 | more_eflags, 0x800, stack_paragraph, data_paragraph,
                  other_paragraph, 0x1111, 0x2222}); // ES DS FS GS
}

/// From ring 0 with paging into the mode.
inline void begin_virtual8086(BareMachine& m, u32 more_eflags) {
    m.enable_paging();
    push_entry_frame(m, more_eflags);
    protect::interrupt_return(m.cpu, protect::OperandSize::Doubleword);
}

/// What IRET or RETF shall find on the 8086's stack.
inline void put_return(BareMachine& m, u32 ip) {
    m.put(stack_linear + 0x800, ip);
    m.put(stack_linear + 0x804, 0x0c20);
    m.put(stack_linear + 0x808, 0x0001 | eflags::if_);
}

} // namespace trapgate::tests
