// SPDX-License-Identifier: MIT
// Loading data and system segment registers, and the instructions that only ask about a selector.
// Source: [SDM2] MOV (to a segment register), LTR, LLDT, LAR, LSL, VERR/VERW, "Operation".
#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/protect.hpp"
#include "cpu/protect/virtual8086.hpp"

namespace trapgate::cpu::protect {

namespace {

[[noreturn]] void refuse(u16 selector) {
    raise(Vector::GP, selector_error(selector));
}

void load_checked(Cpu& cpu, SegmentRegister r, u16 selector, u32 address, Descriptor d) {
    const Segment& held = cpu.segment(r);
    if (held.raw == d.raw && held.selector == selector) // as in most system calls: DS and ES hold it already
        return;
    if (!d.accessed()) [[unlikely]] {
        probe_accessed(cpu, address, d);
        mark_accessed(cpu, address, d);
    }
    load_hidden(cpu.segment(r), selector, d);
    cpu.update_mode();
}

void load_stack_segment(Cpu& cpu, u16 selector) {
    if (selector_is_null(selector)) [[unlikely]]
        raise(Vector::GP, 0);
    u32 address = 0;
    if (!locate_descriptor(cpu, selector, address)) [[unlikely]]
        refuse(selector);
    const Descriptor d = read_descriptor(cpu, address);
    if (selector_rpl(selector) != cpu.cpl || d.dpl() != cpu.cpl || !d.writable()) [[unlikely]]
        refuse(selector);
    if (!d.present()) [[unlikely]]
        raise(Vector::SS, selector_error(selector));
    load_checked(cpu, SegmentRegister::ss, selector, address, d);
}

/// The descriptor that a system register wants, or #GP(selector).
Descriptor system_descriptor(Cpu& cpu, u16 selector, u32& address) {
    if (selector_in_ldt(selector) || !locate_descriptor(cpu, selector, address)) refuse(selector);
    const Descriptor d = read_descriptor(cpu, address);
    if (d.is_code_or_data()) refuse(selector);
    return d;
}

/// True if code at CPL may ask about a segment of that DPL with that selector.
bool visible(const Cpu& cpu, u16 selector, Descriptor d) {
    return (d.is_code() && d.conforming()) || (d.dpl() >= cpu.cpl && d.dpl() >= selector_rpl(selector));
}

/// What LAR, LSL, VERR and VERW look at: the descriptor, if there is one.
std::optional<Descriptor> find_descriptor(Cpu& cpu, u16 selector) {
    u32 address = 0;
    if (selector_is_null(selector) || !locate_descriptor(cpu, selector, address)) return std::nullopt;
    return read_descriptor(cpu, address);
}

constexpr u32 bit_set(std::initializer_list<u8> types) {
    u32 bits = 0;
    for (const u8 type : types) bits |= 1u << type;
    return bits;
}
namespace types = system_type;
constexpr u32 with_limit = bit_set({types::tss16, types::ldt, types::busy_tss16, types::tss32, types::busy_tss32});
constexpr u32 with_rights = with_limit | bit_set({types::call_gate16, types::task_gate, types::call_gate32});

std::optional<Descriptor> find_visible(Cpu& cpu, u16 selector, u32 system_types) {
    const std::optional<Descriptor> d = find_descriptor(cpu, selector);
    if (!d || !visible(cpu, selector, *d) || (!d->is_code_or_data() && !(system_types >> d->type() & 1)))
        return std::nullopt;
    return d;
}

} // namespace

void load_segment(Cpu& cpu, SegmentRegister r, u16 selector) {
    if (cpu.virtual8086()) [[unlikely]]
        return cpu.set_segment(r, virtual8086_segment(selector));
    if (r == SegmentRegister::ss) return load_stack_segment(cpu, selector);
    if (selector_is_null(selector)) return cpu.set_segment(r, Segment::null(selector));
    u32 address = 0;
    if (!locate_descriptor(cpu, selector, address)) [[unlikely]]
        refuse(selector);
    const Descriptor d = read_descriptor(cpu, address);
    if (!d.is_code_or_data() || !d.readable() || !visible(cpu, selector, d)) [[unlikely]]
        refuse(selector);
    if (!d.present()) [[unlikely]]
        raise(Vector::NP, selector_error(selector));
    load_checked(cpu, r, selector, address, d);
}

void load_task_register(Cpu& cpu, u16 selector) {
    if (cpu.cpl != 0 || selector_is_null(selector)) raise(Vector::GP, 0);
    u32 address = 0;
    const Descriptor d = system_descriptor(cpu, selector, address);
    if (d.type() != system_type::tss16 && d.type() != system_type::tss32) refuse(selector);
    if (!d.present()) raise(Vector::NP, selector_error(selector));
    const Descriptor busy{d.raw | u64{system_type::tss_busy} << 40};
    store_system<u8>(cpu, address + access_byte_offset, static_cast<u8>(busy.raw >> 40));
    cpu.tr = Segment::from(selector, busy);
}

void load_local_table(Cpu& cpu, u16 selector) {
    if (cpu.cpl != 0) raise(Vector::GP, 0);
    if (selector_is_null(selector)) {
        cpu.ldtr = Segment::null(selector);
        return;
    }
    u32 address = 0;
    const Descriptor d = system_descriptor(cpu, selector, address);
    if (d.type() != system_type::ldt) refuse(selector);
    if (!d.present()) raise(Vector::NP, selector_error(selector));
    cpu.ldtr = Segment::from(selector, d);
}

std::optional<u32> load_access_rights(Cpu& cpu, u16 selector, OperandSize size) {
    const std::optional<Descriptor> d = find_visible(cpu, selector, with_rights);
    if (!d) return std::nullopt;
    const auto high = static_cast<u32>(d->raw >> 32);
    return high & (size == OperandSize::Word ? 0xff00 : 0xffff00);
}

std::optional<u32> load_segment_limit(Cpu& cpu, u16 selector) {
    const std::optional<Descriptor> d = find_visible(cpu, selector, with_limit);
    return d ? std::optional<u32>(d->limit()) : std::nullopt;
}

bool verify_read(Cpu& cpu, u16 selector) {
    const std::optional<Descriptor> d = find_visible(cpu, selector, 0);
    return d && d->readable();
}

bool verify_write(Cpu& cpu, u16 selector) {
    const std::optional<Descriptor> d = find_visible(cpu, selector, 0);
    return d && d->writable();
}

} // namespace trapgate::cpu::protect
