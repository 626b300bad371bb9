// SPDX-License-Identifier: MIT
// SSE: operands, moves, MXCSR.
// Source: [SDM2] the page of each instruction; [SDM3] "Providing Operating System Support for … SSE Extensions".
#include "cpu/ops/sse.hpp"

#include <utility>

namespace trapgate::cpu::ops {

namespace {

template <class T> T read_memory(Cpu& cpu, const Insn& i) {
    return load_from<T>(cpu, segment_of(i), effective_offset(cpu, i));
}

u64 pair(const Xmm& value, u32 lane) {
    return value[lane] | u64{value[lane + 1]} << 32;
}
void set_pair(Xmm& value, u32 lane, u64 bits) {
    value[lane] = static_cast<u32>(bits);
    value[lane + 1] = static_cast<u32>(bits >> 32);
}

/// MOVUPS raises no #AC, so it is on silicon. Its two pieces must not either.
class NoAlignmentCheck {
  public:
    explicit NoAlignmentCheck(Cpu& cpu) : cpu_(cpu), before_(std::exchange(cpu.alignment_checked, false)) {}
    NoAlignmentCheck(const NoAlignmentCheck&) = delete;
    NoAlignmentCheck& operator=(const NoAlignmentCheck&) = delete;
    ~NoAlignmentCheck() { cpu_.alignment_checked = before_; }

  private:
    Cpu& cpu_;
    const bool before_;
};

u32 address_of_16(const Cpu& cpu, const Insn& i, Intent intent, bool aligned) {
    const u32 offset = effective_offset(cpu, i);
    if (aligned && (cpu.segment(segment_of(i)).base + offset) % 16)
        raise(Vector::GP, 0); // before #SS, as on silicon
    return linear_address(cpu, segment_of(i), offset, 16, intent);
}

} // namespace

void begin_sse(Cpu& cpu) {
    if ((cpu.cr0 & cr0::em) || !(cpu.cr4 & cr4::osfxsr)) raise(Vector::UD);
    if (cpu.cr0 & cr0::ts) raise(Vector::NM);
}

Xmm load_xmm(Cpu& cpu, const Insn& i, bool aligned) {
    const u32 linear = address_of_16(cpu, i, Intent::Read, aligned);
    const NoAlignmentCheck unchecked(cpu);
    Xmm value;
    set_pair(value, 0, load<u64>(cpu, linear));
    set_pair(value, 2, load<u64>(cpu, linear + 8));
    return value;
}

void store_xmm(Cpu& cpu, const Insn& i, const Xmm& value, bool aligned) {
    const u32 linear = address_of_16(cpu, i, Intent::Write, aligned);
    const NoAlignmentCheck unchecked(cpu);
    if (!aligned) probe_write(cpu, linear, 16, Rights::Current);
    store<u64>(cpu, linear, pair(value, 0));
    store<u64>(cpu, linear + 8, pair(value, 2));
}

Xmm read_packed(Cpu& cpu, const Insn& i) {
    return has_memory(i) ? load_xmm(cpu, i, true) : cpu.sse.xmm[i.reg];
}
Xmm read_scalar(Cpu& cpu, const Insn& i) {
    return has_memory(i) ? Xmm{read_memory<u32>(cpu, i)} : cpu.sse.xmm[i.reg];
}

void movups_load(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    cpu.sse.xmm[vector_destination(i)] = has_memory(i) ? load_xmm(cpu, i, false) : cpu.sse.xmm[i.reg];
}
void movaps_load(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    cpu.sse.xmm[vector_destination(i)] = read_packed(cpu, i);
}
void movups_store(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    if (has_memory(i))
        store_xmm(cpu, i, cpu.sse.xmm[i.reg], false);
    else
        cpu.sse.xmm[i.rm] = cpu.sse.xmm[i.reg];
}
void movaps_store(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    if (has_memory(i))
        store_xmm(cpu, i, cpu.sse.xmm[i.reg], true);
    else
        cpu.sse.xmm[i.rm] = cpu.sse.xmm[i.reg];
}

/// From memory the upper lanes become 0, from a register they stay.
void movss_load(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm source = read_scalar(cpu, i);
    if (has_memory(i))
        cpu.sse.xmm[i.reg] = source;
    else
        cpu.sse.xmm[i.rm][0] = source[0];
}
void movss_store(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    if (has_memory(i))
        store_to<u32>(cpu, segment_of(i), effective_offset(cpu, i), cpu.sse.xmm[i.reg][0]);
    else
        cpu.sse.xmm[i.rm][0] = cpu.sse.xmm[i.reg][0];
}

void sse_load_half(Cpu& cpu, const Insn& i, u32 lane) {
    begin_sse(cpu);
    set_pair(cpu.sse.xmm[i.reg], lane, read_memory<u64>(cpu, i));
}
void sse_store_half(Cpu& cpu, const Insn& i, u32 lane) {
    begin_sse(cpu);
    store_to<u64>(cpu, segment_of(i), effective_offset(cpu, i), pair(cpu.sse.xmm[i.reg], lane));
}
void sse_move_half(Cpu& cpu, const Insn& i, u32 to, u32 from) {
    begin_sse(cpu);
    set_pair(cpu.sse.xmm[i.rm], to, pair(cpu.sse.xmm[i.reg], from));
}

void movmskps(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm& source = cpu.sse.xmm[i.reg];
    cpu.set<u32>(i.rm, source[0] >> 31 | source[1] >> 31 << 1 | source[2] >> 31 << 2 | source[3] >> 31 << 3);
}

/// Two lanes of the destination, then two of the source.
void shufps(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const Xmm source = read_packed(cpu, i);
    Xmm& destination = cpu.sse.xmm[vector_destination(i)];
    const auto lane = [&](u32 n) { return i.immediate >> (2 * n) & 3; };
    destination = {destination[lane(0)], destination[lane(1)], source[lane(2)], source[lane(3)]};
}

void ldmxcsr(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    const u32 value = read_memory<u32>(cpu, i);
    if (value & ~cpu.model.mxcsr_mask()) raise(Vector::GP, 0);
    cpu.sse.mxcsr = value;
}
void stmxcsr(Cpu& cpu, const Insn& i) {
    begin_sse(cpu);
    store_to<u32>(cpu, segment_of(i), effective_offset(cpu, i), cpu.sse.mxcsr);
}

} // namespace trapgate::cpu::ops
