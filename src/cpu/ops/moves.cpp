// SPDX-License-Identifier: MIT
// Moves, stack frames, sign extensions, single flags.
// Source: [SDM2] the page of each instruction.
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"
#include "cpu/protect/flag_rules.hpp"

#include <array>

namespace trapgate::cpu::ops {

namespace {

constexpr u8 al = 0, ah = 1, ax = 0;

/// A virtual 8086 with an IOPL below 3: its IF is VIF, or its monitor's business.
bool has_virtual_flags(const Cpu& cpu) {
    return cpu.virtual8086() && cpu.flags.iopl() < 3;
}

/// EFLAGS as PUSHF writes it: VM and RF read as 0.
u32 pushed_flags(const Cpu& cpu) {
    return cpu.flags.image() & ~(eflags::vm | eflags::rf);
}

/// The bits that POPF may change at this CPL. [SDM2] POPF, table "Effect of POPF/POPFD on the EFLAGS Register".
u32 poppable_flags(const Cpu& cpu, bool word) {
    u32 mask = eflags::arithmetic | eflags::tf | eflags::df | eflags::nt;
    if (!word) {
        if (cpu.model.generation >= Generation::i486) mask |= eflags::ac;
        if (cpu.model.has_cpuid) mask |= eflags::id;
    }
    if (cpu.cpl <= cpu.flags.iopl()) mask |= eflags::if_;
    if (cpu.cpl == 0) mask |= eflags::iopl;
    return mask;
}

/// Element by element, as silicon does: after a fault in the middle the words above it are in memory, ESP is as before.
template <class T> void push_all(Cpu& cpu) {
    const u32 mask = stack_mask(cpu);
    const u32 old = cpu.reg(Gpr::esp);
    for (u8 r = 0; r < 8; ++r)
        store_to<T>(cpu, SegmentRegister::ss, (old - (r + 1u) * sizeof(T)) & mask, static_cast<T>(cpu.gpr[r]));
    set_stack_pointer(cpu, old - 8 * sizeof(T));
}

/// Element by element, as silicon does: a fault in the middle leaves the registers that were popped before it changed.
template <class T> void pop_all(Cpu& cpu) {
    for (u8 n = 0; n < 8; ++n) {
        const T value = stack_word<T>(cpu, n * sizeof(T));
        if (n != 3) // the slot of ESP is skipped
            cpu.set<T>(static_cast<u8>((7 - n) * 4), value);
    }
    set_stack_pointer(cpu, cpu.reg(Gpr::esp) + 8 * sizeof(T));
}

template <class T> void enter_frame(Cpu& cpu, u32 locals, u32 level) {
    const u32 mask = stack_mask(cpu);
    const u32 old_esp = cpu.reg(Gpr::esp), old_ebp = cpu.reg(Gpr::ebp);
    try {
        push<T>(cpu, static_cast<T>(old_ebp));
        const u32 frame = cpu.reg(Gpr::esp);
        if (level > 0) {
            u32 walk = old_ebp;
            for (u32 n = 1; n < level; ++n) {
                walk = (walk - sizeof(T)) & mask;
                push<T>(cpu, load_from<T>(cpu, SegmentRegister::ss, walk));
            }
            push<T>(cpu, static_cast<T>(frame));
        }
        const u32 top = (cpu.reg(Gpr::esp) - locals) & mask;
        const u32 linear = linear_address(cpu, SegmentRegister::ss, top, sizeof(T), Intent::Write);
        if (cpu.alignment_checked && linear % sizeof(T)) raise(Vector::AC, 0);
        probe_write(cpu, linear, sizeof(T), Rights::Current);
        set_stack_pointer(cpu, top);
        cpu.set<T>(20, static_cast<T>(frame));
    } catch (...) {
        cpu.reg(Gpr::esp) = old_esp;
        throw;
    }
}

} // namespace

void bswap(Cpu& cpu, const Insn& i) {
    if (is_16(i)) // undefined in the manual; silicon clears the half that it is asked for
        cpu.set<u16>(i.rm, 0);
    else
        cpu.set<u32>(i.rm, __builtin_bswap32(cpu.get<u32>(i.rm)));
}

void xlat(Cpu& cpu, const Insn& i) {
    const u32 offset = wrap(i, cpu.reg(Gpr::ebx) + cpu.get<u8>(al));
    cpu.set<u8>(al, load_from<u8>(cpu, segment_of(i), offset));
}

void push_any(Cpu& cpu, const Insn& i, u32 value) {
    if (is_16(i))
        push<u16>(cpu, static_cast<u16>(value));
    else
        push<u32>(cpu, value);
}

void pop_register(Cpu& cpu, const Insn& i) {
    if (is_16(i)) {
        const u16 value = pop<u16>(cpu);
        cpu.set<u16>(i.rm, value);
    } else {
        const u32 value = pop<u32>(cpu);
        cpu.set<u32>(i.rm, value);
    }
}

/// POP to memory: the address is computed with ESP already raised; a fault leaves ESP alone.
void pop_memory(Cpu& cpu, const Insn& i) {
    const u32 old_esp = cpu.reg(Gpr::esp);
    const u32 value = is_16(i) ? pop<u16>(cpu) : pop<u32>(cpu);
    try {
        if (is_16(i))
            write_e<u16>(cpu, i, static_cast<u16>(value));
        else
            write_e<u32>(cpu, i, value);
    } catch (...) {
        cpu.reg(Gpr::esp) = old_esp;
        throw;
    }
}

void pusha(Cpu& cpu, const Insn& i) {
    is_16(i) ? push_all<u16>(cpu) : push_all<u32>(cpu);
}

void popa(Cpu& cpu, const Insn& i) {
    is_16(i) ? pop_all<u16>(cpu) : pop_all<u32>(cpu);
}

void pushf(Cpu& cpu, const Insn& i) {
    if (has_virtual_flags(cpu)) [[unlikely]] {
        protect::require_virtual_interrupts(cpu, is_16(i));
        return push<u16>(cpu, protect::virtual_flags(cpu));
    }
    push_any(cpu, i, pushed_flags(cpu));
}

void popf(Cpu& cpu, const Insn& i) {
    if (has_virtual_flags(cpu)) [[unlikely]] {
        protect::require_virtual_interrupts(cpu, is_16(i));
        const u16 image = stack_word<u16>(cpu);
        protect::check_virtual_flags(cpu, image);
        set_stack_pointer(cpu, cpu.reg(Gpr::esp) + 2);
        return protect::load_virtual_flags(cpu, image);
    }
    const u32 mask = poppable_flags(cpu, is_16(i));
    const u32 image = is_16(i) ? pop<u16>(cpu) : pop<u32>(cpu);
    const u32 kept = cpu.flags.image() & ~eflags::rf;
    cpu.set_eflags((kept & ~mask) | (image & mask));
}

void push_segment(Cpu& cpu, const Insn& i) {
    const u16 selector = cpu.segments[i.reg].selector;
    if (is_16(i)) {
        push<u16>(cpu, selector);
    } else { // only the low word is written
        const u32 offset = (cpu.reg(Gpr::esp) - 4) & stack_mask(cpu);
        store_to<u16>(cpu, SegmentRegister::ss, offset, selector);
        set_stack_pointer(cpu, offset);
    }
}

void enter(Cpu& cpu, const Insn& i) {
    const u32 level = i.selector & 31;
    is_16(i) ? enter_frame<u16>(cpu, i.immediate, level) : enter_frame<u32>(cpu, i.immediate, level);
}

void cbw(Cpu& cpu, const Insn& i) {
    if (is_16(i))
        cpu.set<u16>(ax, static_cast<u16>(static_cast<s8>(cpu.get<u8>(al))));
    else
        cpu.set<u32>(ax, static_cast<u32>(static_cast<s16>(cpu.get<u16>(ax))));
}

void cwd(Cpu& cpu, const Insn& i) {
    constexpr u8 dx = 8;
    if (is_16(i))
        cpu.set<u16>(dx, cpu.get<u16>(ax) & 0x8000 ? 0xffff : 0);
    else
        cpu.set<u32>(dx, cpu.get<u32>(ax) & 0x80000000 ? 0xffffffff : 0);
}

void salc(Cpu& cpu, const Insn&) {
    cpu.set<u8>(al, cpu.flags.cf() ? 0xff : 0);
}

void sahf(Cpu& cpu, const Insn&) {
    const u32 kept = cpu.flags.arithmetic() & eflags::of;
    cpu.flags.set_arithmetic(kept | (cpu.get<u8>(ah) & eflags::arithmetic));
}

void lahf(Cpu& cpu, const Insn&) {
    cpu.set<u8>(ah, static_cast<u8>((cpu.flags.arithmetic() & 0xff) | eflags::one));
}

void cmc(Cpu& cpu, const Insn&) {
    cpu.flags.set_cf(!cpu.flags.cf());
}
void clc(Cpu& cpu, const Insn&) {
    cpu.flags.set_cf(false);
}
void stc(Cpu& cpu, const Insn&) {
    cpu.flags.set_cf(true);
}
void cld(Cpu& cpu, const Insn&) {
    cpu.flags.set_system_bit(eflags::df, false);
}
void std(Cpu& cpu, const Insn&) {
    cpu.flags.set_system_bit(eflags::df, true);
}

void cmpxchg8b(Cpu& cpu, const Insn& i) {
    const u32 linear = linear_address(cpu, segment_of(i), effective_offset(cpu, i), 8, Intent::Write);
    bool equal = false;
    const u64 expected = u64{cpu.reg(Gpr::edx)} << 32 | cpu.reg(Gpr::eax);
    const u64 wanted = u64{cpu.reg(Gpr::ecx)} << 32 | cpu.reg(Gpr::ebx);
    u64 found = 0;
    update<u64>(cpu, linear, [&](u64 value) {
        found = value;
        equal = value == expected;
        return equal ? wanted : value;
    });
    if (!equal) {
        cpu.reg(Gpr::eax) = static_cast<u32>(found);
        cpu.reg(Gpr::edx) = static_cast<u32>(found >> 32);
    }
    cpu.flags.set_zf(equal);
}

} // namespace trapgate::cpu::ops
