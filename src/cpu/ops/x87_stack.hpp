// SPDX-License-Identifier: MIT
// The register stack of the x87, its tags, and how exceptions are recorded.
// Source: [SDM1] "x87 FPU Data Registers", "x87 FPU Tag Word", "Floating-Point Exception Handling".
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/ops/host_x87.hpp"
#include "cpu/ops/operand.hpp"

namespace trapgate::cpu::ops {

namespace x87_status {
constexpr u16 ie = 1, de = 2, ze = 4, oe = 8, ue = 16, pe = 32, sf = 64, es = 128, c0 = 0x100, c1 = 0x200,
              c2 = 0x400, c3 = 0x4000, busy = 0x8000;
constexpr u16 exceptions = 0x3f, condition = c0 | c1 | c2 | c3;
} // namespace x87_status

constexpr Float80 indefinite{0xc000000000000000u, 0xffff};

enum class Tag : u8 { Valid, Zero, Special, Empty };

inline Tag tag_of(const Float80& value) {
    const u16 exponent = value.sign_exponent & 0x7fff;
    if (exponent == 0 && value.significand == 0) return Tag::Zero;
    return exponent == 0 || exponent == 0x7fff || !(value.significand >> 63) ? Tag::Special : Tag::Valid;
}

class X87Stack {
  public:
    explicit X87Stack(Cpu& cpu) : state_(cpu.x87) {}

    u8 top() const { return state_.status >> 11 & 7; }
    void set_top(u32 value) { state_.status = static_cast<u16>((state_.status & ~0x3800) | (value & 7) << 11); }
    u8 physical(u32 i) const { return (top() + i) & 7; }

    bool empty(u32 i) const { return (state_.tags >> (2 * physical(i)) & 3) == static_cast<u8>(Tag::Empty); }
    const Float80& get(u32 i) const { return state_.registers[physical(i)]; }
    void set(u32 i, const Float80& value) {
        state_.registers[physical(i)] = value;
        set_tag(physical(i), tag_of(value));
    }
    void free(u32 i) { set_tag(physical(i), Tag::Empty); }
    void pop() {
        free(0);
        set_top(top() + 1u);
    }
    /// REQUIRES: ST(7) is empty, or the stack overflow has been recorded.
    void push(const Float80& value) {
        set_top(top() + 7u);
        set(0, value);
    }

    u16 control() const { return state_.control; }
    /// Notes exception flags; false if one of them is unmasked: then a result must not be stored for the invalid,
    /// denormal and divide-by-zero exceptions.
    bool record(u16 flags) {
        flags &= x87_status::exceptions | x87_status::sf;
        state_.status |= flags;
        update_summary();
        return !(flags & ~state_.control & (x87_status::ie | x87_status::de | x87_status::ze));
    }
    void update_summary() {
        if (state_.status & ~state_.control & x87_status::exceptions)
            state_.status |= x87_status::es | x87_status::busy;
        else
            state_.status &= static_cast<u16>(~(x87_status::es | x87_status::busy));
    }
    void set_condition(u16 bits, u16 mask = x87_status::condition) {
        state_.status = static_cast<u16>((state_.status & ~mask) | (bits & mask));
    }
    /// Stack underflow (C1 = 0) or overflow (C1 = 1). True: the response is masked and the indefinite value is the result.
    bool stack_fault(bool overflow) {
        set_condition(overflow ? x87_status::c1 : 0, x87_status::c1);
        return record(x87_status::ie | x87_status::sf);
    }

  private:
    void set_tag(u8 physical_register, Tag tag) {
        const u32 shift = 2 * physical_register;
        state_.tags = static_cast<u16>((state_.tags & ~(3u << shift)) | static_cast<u32>(tag) << shift);
    }
    X87State& state_;
};

/// What every x87 instruction begins with: #NM with CR0.EM or CR0.TS.
inline void require_x87(const Cpu& cpu) {
    if (cpu.cr0 & (cr0::em | cr0::ts)) raise(Vector::NM);
}
/// And the waiting ones: a pending unmasked exception strikes now.
void begin_waiting(Cpu& cpu);
/// Notes the instruction (and its memory operand) for FSTENV.
void note_pointers(Cpu& cpu, const Insn& i);

} // namespace trapgate::cpu::ops
