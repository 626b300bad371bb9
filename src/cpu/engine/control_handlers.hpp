// SPDX-License-Identifier: MIT
// Handlers of the stack, of transfers of control, and of instructions that are functions of the whole processor.
#pragma once

#include "cpu/engine/operands.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/ops/string.hpp"
#include "cpu/ops/x87.hpp"

namespace trapgate::cpu::engine {

// --- The stack, flat and 32 bits wide -------------------------------------------------------------------

template <class Source> const Insn* push_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 value = Source::template read<u32>(cpu, i);
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, value);
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_NEXT(cpu, i);
}

template <class T, class Source> const Insn* push_any_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    ops::push_any(cpu, *i, static_cast<u32>(Source::template read<T>(cpu, i)));
    TRAPGATE_NEXT(cpu, i);
}

inline const Insn* pop_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp);
    const u32 value = load<u32>(cpu, esp);
    cpu.reg(Gpr::esp) = esp + 4;
    cpu.set<u32>(i->rm, value); // after ESP: POP ESP keeps the value
    TRAPGATE_NEXT(cpu, i);
}

inline const Insn* leave_frame_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 frame = cpu.reg(Gpr::ebp);
    cpu.reg(Gpr::ebp) = load<u32>(cpu, frame);
    cpu.reg(Gpr::esp) = frame + 4;
    TRAPGATE_NEXT(cpu, i);
}

const Insn* leave_frame_any_handler(Cpu&, const Insn*);

// --- Near transfers -------------------------------------------------------------------------------------

/// A segment limit that can be passed needs the check that [SDM2] Jcc, JMP, CALL and RET make.
inline void check_target(const Cpu& cpu, u32 target) {
    if (!(cpu.mode & mode::flat)) [[unlikely]]
        ops::check_code_offset(cpu, target);
}

template <u8 code> const Insn* jcc_handler(Cpu& cpu, const Insn* i) {
    if (cpu.flags.condition<code>()) {
        cpu.current = i;
        check_target(cpu, i->immediate);
        TRAPGATE_GO(cpu, i, 1, i->immediate);
    }
    TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
}

/// The synthetic end of a block that was cut: goes on at the next instruction. It is not counted.
inline const Insn* continue_handler(Cpu& cpu, const Insn* i) {
    const Insn* last = i - 1;
    TRAPGATE_GO(cpu, last, 0, Block::of(last).eip_after(last));
}

inline const Insn* jump_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    check_target(cpu, i->immediate);
    TRAPGATE_GO(cpu, i, 1, i->immediate);
}

inline const Insn* call_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, Block::of(i).eip_after(i));
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_GO(cpu, i, 1, i->immediate);
}

template <class Source> const Insn* jump_indirect_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = Source::template read<u32>(cpu, i);
    TRAPGATE_JUMP(cpu, i, target);
}

template <class Source> const Insn* call_indirect_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 target = Source::template read<u32>(cpu, i);
    const u32 esp = cpu.reg(Gpr::esp) - 4;
    store<u32>(cpu, esp, Block::of(i).eip_after(i));
    cpu.reg(Gpr::esp) = esp;
    TRAPGATE_JUMP(cpu, i, target);
}

inline const Insn* return_flat_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const u32 esp = cpu.reg(Gpr::esp);
    const u32 target = load<u32>(cpu, esp);
    cpu.reg(Gpr::esp) = esp + 4 + i->immediate;
    TRAPGATE_JUMP(cpu, i, target);
}

// The same outside the flat 32-bit case.
const Insn* call_any_handler(Cpu&, const Insn*);
const Insn* jump_indirect_any_handler(Cpu&, const Insn*);
const Insn* call_indirect_any_handler(Cpu&, const Insn*);
const Insn* return_any_handler(Cpu&, const Insn*);

template <class Op> const Insn* loop_handler(Cpu& cpu, const Insn* i) {
    if (Op::taken(cpu, *i)) {
        cpu.current = i;
        check_target(cpu, i->immediate);
        Op::commit(cpu, *i);
        TRAPGATE_GO(cpu, i, 1, i->immediate);
    }
    Op::commit(cpu, *i);
    TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
}

// --- Functions of the whole processor -------------------------------------------------------------------

template <ops::Operation* operation> const Insn* simple_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    operation(cpu, *i);
    TRAPGATE_NEXT(cpu, i);
}

template <ops::Operation* operation> const Insn* x87_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_of(i);
    operation(cpu, *i);
    TRAPGATE_NEXT(cpu, i);
}

template <ops::Operation* operation> const Insn* leave_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_after(i);
    operation(cpu, *i);
    return leave(cpu, i);
}

/// True if nothing but the next block is due: no trap, no virtual interrupt that pends, no interrupt that has just been enabled, nobody who wants attention.
inline bool nothing_due(const Cpu& cpu) {
    return !cpu.flags.test_system(eflags::tf | eflags::rf | eflags::vip) && !cpu.interrupt_shadow &&
           !cpu.debug_enabled() &&
           !(cpu.flags.test_system(eflags::if_) && cpu.interrupt_controller &&
             cpu.interrupt_controller->requested());
}

/// Ring switches: like leave_handler, but straight to the target's block when it is known and nothing else is due.
template <ops::Operation* operation> const Insn* transfer_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    cpu.eip = Block::of(i).eip_after(i);
    operation(cpu, *i);
    if (!nothing_due(cpu)) [[unlikely]]
        return leave(cpu, i);
    TRAPGATE_JUMP(cpu, i, cpu.eip);
}

/// Goes on by link if the mode stayed what the block was decoded for.
template <ops::Operation* operation> const Insn* segment_load_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    operation(cpu, *i);
    if (cpu.mode == Block::of(i).key.mode && !cpu.interrupt_shadow)
        TRAPGATE_GO(cpu, i, 0, Block::of(i).eip_after(i));
    cpu.eip = Block::of(i).eip_after(i);
    return leave(cpu, i);
}

template <class Op, class T> const Insn* string_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    if (ops::run_string<Op, T>(cpu, *i)) TRAPGATE_NEXT(cpu, i);
    cpu.eip = Block::of(i).eip_of(i);
    return leave(cpu, i);
}

template <class Op, class T> const Insn* port_string_handler(Cpu& cpu, const Insn* i) {
    cpu.current = i;
    const Block& block = Block::of(i);
    const bool finished = ops::run_string<Op, T>(cpu, *i);
    cpu.eip = finished ? block.eip_after(i) : block.eip_of(i);
    return leave(cpu, i);
}

inline const Insn* nop_handler([[maybe_unused]] Cpu& cpu, const Insn* i) {
    TRAPGATE_NEXT(cpu, i);
}

const Insn* undefined_handler(Cpu&, const Insn*);

} // namespace trapgate::cpu::engine
