// SPDX-License-Identifier: MIT
// Changes of processor state that other state depends on.
#include "cpu/cpu.hpp"

#include "cpu/isa/insn.hpp"
#include "cpu/protect/step_lists.hpp"

namespace trapgate::cpu {

Cpu::Cpu(mmu::Bus& the_bus, const Model& the_model)
    : tlb(nullptr), bus(the_bus), ram(the_bus.memory().processor_pointer()), model(the_model),
      step_lists(&protect::standard_step_lists) {
    reset();
}

u64 Cpu::now() const {
    return instructions + (current ? current->index : 0);
}

void Cpu::reset() {
    static_cast<State&>(*this) = State{};
    cr0 = cr0::et | cr0::pe;
    reg(Gpr::edx) = model.signature;
    flush_tlb(false);
    set_cpl(0);
}

void Cpu::set_cpl(u8 new_cpl) {
    if (observer && new_cpl != cpl) observer->on(trace::RingChange{cpl, new_cpl});
    cpl = new_cpl;
    tlb = &tlbs[new_cpl == 3];
    update_mode();
}

void Cpu::set_segment(SegmentRegister r, const Segment& value) {
    segment(r) = value;
    update_mode();
}

void Cpu::update_mode() {
    const Segment& cs = segment(SegmentRegister::cs);
    const Segment& ss = segment(SegmentRegister::ss);
    const Segment& ds = segment(SegmentRegister::ds);
    const Segment& es = segment(SegmentRegister::es);
    const bool is_flat =
        cs.flat() && ss.flat() && ds.flat() && es.flat() && ss.can_write && ds.can_write && es.can_write;
    mode = static_cast<u8>((cs.big ? mode::code32 : 0) | (ss.big ? mode::stack32 : 0) | (is_flat ? mode::flat : 0) |
                           (cpl == 3 ? mode::user : 0));
    const bool check = (cr0 & cr0::am) && flags.test_system(eflags::ac) && cpl == 3;
    if (check != alignment_checked) {
        alignment_checked = check;
        tlbs[1].flush(false); // refilled with slow tags, or without
    }
}

void Cpu::set_cr0(u32 value) {
    if (!(value & cr0::pe)) throw Unimplemented{"real mode (CR0.PE = 0)"};
    const u32 changed = cr0 ^ value;
    cr0 = value;
    if (changed & (cr0::pg | cr0::wp | cr0::pe)) flush_tlb(false);
    if (changed & cr0::am) update_mode();
}

void Cpu::set_cr3(u32 value) {
    cr3 = value;
    flush_tlb(true);
}

void Cpu::set_cr4(u32 value) {
    const u32 changed = cr4 ^ value;
    cr4 = value;
    if (changed & (cr4::pse | cr4::pge)) flush_tlb(false);
}

void Cpu::set_eflags(u32 image) {
    if ((flags.system() ^ image) & eflags::vm)
        throw Unimplemented{"EFLAGS.VM changed by other means than a transfer"};
    const bool alignment = (flags.system() ^ image) & eflags::ac;
    flags.set_image(image);
    if (alignment) update_mode();
}

void Cpu::flush_tlb(bool keep_global) {
    for (mmu::Tlb& each : tlbs) each.flush(keep_global && (cr4 & cr4::pge));
    ++translation_epoch;
}

void Cpu::flush_tlb_page(u32 linear) {
    for (mmu::Tlb& each : tlbs) {
        each.flush_page(linear);
        if (cr4 & cr4::pse) each.flush_large_page(linear);
    }
    ++translation_epoch;
}

} // namespace trapgate::cpu
