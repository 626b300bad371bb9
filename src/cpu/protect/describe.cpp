// SPDX-License-Identifier: MIT
// Micro-steps in words.
#include "cpu/protect/describe.hpp"

#include "cpu/protect/stack.hpp"

#include <fmt/format.h>

namespace trapgate::cpu::protect {

namespace {

using isa::MicroStep;

u16 old_selector(const Transfer& t, SegmentRegister r) {
    return t.cpu.segment(r).selector;
}

std::string rights(Descriptor d) {
    return fmt::format("{} DPL {} P {}", descriptor_kind(d), d.dpl(), int{d.present()});
}

std::string place(u16 selector) {
    return fmt::format("{:04x} -> {}[{:02x}]", selector, selector_in_ldt(selector) ? "LDT" : "GDT", selector >> 3);
}

std::string far(u16 selector, u32 offset) {
    return fmt::format("{:04x}:{:08x}", selector, offset);
}

std::string segment_text(const Transfer& t, SegmentRegister r) {
    const Segment& segment = t.cpu.segment(r);
    return segment.present ? fmt::format("{:04x}", segment.selector) : std::string("null");
}

std::string data_segments(const Transfer& t) {
    using S = SegmentRegister;
    return fmt::format("DS {}, ES {}, FS {}, GS {}", segment_text(t, S::ds), segment_text(t, S::es),
                       segment_text(t, S::fs), segment_text(t, S::gs));
}

std::string virtual8086_selectors(const Transfer& t) {
    const auto& read = t.task.selectors;
    using S = SegmentRegister;
    const auto at = [&](S r) { return read[static_cast<u8>(r)]; };
    return fmt::format("ES {:04x}, DS {:04x}, FS {:04x}, GS {:04x}", at(S::es), at(S::ds), at(S::fs), at(S::gs));
}

/// The word on top of the stack: what a push has just written (from its source, memory is not read again).
std::string pushed(const Transfer& t, u32 value) {
    const Segment& stack = t.cpu.segment(SegmentRegister::ss);
    const u32 linear = stack.base + stack_offset(stack, t.cpu.reg(Gpr::esp));
    return fmt::format("{:08x} = {:0{}x}", linear, t.width == 4 ? value : value & 0xffff, 2 * t.width);
}

std::string level(const Transfer& t) {
    if (t.inner) return fmt::format("DPL {} < CPL {}: inner level {}", t.target.dpl(), t.cpu.cpl, t.new_cpl);
    if (t.outer) return fmt::format("RPL {} > CPL {}: outer level {}", t.new_cpl, t.cpu.cpl, t.new_cpl);
    return fmt::format("CPL {} stays, and the stack", t.cpu.cpl);
}

std::string frame(const Transfer& t, u32 words) {
    return fmt::format("{} bytes below {:08x}; EIP {:08x} <= {:08x}", words * t.width,
                       t.inner ? t.stack_pointer : t.cpu.reg(Gpr::esp), t.target_eip, t.target.limit());
}

std::string now(const Transfer& t) {
    return fmt::format("CS:EIP = {}, CPL {}", far(old_selector(t, SegmentRegister::cs), t.cpu.eip), t.cpu.cpl);
}

std::string stack_now(const Transfer& t) {
    return "SS:ESP = " + far(old_selector(t, SegmentRegister::ss), t.cpu.reg(Gpr::esp));
}

std::string eflags_now(const Transfer& t) {
    return fmt::format("EFLAGS = {:08x}", t.cpu.flags.image());
}

std::string about_gate(MicroStep step, const Transfer& t) {
    switch (step) {
    case MicroStep::idt_limit:
        return fmt::format("{:02x} * 8 + 7 = {:x}, IDTR.limit {:x}", t.vector, t.vector * 8 + 7, t.cpu.idtr.limit);
    case MicroStep::read_gate: return fmt::format("IDT[{:02x}] = {:016x}", t.vector, t.gate.raw);
    case MicroStep::gate_type:
        return fmt::format("type {:X}, S {}: {}", t.gate.type(), int{t.gate.is_code_or_data()},
                           descriptor_kind(t.gate));
    case MicroStep::gate_dpl: return fmt::format("gate.DPL {}, CPL {}", t.gate.dpl(), t.cpu.cpl);
    case MicroStep::gate_present: return fmt::format("P = {}", int{t.gate.present()});
    case MicroStep::call_gate_rights:
    case MicroStep::task_gate_rights:
        return fmt::format("{}, CPL {}, RPL {}", rights(t.gate), t.cpu.cpl, selector_rpl(t.gate_selector));
    case MicroStep::far_selector: return place(t.gate_selector);
    case MicroStep::far_descriptor:
    case MicroStep::far_code: return rights(t.gate);
    default: return {};
    }
}

std::string about_target(MicroStep step, const Transfer& t) {
    switch (step) {
    case MicroStep::target_selector:
    case MicroStep::return_selector:
    case MicroStep::task_selector: return place(t.target_selector);
    case MicroStep::target_descriptor:
    case MicroStep::return_descriptor:
    case MicroStep::jump_target:
    case MicroStep::task_descriptor:
    case MicroStep::tss_rights:
    case MicroStep::back_link_descriptor: return fmt::format("{}, CPL {}", rights(t.target), t.cpu.cpl);
    case MicroStep::handler_level:
    case MicroStep::call_level:
    case MicroStep::return_level: return level(t);
    case MicroStep::tss_stack:
        return fmt::format("SS{0}:ESP{0} = {1}", t.new_cpl, far(t.stack_selector, t.stack_pointer));
    case MicroStep::stack_descriptor:
    case MicroStep::return_stack:
        return fmt::format("{}, RPL {}, new CPL {}", rights(t.stack_descriptor), selector_rpl(t.stack_selector),
                           t.new_cpl);
    case MicroStep::virtual8086_handler: return rights(t.target);
    case MicroStep::virtual8086_frame: return frame(t, 9u + t.has_error_code);
    case MicroStep::inner_frame: return frame(t, 5u + t.has_error_code);
    case MicroStep::same_frame: return frame(t, 3u + t.has_error_code);
    case MicroStep::call_frame: return frame(t, 2);
    case MicroStep::inner_call_frame: return frame(t, 4u + t.gate.gate_parameter_count());
    case MicroStep::eip_limit: return fmt::format("EIP {:08x}, CS.limit {:08x}", t.target_eip, t.target.limit());
    case MicroStep::tss_limit: return fmt::format("new {:x}, old {:x}", t.target.limit(), t.cpu.tr.limit);
    case MicroStep::read_back_link: return fmt::format("link = {:04x}", t.target_selector);
    default: return {};
    }
}

std::string about_returns(MicroStep step, const Transfer& t) {
    switch (step) {
    case MicroStep::nested_task: return fmt::format("NT = {}", int{t.nested});
    case MicroStep::read_return_eip: return fmt::format("EIP = {:08x}", t.target_eip);
    case MicroStep::read_return_cs:
    case MicroStep::read_far_return_cs: return fmt::format("CS = {:04x}", t.target_selector);
    case MicroStep::read_return_eflags: return fmt::format("EFLAGS = {:08x}", t.eflags_image);
    case MicroStep::return_mode: return fmt::format("VM = {}", t.eflags_image >> 17 & 1);
    case MicroStep::virtual8086_iopl: return fmt::format("IOPL {}", t.cpu.flags.iopl());
    case MicroStep::redirection_map:
        return fmt::format("the bit of INT {:02x} lies at {:08x}", t.vector, t.gate_address);
    case MicroStep::redirection_bit: return t.redirected ? "0: to the program's own handler" : "1: through the IDT";
    case MicroStep::own_handler: return far(t.target_selector, t.target_eip);
    case MicroStep::own_frame: return fmt::format("6 bytes below SP {:04x}", t.cpu.reg(Gpr::esp) & 0xffff);
    case MicroStep::virtual_image: return fmt::format("FLAGS = {:04x}", t.eflags_image);
    case MicroStep::virtual_iret: return fmt::format("{} bits, IOPL {}", 8 * t.width, t.cpu.flags.iopl());
    case MicroStep::virtual_pending:
        return fmt::format("VIP {}, FLAGS = {:04x}", t.cpu.flags.test_system(eflags::vip) ? 1 : 0, t.eflags_image);
    case MicroStep::virtual8086_ip: return fmt::format("EIP {:08x}", t.target_eip);
    case MicroStep::virtual8086_pointer: return far(t.gate_selector, t.target_eip);
    case MicroStep::read_virtual8086_stack: return "SS:ESP = " + far(t.stack_selector, t.stack_pointer);
    case MicroStep::read_virtual8086_data: return virtual8086_selectors(t);
    case MicroStep::null_data_segments: return data_segments(t);
    case MicroStep::read_return_esp: return fmt::format("ESP = {:08x}", t.stack_pointer);
    case MicroStep::read_return_ss: return fmt::format("SS = {:04x}", t.stack_selector);
    case MicroStep::null_segments: return data_segments(t);
    case MicroStep::read_parameters:
    case MicroStep::copy_parameters: return fmt::format("{} words", t.gate.gate_parameter_count());
    case MicroStep::sysenter_check:
    case MicroStep::sysexit_check: return fmt::format("SYSENTER_CS_MSR = {:08x}", t.cpu.sysenter_cs);
    case MicroStep::task_debug_trap: return fmt::format("T = {}", int{t.task.debug_trap});
    default: return {};
    }
}

std::string about_commit(MicroStep step, const Transfer& t) {
    switch (step) {
    case MicroStep::push_gs: return pushed(t, old_selector(t, SegmentRegister::gs));
    case MicroStep::push_fs: return pushed(t, old_selector(t, SegmentRegister::fs));
    case MicroStep::push_ds: return pushed(t, old_selector(t, SegmentRegister::ds));
    case MicroStep::push_es: return pushed(t, old_selector(t, SegmentRegister::es));
    case MicroStep::push_ss: return pushed(t, t.old_ss);
    case MicroStep::push_esp: return pushed(t, t.old_esp);
    case MicroStep::push_eflags: return pushed(t, t.eflags_image);
    case MicroStep::push_cs: return pushed(t, old_selector(t, SegmentRegister::cs));
    case MicroStep::push_eip: return pushed(t, t.cpu.eip);
    case MicroStep::push_error_code:
    case MicroStep::task_error_code: return pushed(t, t.error_code);
    case MicroStep::switch_stack:
    case MicroStep::load_ss_esp:
    case MicroStep::load_virtual8086_segments:
    case MicroStep::release_frame:
    case MicroStep::sysenter_ss:
    case MicroStep::sysenter_esp:
    case MicroStep::sysexit_ss:
    case MicroStep::sysexit_esp:
    case MicroStep::task_ss: return stack_now(t);
    case MicroStep::trap_gate_flags:
    case MicroStep::interrupt_gate_flags:
    case MicroStep::load_eflags:
    case MicroStep::own_handler_flags:
    case MicroStep::virtual_handler_flags:
    case MicroStep::load_virtual_flags:
    case MicroStep::sysenter_flags: return eflags_now(t);
    case MicroStep::enter_handler:
    case MicroStep::enter_level:
    case MicroStep::load_cs_eip:
    case MicroStep::load_cpl:
    case MicroStep::sysenter_cs:
    case MicroStep::sysenter_eip:
    case MicroStep::sysexit_cs:
    case MicroStep::sysexit_eip:
    case MicroStep::sysexit_cpl:
    case MicroStep::load_task:
    case MicroStep::task_cs:
    case MicroStep::task_eip: return now(t);
    case MicroStep::load_tr:
    case MicroStep::save_task:
    case MicroStep::save_task_returning:
        return fmt::format("TR = {:04x}, TSS at {:08x}", t.cpu.tr.selector, t.cpu.tr.base);
    case MicroStep::old_not_busy:
    case MicroStep::new_busy:
    case MicroStep::write_back_link:
    case MicroStep::read_task:
    case MicroStep::tss_reachable: return fmt::format("TR {:04x} -> {:04x}", t.cpu.tr.selector, t.target_selector);
    case MicroStep::task_ldt: return fmt::format("LDTR = {:04x}", t.task.ldt);
    case MicroStep::task_data: return data_segments(t);
    default: return {};
    }
}

std::string system_kind(u8 type) {
    const char* const width = type & system_type::wide ? "32" : "16";
    switch (type & ~u8{system_type::wide}) {
    case system_type::tss16: return std::string("tss") + width;
    case system_type::busy_tss16: return std::string("tss") + width + " busy";
    case system_type::call_gate16: return std::string("call") + width;
    case system_type::interrupt_gate16: return std::string("int") + width;
    case system_type::trap_gate16: return std::string("trap") + width;
    default: return type == system_type::ldt ? "ldt" : type == system_type::task_gate ? "task" : "reserved";
    }
}

} // namespace

std::string descriptor_kind(Descriptor d) {
    if (!d.is_code_or_data()) return system_kind(d.type());
    const char* const what = d.is_data() ? "data" : d.conforming() ? "conforming code" : "code";
    return std::string(what) + (d.default_big() ? "32" : "16");
}

std::string describe(MicroStep step, const Transfer& t) {
    for (const auto about : {about_gate, about_target, about_returns, about_commit})
        if (std::string text = about(step, t); !text.empty()) return text;
    return {};
}

} // namespace trapgate::cpu::protect
