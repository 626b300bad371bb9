// SPDX-License-Identifier: MIT
// Proving frames, and the stack of an inner level.
#include "cpu/protect/stack.hpp"

namespace trapgate::cpu::protect {

namespace {

/// True if a store there is sure to take the fast path: then there is nothing to probe.
bool hits_tlb(const Cpu& cpu, u32 linear, u32 bytes, Rights rights) {
    const mmu::Tlb& tlb = cpu.tlbs[rights == Rights::Current && cpu.cpl == 3];
    const u32 last_page = (linear + bytes - 1) & ~page_offset_mask;
    return tlb.entries[mmu::Tlb::index(linear)].write_tag == last_page;
}

bool frame_inside(const Segment& stack, u32 esp, u32 words, u8 width) {
    for (u32 i = 1; i <= words; ++i)
        if (!stack.holds(stack_offset(stack, esp - i * width), width)) return false;
    return true;
}

} // namespace

void check_frame(Transfer& t, const Segment& stack, u32 esp, u32 words, Rights rights, u32 error_code) {
    const u32 bytes = words * t.width;
    const u32 lowest = stack_offset(stack, esp - bytes);
    const bool in_one_piece = lowest + bytes >= bytes && (stack.big || lowest + bytes <= 0x10000);
    if (in_one_piece ? !stack.holds(lowest, bytes) : !frame_inside(stack, esp, words, t.width)) [[unlikely]]
        raise(Vector::SS, error_code);
    if (t.cpu.alignment_checked && rights == Rights::Current && ((stack.base + lowest) & (t.width - 1u)))
        raise(Vector::AC, 0);
    if (in_one_piece && hits_tlb(t.cpu, stack.base + lowest, bytes, rights)) [[likely]]
        return;
    for (u32 i = 1; i <= words; ++i) // in the order of the pushes: CR2 is the first word that cannot be written
        probe_write(t.cpu, stack.base + stack_offset(stack, esp - i * t.width), t.width, rights);
}

/// SSn and ESPn of the level that is entered. [SDM3] "Task-State Segment (TSS)", "16-Bit Task-State Segment (TSS)".
void read_tss_stack(Transfer& t) {
    Cpu& cpu = t.cpu;
    const bool wide = cpu.tr.type & system_type::wide;
    const u32 esp_bytes = wide ? 4 : 2;
    const u32 offset = wide ? t.new_cpl * 8 + 4 : t.new_cpl * 4 + 2;
    if (!cpu.tr.present || offset + esp_bytes + 1 > cpu.tr.limit) [[unlikely]]
        raise(Vector::TS, selector_error(cpu.tr.selector, t.external));
    const u32 address = cpu.tr.base + offset;
    t.stack_selector = load_system<u16>(cpu, address + esp_bytes);
    t.stack_pointer = wide ? load_system<u32>(cpu, address) : load_system<u16>(cpu, address);
}

void check_inner_stack(Transfer& t) {
    Cpu& cpu = t.cpu;
    const u16 selector = t.stack_selector;
    if (selector_is_null(selector)) [[unlikely]]
        raise(Vector::TS, t.external);
    const u32 error = selector_error(selector, t.external);
    if (!locate_descriptor(cpu, selector, t.stack_address)) [[unlikely]]
        raise(Vector::TS, error);
    const Descriptor d = t.stack_descriptor = read_descriptor(cpu, t.stack_address);
    if (selector_rpl(selector) != t.new_cpl || d.dpl() != t.new_cpl || !d.writable()) [[unlikely]]
        raise(Vector::TS, error);
    if (!d.present()) [[unlikely]]
        raise(Vector::SS, error);
    probe_accessed(cpu, t.stack_address, d);
    load_hidden(t.stack, selector, d);
}

void switch_stack(Transfer& t) {
    Cpu& cpu = t.cpu;
    t.old_ss = cpu.segment(SegmentRegister::ss).selector;
    t.old_esp = cpu.reg(Gpr::esp);
    load_hidden(cpu.segment(SegmentRegister::ss), t.stack_selector, t.stack_descriptor);
    cpu.reg(Gpr::esp) = t.stack_pointer;
}

} // namespace trapgate::cpu::protect
