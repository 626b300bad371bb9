// SPDX-License-Identifier: MIT
// Decimal arithmetic.
// Source: [SDM2] AAA, AAD, AAM, AAS, DAA, DAS, "Operation". Undefined flags as silicon leaves them where that is consistent.
#include "cpu/ops/operand.hpp"
#include "cpu/ops/ops.hpp"

namespace trapgate::cpu::ops {

namespace {

constexpr u8 al = 0, ah = 1, ax = 0;

void decimal_adjust(Cpu& cpu, bool subtract) {
    const u8 old = cpu.get<u8>(al);
    const bool old_carry = cpu.flags.cf();
    const bool low = (old & 0xf) > 9 || cpu.flags.af();
    u8 value = old;
    bool carry = false;
    if (low) {
        const u8 adjusted = static_cast<u8>(subtract ? value - 6 : value + 6);
        carry = old_carry || (subtract ? old < 6 : adjusted < old);
        value = adjusted;
    }
    const bool high = old > 0x99 || old_carry;
    if (high) {
        value = static_cast<u8>(subtract ? value - 0x60 : value + 0x60);
        carry = true;
    } else if (!subtract) {
        carry = false;
    }
    cpu.set<u8>(al, value);
    cpu.flags.set_result<u8>(value, carry, false, low);
}

void ascii_adjust(Cpu& cpu, bool subtract) {
    const bool adjust = (cpu.get<u8>(al) & 0xf) > 9 || cpu.flags.af();
    u16 value = cpu.get<u16>(ax);
    if (adjust) value = static_cast<u16>(subtract ? value - 0x106 : value + 0x106);
    cpu.set<u16>(ax, value & 0xff0f);
    cpu.flags.set_result<u8>(static_cast<u8>(value & 0xf), adjust, false, adjust);
}

} // namespace

void daa(Cpu& cpu, const Insn&) {
    decimal_adjust(cpu, false);
}
void das(Cpu& cpu, const Insn&) {
    decimal_adjust(cpu, true);
}
void aaa(Cpu& cpu, const Insn&) {
    ascii_adjust(cpu, false);
}
void aas(Cpu& cpu, const Insn&) {
    ascii_adjust(cpu, true);
}

void aam(Cpu& cpu, const Insn& i) {
    const u8 base = static_cast<u8>(i.immediate);
    if (base == 0) raise(Vector::DE);
    const u8 value = cpu.get<u8>(al);
    cpu.set<u8>(ah, value / base);
    cpu.set<u8>(al, value % base);
    cpu.flags.set_result<u8>(value % base, false, false);
}

void aad(Cpu& cpu, const Insn& i) {
    const u8 value = static_cast<u8>(cpu.get<u8>(al) + cpu.get<u8>(ah) * (i.immediate & 0xff));
    cpu.set<u16>(ax, value);
    cpu.flags.set_result<u8>(value, false, false);
}

} // namespace trapgate::cpu::ops
