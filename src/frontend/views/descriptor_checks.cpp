// SPDX-License-Identifier: MIT
#include "frontend/views/descriptor_checks.hpp"

#include "cpu/protect/describe.hpp"
#include "cpu/protect/descriptors.hpp"

#include <fmt/format.h>

namespace trapgate::frontend::views {

namespace {

using cpu::Cpu;
using cpu::Descriptor;
namespace type = cpu::protect::system_type;

constexpr u32 descriptor_bytes = 8;
constexpr u8 present_bit = 0x80, dpl_bits = 0x60, type_bits = 0x0f, code_bit = 0x08;
constexpr u32 dpl_shift = 5;
/// What the kernel's own segments and stack are needed for once more.
constexpr std::string_view double_fault = "; but the handler of that fault needs the same segment: #DF";

struct Checked {
    const Cpu& cpu;
    const kernel::GuestMemory& memory;
    u8 vector;
    u8 cpl;
    u32 gate_address;
    Descriptor gate;
    std::vector<DescriptorCheck> checks;

    std::string of_vector() const {
        return fmt::format("({:x}h << 3) | 2: vector {:x}h, IDT bit set, EXT 0", vector, vector);
    }
    u32 error() const { return vector * 8u + 2; }
    u8 access_byte(u32 descriptor) const {
        return memory.get<u8>(descriptor + cpu::protect::access_byte_offset).value_or(0);
    }
    ByteEdit access_edit(u32 descriptor, u8 clear, u8 set) const {
        return {descriptor + cpu::protect::access_byte_offset,
                static_cast<u8>((access_byte(descriptor) & ~clear) | set)};
    }
};

void check_table(Checked& c) {
    const u32 last = c.vector * descriptor_bytes + descriptor_bytes - 1;
    DescriptorCheck check;
    check.name = "vector inside the IDT";
    check.here = fmt::format("{:x}h * 8 + 7 = {:x} <= {:x}", c.vector, last, c.cpu.idtr.limit);
    check.passes = last <= c.cpu.idtr.limit;
    check.outcome = fmt::format("#GP({:x})", c.error());
    check.because = c.of_vector();
    c.checks.push_back(check);
}

bool is_gate(u8 gate_type) {
    return gate_type == type::task_gate || gate_type == type::interrupt_gate16 || gate_type == type::trap_gate16 ||
           gate_type == type::interrupt_gate32 || gate_type == type::trap_gate32;
}

void check_gate(Checked& c) {
    const Descriptor gate = c.gate;
    DescriptorCheck kind;
    kind.name = "S = 0, type 5 6 7 E F";
    kind.here = fmt::format("S {}, type {:X}: {}", int{gate.is_code_or_data()}, gate.type(),
                            cpu::protect::descriptor_kind(gate));
    kind.passes = !gate.is_code_or_data() && is_gate(gate.type());
    kind.change = "type := C";
    kind.outcome = fmt::format("#GP({:x})", c.error());
    kind.because = c.of_vector();
    kind.edit = c.access_edit(c.gate_address, type_bits, type::call_gate32);
    c.checks.push_back(kind);

    DescriptorCheck dpl;
    dpl.name = "INT n: gate.DPL >= CPL";
    dpl.here = fmt::format("{} >= {}", gate.dpl(), c.cpl);
    dpl.passes = gate.dpl() >= c.cpl;
    const u8 other = c.cpl > 0 && dpl.passes ? 0 : 3;
    if (c.cpl > 0) {
        dpl.change = fmt::format("DPL := {}", other);
        dpl.edit = c.access_edit(c.gate_address, dpl_bits, static_cast<u8>(other << dpl_shift));
    }
    dpl.outcome = fmt::format("#GP({:x})", c.error());
    dpl.because = c.of_vector();
    c.checks.push_back(dpl);

    DescriptorCheck present;
    present.name = "gate.P = 1";
    present.here = fmt::format("{}", int{gate.present()});
    present.passes = gate.present();
    present.change = "P := 0";
    present.outcome = fmt::format("#NP({:x})", c.error());
    present.because = c.of_vector();
    present.edit = c.access_edit(c.gate_address, present_bit, 0);
    c.checks.push_back(present);
}

void check_target_selector(Checked& c, u16 selector) {
    DescriptorCheck null;
    null.name = "target is not null";
    null.here = fmt::format("{:04x}", selector);
    null.passes = !cpu::selector_is_null(selector);
    null.change = "selector := 0";
    null.outcome = "#GP(0)";
    null.because = "there is no selector to name";
    if (selector < 0x100) null.edit = ByteEdit{c.gate_address + 2, 0};
    c.checks.push_back(null);

    u32 address = 0;
    DescriptorCheck inside;
    inside.name = "target inside its table";
    inside.passes = cpu::protect::locate_descriptor(c.cpu, selector, address);
    inside.here = fmt::format("{:x} + 7 <= {:x}", selector & ~7u,
                              cpu::selector_in_ldt(selector) ? c.cpu.ldtr.limit : u32{c.cpu.gdtr.limit});
    inside.outcome = fmt::format("#GP({:x})", cpu::protect::selector_error(selector));
    inside.because = "the selector, RPL taken off, EXT 0";
    c.checks.push_back(inside);
}

void check_target(Checked& c, u16 selector) {
    u32 address = 0;
    if (!cpu::protect::locate_descriptor(c.cpu, selector, address)) return;
    const auto raw = c.memory.get<u64>(address);
    if (!raw) return;
    const Descriptor target{*raw};
    const std::string by_selector = fmt::format("({:x})", cpu::protect::selector_error(selector));
    const std::string named = fmt::format("selector {:04x}, EXT 0{}", selector & ~3u, double_fault);

    DescriptorCheck code;
    code.name = "target is code, DPL <= CPL";
    code.here = fmt::format("{}, {} <= {}", cpu::protect::descriptor_kind(target), target.dpl(), c.cpl);
    code.passes = target.is_code() && target.dpl() <= c.cpl;
    code.change = "type := data";
    code.outcome = "#GP" + by_selector;
    code.because = named;
    code.edit = c.access_edit(address, code_bit, 0);
    c.checks.push_back(code);

    DescriptorCheck present;
    present.name = "target.P = 1";
    present.here = fmt::format("{}", int{target.present()});
    present.passes = target.present();
    present.change = "P := 0";
    present.outcome = "#NP" + by_selector;
    present.because = named;
    present.edit = c.access_edit(address, present_bit, 0);
    c.checks.push_back(present);
}

void check_stack(Checked& c, u16 selector) {
    u32 address = 0;
    if (!cpu::protect::locate_descriptor(c.cpu, selector, address)) return;
    const Descriptor target{c.memory.get<u64>(address).value_or(0)};
    if (!target.is_code() || target.conforming() || target.dpl() >= c.cpl) return;
    constexpr u32 ss0_offset = 8, level_bytes = 8;
    const u32 at = c.cpu.tr.base + ss0_offset + target.dpl() * level_bytes;
    const u16 ss = c.memory.get<u16>(at).value_or(0);
    u32 stack_address = 0;
    const bool found = !cpu::selector_is_null(ss) && cpu::protect::locate_descriptor(c.cpu, ss, stack_address);
    const Descriptor stack{found ? c.memory.get<u64>(stack_address).value_or(0) : 0};

    DescriptorCheck fits;
    fits.name = fmt::format("ss{} writable, RPL=DPL={}", target.dpl(), target.dpl());
    fits.here = fmt::format("{:04x}: {}, DPL {}", ss, cpu::protect::descriptor_kind(stack), stack.dpl());
    fits.passes = found && stack.writable() && stack.dpl() == target.dpl() && cpu::selector_rpl(ss) == target.dpl();
    fits.change = "ss0 := 0";
    fits.outcome = "#TS(0)";
    fits.because = fmt::format("the TSS is wrong, and there is no selector to name{}", double_fault);
    if (ss < 0x100) fits.edit = ByteEdit{at, 0};
    c.checks.push_back(fits);
    if (!found) return;

    DescriptorCheck present;
    present.name = "stack segment P = 1";
    present.here = fmt::format("{}", int{stack.present()});
    present.passes = stack.present();
    present.change = "P := 0";
    present.outcome = fmt::format("#SS({:x})", cpu::protect::selector_error(ss));
    present.because = fmt::format("selector {:04x}, EXT 0{}", ss & ~3u, double_fault);
    present.edit = c.access_edit(stack_address, present_bit, 0);
    c.checks.push_back(present);
}

std::string raised(std::string_view vector, u16 selector) {
    return fmt::format("#{}({:x})", vector, cpu::protect::selector_error(selector));
}

std::string load_code(Descriptor d, u16 selector, u8 cpl) {
    if (!d.is_code()) return raised("GP", selector);
    const u8 rpl = cpu::selector_rpl(selector);
    const bool allowed = d.conforming() ? d.dpl() <= cpl : rpl <= cpl && d.dpl() == cpl;
    if (!allowed) return raised("GP", selector);
    return d.present() ? "" : raised("NP", selector);
}

} // namespace

std::vector<DescriptorCheck> interrupt_checks(const Cpu& cpu, const kernel::GuestMemory& memory, u8 vector,
                                              u8 cpl) {
    Checked c{cpu, memory, vector, cpl, cpu.idtr.base + vector * descriptor_bytes, {}, {}};
    check_table(c);
    if (!c.checks.back().passes) return c.checks;
    c.gate.raw = memory.get<u64>(c.gate_address).value_or(0);
    check_gate(c);
    if (c.gate.type() == type::task_gate || c.gate.is_code_or_data() || !is_gate(c.gate.type())) return c.checks;
    const u16 selector = c.gate.gate_selector();
    check_target_selector(c, selector);
    if (!c.checks.back().passes) return c.checks;
    check_target(c, selector);
    check_stack(c, selector);
    return c.checks;
}

std::string load_outcome(Descriptor d, u16 selector, u8 cpl, LoadTarget target) {
    const u8 rpl = cpu::selector_rpl(selector);
    switch (target) {
    case LoadTarget::Code: return load_code(d, selector, cpl);
    case LoadTarget::Stack:
        if (rpl != cpl || !d.writable() || d.dpl() != cpl) return raised("GP", selector);
        return d.present() ? "" : raised("SS", selector);
    case LoadTarget::Data: break;
    }
    if (!d.is_code_or_data() || !d.readable()) return raised("GP", selector);
    if (!(d.is_code() && d.conforming()) && (rpl > d.dpl() || cpl > d.dpl())) return raised("GP", selector);
    return d.present() ? "" : raised("NP", selector);
}

} // namespace trapgate::frontend::views
