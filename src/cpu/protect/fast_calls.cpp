// SPDX-License-Identifier: MIT
// SYSENTER and SYSEXIT: two rings, no memory, nothing saved.
// Source: [SDM3] "Performing Fast Calls to System Procedures with the SYSENTER and SYSEXIT Instructions"; [SDM2] both pages.
#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/lists.hpp"

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

/// Loads a flat segment that comes from no descriptor table: base 0, limit 4 GB, 32 bits, present, accessed.
void load_flat(Segment& segment, u32 selector, bool code, u8 dpl) {
    constexpr u64 flat = 0x00cf'90'000000'ffff;
    constexpr u64 code_readable = 0xb, data_writable = 0x3;
    const u64 type = code ? code_readable : data_writable;
    load_hidden(segment, static_cast<u16>(selector), {flat | type << 40 | u64{dpl} << 45});
}

void check_msr(Transfer& t) {
    if (selector_is_null(static_cast<u16>(t.cpu.sysenter_cs))) raise(Vector::GP, 0);
}

void sysenter_flags(Transfer& t) {
    t.cpu.flags.set_system_bit(eflags::vm | eflags::if_ | eflags::rf, false);
}
void sysenter_cs(Transfer& t) {
    load_flat(t.cpu.segment(SegmentRegister::cs), t.cpu.sysenter_cs & 0xfffc, true, 0);
}
void sysenter_ss(Transfer& t) {
    load_flat(t.cpu.segment(SegmentRegister::ss), (t.cpu.sysenter_cs & 0xfffc) + 8, false, 0);
}
void sysenter_esp(Transfer& t) {
    t.cpu.reg(Gpr::esp) = t.cpu.sysenter_esp;
}
void sysenter_eip(Transfer& t) {
    t.cpu.eip = t.cpu.sysenter_eip;
    t.cpu.set_cpl(0);
}

void sysexit_cpl(Transfer& t) {
    if (t.cpu.cpl != 0) raise(Vector::GP, 0);
}
void sysexit_cs(Transfer& t) {
    load_flat(t.cpu.segment(SegmentRegister::cs), (t.cpu.sysenter_cs + 16) | 3, true, 3);
}
void sysexit_ss(Transfer& t) {
    load_flat(t.cpu.segment(SegmentRegister::ss), (t.cpu.sysenter_cs + 24) | 3, false, 3);
}
void sysexit_esp(Transfer& t) {
    t.cpu.reg(Gpr::esp) = t.cpu.reg(Gpr::ecx);
}
void sysexit_eip(Transfer& t) {
    t.cpu.eip = t.cpu.reg(Gpr::edx);
    t.cpu.set_cpl(3);
}

constexpr Step sysenter_steps[] = {
    {MicroStep::sysenter_check, check_msr},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::sysenter_flags, sysenter_flags},
    {MicroStep::sysenter_cs, sysenter_cs},
    {MicroStep::sysenter_ss, sysenter_ss},
    {MicroStep::sysenter_esp, sysenter_esp},
    {MicroStep::sysenter_eip, sysenter_eip},
};
constexpr Step sysexit_steps[] = {
    {MicroStep::sysexit_check, check_msr},
    {MicroStep::sysexit_cpl, sysexit_cpl},
    // ---- point of no return: nothing below can fault ----
    {MicroStep::sysexit_cs, sysexit_cs},
    {MicroStep::sysexit_ss, sysexit_ss},
    {MicroStep::sysexit_esp, sysexit_esp},
    {MicroStep::sysexit_eip, sysexit_eip},
};

} // namespace

constinit const StepList sysenter_list = make_list<sysenter_steps>("SYSENTER");
constinit const StepList sysexit_list = make_list<sysexit_steps>("SYSEXIT");

void sysenter(Cpu& cpu) {
    Transfer t(cpu, trace::TransferKind::Sysenter, OperandSize::Doubleword);
    run_transfer(t, [](Transfer& transfer) { run(transfer, ListId::sysenter); });
}

void sysexit(Cpu& cpu) {
    Transfer t(cpu, trace::TransferKind::Sysexit, OperandSize::Doubleword);
    run_transfer(t, [](Transfer& transfer) { run(transfer, ListId::sysexit); });
}

} // namespace trapgate::cpu::protect
