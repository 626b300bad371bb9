// SPDX-License-Identifier: MIT
// The stack as transfers use it: reading words to return to, proving that a frame can be written, writing it.
// A word is 2 or 4 bytes (Transfer::width); a stack segment with B = 0 uses SP only and wraps at 64 KB.
// Source: [SDM1] "Procedure Stack"; [SDM3] "Stack Switching".
#pragma once

#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/transfer.hpp"

namespace trapgate::cpu::protect {

constexpr u32 stack_offset(const Segment& stack, u32 esp) {
    return stack.big ? esp : esp & 0xffff;
}

/// ESP moved by `bytes`; the upper half stays if the stack is a 16-bit one.
constexpr u32 moved_esp(const Segment& stack, u32 esp, u32 bytes) {
    return stack.big ? esp + bytes : (esp & 0xffff0000) | ((esp + bytes) & 0xffff);
}

inline u32 load_word(Cpu& cpu, u32 linear, u8 width) {
    return width == 4 ? load<u32>(cpu, linear) : load<u16>(cpu, linear);
}

/// Reads the word at `offset` above the top of the current stack. Raises #SS(0), #PF, #AC.
inline u32 read_stack(Transfer& t, u32 offset) {
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    const u32 at = stack_offset(stack, t.cpu.reg(Gpr::esp) + offset);
    if (!stack.holds(at, t.width)) [[unlikely]]
        raise(Vector::SS, 0);
    return load_word(t.cpu, stack.base + at, t.width);
}

/// Reads the selector at `offset` above the top of the current stack: the upper half of a doubleword is not touched.
inline u16 read_stack_selector(Transfer& t, u32 offset) {
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    const u32 at = stack_offset(stack, t.cpu.reg(Gpr::esp) + offset);
    if (!stack.holds(at, 2)) [[unlikely]]
        raise(Vector::SS, 0);
    return load<u16>(t.cpu, stack.base + at);
}

/// Rights of pushes onto the stack of level `cpl`.
constexpr Rights stack_rights(u8 cpl) {
    return cpl == 3 ? Rights::Current : Rights::Supervisor;
}

/// Proves that `words` words can be pushed below `esp`: limits, then pages. Raises #SS(error_code), #AC, #PF.
void check_frame(Transfer&, const Segment& stack, u32 esp, u32 words, Rights, u32 error_code);

/// Pushes onto the current stack a word that check_frame has proved. Cannot fault.
inline void push(Transfer& t, u32 value) {
    Cpu& cpu = t.cpu;
    const Segment& stack = cpu.segment(SegmentRegister::ss);
    const u32 esp = moved_esp(stack, cpu.reg(Gpr::esp), 0u - t.width);
    cpu.reg(Gpr::esp) = esp;
    const u32 linear = stack.base + stack_offset(stack, esp);
    if (t.new_cpl == 3) [[unlikely]] {
        t.width == 4 ? store<u32>(cpu, linear, value) : store<u16>(cpu, linear, static_cast<u16>(value));
        return;
    }
    t.width == 4 ? store_system<u32>(cpu, linear, value) : store_system<u16>(cpu, linear, static_cast<u16>(value));
}

// Steps that INT and CALL share when they rise to an inner level (stack.cpp).
void read_tss_stack(Transfer&);
void check_inner_stack(Transfer&);
void switch_stack(Transfer&);
inline void push_old_ss(Transfer& t) {
    push(t, t.old_ss);
}
inline void push_old_esp(Transfer& t) {
    push(t, t.old_esp);
}
inline void push_old_cs(Transfer& t) {
    push(t, t.cpu.segment(SegmentRegister::cs).selector);
}
inline void push_old_eip(Transfer& t) {
    push(t, t.cpu.eip);
}

// Steps that IRET and RET share in and out of virtual-8086 mode.
inline void read_return_eip(Transfer& t) {
    t.target_eip = read_stack(t, 0);
}
inline void read_return_cs(Transfer& t) {
    t.target_selector = static_cast<u16>(read_stack(t, t.width));
}
/// Silicon does not touch the upper half of the last word of RET's frame; IRET's goes on with EFLAGS.
inline void read_far_return_cs(Transfer& t) {
    t.target_selector = read_stack_selector(t, t.width);
}
inline void read_return_eflags(Transfer& t) {
    t.eflags_image = read_stack(t, 2u * t.width);
}
/// The stack pointer goes past what was read and released; CS and EFLAGS have been loaded.
inline void release_frame(Transfer& t) {
    Cpu& cpu = t.cpu;
    cpu.reg(Gpr::esp) = moved_esp(cpu.segment(SegmentRegister::ss), cpu.reg(Gpr::esp), t.outer_offset);
    cpu.update_mode();
}

/// Raises #GP(EXT) unless the EIP to go to lies in the code segment to go to.
inline void check_target_eip(Transfer& t) {
    if (t.target_eip > t.target.limit()) [[unlikely]]
        raise(Vector::GP, t.external);
}

/// CS:EIP and CPL of an inner or the same level; marks CS, then SS if it was switched.
inline void enter_target(Transfer& t) {
    Cpu& cpu = t.cpu;
    mark_accessed(cpu, t.target_address, t.target);
    if (t.inner) mark_accessed(cpu, t.stack_address, t.stack_descriptor);
    const auto selector = static_cast<u16>((t.target_selector & ~3u) | t.new_cpl);
    load_hidden(cpu.segment(SegmentRegister::cs), selector, t.target);
    cpu.eip = t.target_eip;
    cpu.set_cpl(t.new_cpl);
}

} // namespace trapgate::cpu::protect
