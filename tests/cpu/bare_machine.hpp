// SPDX-License-Identifier: MIT
// A processor with RAM and nothing else: tables like Linux', no engine, no devices. Tests call the transfers directly.
//
//   1000 GDT   2000 IDT   3000 TSS   3800 other TSS   4000 LDT   5000 16-bit TSS
//   7000–8fff kernel stack (esp0 = 9000)   a000–afff user stack   c000 user code   d000 handlers
//   10000 page directory, 11000 page table (identity, 4 MB) once enable_paging() has been called
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/memory.hpp"
#include "cpu/protect/descriptors.hpp"
#include "cpu/protect/protect.hpp"
#include "cpu/protect/step_lists.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace trapgate::tests {

using namespace trapgate::cpu;
namespace protect = trapgate::cpu::protect;

namespace at {
constexpr u32 gdt = 0x1000, idt = 0x2000, tss = 0x3000, other_tss = 0x3800, ldt = 0x4000, tss16 = 0x5000,
              kernel_stack = 0x9000, other_stack = 0x9800, user_stack = 0xb000, user_code = 0xc000,
              handler = 0xd000, page_directory = 0x10000, page_table = 0x11000;
} // namespace at

namespace selector {
constexpr u16 kernel_cs = 0x60, kernel_ds = 0x68, user_cs = 0x73, user_ds = 0x7b, tss = 0x80, ldt = 0x88,
              other_tss = 0x90, tss16 = 0x98, spare = 0xa0, conforming_cs = 0xa8, spare2 = 0xb0, level1_cs = 0xb9,
              level1_ds = 0xc1;
} // namespace selector

/// A code or data descriptor; `access` is the byte with P, DPL, S and the type; 32-bit, page granular if `limit` needs it.
constexpr u64 descriptor(u32 base, u32 limit, u8 access, bool big = true) {
    const bool granular = limit > 0xfffff;
    const u64 field = granular ? limit >> 12 : limit;
    const u64 flags = (granular ? 8u : 0u) | (big ? 4u : 0u);
    return (field & 0xffff) | u64{base & 0xffffff} << 16 | u64{access} << 40 | (field >> 16) << 48 | flags << 52 |
           u64{base >> 24} << 56;
}

/// A gate; `access` holds P, DPL and the type.
constexpr u64 gate(u16 code, u32 offset, u8 access, u8 parameters = 0) {
    return (offset & 0xffff) | u64{code} << 16 | u64{parameters} << 32 | u64{access} << 40 |
           u64{offset >> 16} << 48;
}

namespace access {
constexpr u8 code0 = 0x9b, data0 = 0x93, code3 = 0xfb, data3 = 0xf3, conforming0 = 0x9f, tss = 0x89,
             busy_tss = 0x8b, ldt = 0x82, interrupt_gate = 0x8e, trap_gate = 0x8f, user_trap_gate = 0xef,
             task_gate = 0x85;
} // namespace access

struct BareMachine {
    mmu::PhysicalMemory memory{0x40000};
    mmu::Bus bus{memory};
    Cpu cpu{bus, model_i686};

    BareMachine() {
        cpu.gdtr = {at::gdt, 0xff};
        cpu.idtr = {at::idt, 0x7ff};
        set_gdt(selector::kernel_cs, descriptor(0, 0xffffffff, access::code0));
        set_gdt(selector::kernel_ds, descriptor(0, 0xffffffff, access::data0));
        set_gdt(selector::user_cs, descriptor(0, 0xffffffff, access::code3));
        set_gdt(selector::user_ds, descriptor(0, 0xffffffff, access::data3));
        set_gdt(selector::tss, descriptor(at::tss, 0xff, access::tss, false));
        set_gdt(selector::ldt, descriptor(at::ldt, 0x3f, access::ldt, false));
        set_gdt(selector::other_tss, descriptor(at::other_tss, 0x67, access::tss, false));
        set_gdt(selector::tss16, descriptor(at::tss16, 0x2b, 0x81, false));
        set_gdt(selector::conforming_cs, descriptor(0, 0xffffffff, access::conforming0));
        set_gdt(selector::level1_cs, descriptor(0, 0xffffffff, 0xbb));
        set_gdt(selector::level1_ds, descriptor(0, 0xffffffff, 0xb3));
        put(at::tss + 4, at::kernel_stack);
        put(at::tss + 8, selector::kernel_ds);
        put(at::tss + 12, at::other_stack);
        put(at::tss + 16, selector::level1_ds);
        put16(at::tss + 0x66, 0x68);
        for (u32 vector = 0; vector < 256; ++vector)
            set_idt(static_cast<u8>(vector), gate(selector::kernel_cs, handler(vector), access::interrupt_gate));
        set_idt(0x80, gate(selector::kernel_cs, handler(0x80), access::user_trap_gate));
        protect::load_task_register(cpu, selector::tss);
        protect::load_local_table(cpu, selector::ldt);
        enter_kernel();
    }

    static constexpr u32 handler(u32 vector) { return at::handler + vector * 16; }

    // --- Memory ----------------------------------------------------------------------------------
    void put_bytes(u32 address, const void* data, u32 size) {
        memory.write({address}, {static_cast<const u8*>(data), size}, mmu::Writer::Loader);
    }
    void put(u32 address, u32 value) { put_bytes(address, &value, 4); }
    void put16(u32 address, u16 value) { put_bytes(address, &value, 2); }
    void put64(u32 address, u64 value) { put_bytes(address, &value, 8); }
    u64 word64(u32 address) const {
        u64 value;
        std::memcpy(&value, memory.bytes().data() + address, 8);
        return value;
    }
    u32 word(u32 address) const { return static_cast<u32>(word64(address)); }
    u16 word16(u32 address) const { return static_cast<u16>(word64(address)); }
    void set_gdt(u16 which, u64 raw) { put64(at::gdt + (which & ~7u), raw); }
    u64 gdt(u16 which) const { return word64(at::gdt + (which & ~7u)); }
    void set_idt(u8 vector, u64 raw) { put64(at::idt + vector * 8u, raw); }

    // --- Where the processor stands ---------------------------------------------------------------
    void put_segment(SegmentRegister r, u16 which) { cpu.segment(r) = Segment::from(which, {gdt(which)}); }
    void stand(u16 code, u16 data, u32 eip, u32 esp, u8 cpl) {
        put_segment(SegmentRegister::cs, code);
        for (const auto r : {SegmentRegister::ss, SegmentRegister::ds, SegmentRegister::es}) put_segment(r, data);
        cpu.segment(SegmentRegister::fs) = cpu.segment(SegmentRegister::gs) = Segment::null(0);
        cpu.eip = eip;
        cpu.reg(Gpr::esp) = esp;
        cpu.set_eflags(0x202);
        cpu.set_cpl(cpl);
    }
    void enter_user() { stand(selector::user_cs, selector::user_ds, at::user_code, at::user_stack, 3); }
    void enter_kernel() { stand(selector::kernel_cs, selector::kernel_ds, at::handler, at::kernel_stack, 0); }
    void enter_level1() { stand(selector::level1_cs, selector::level1_ds, at::handler, at::other_stack, 1); }

    u16 cs() const { return cpu.segment(SegmentRegister::cs).selector; }
    u16 ss() const { return cpu.segment(SegmentRegister::ss).selector; }
    u32 esp() const { return cpu.reg(Gpr::esp); }
    u32 eflags() const { return cpu.flags.image(); }
    /// The word `n` words above the top of the stack (base 0).
    u32 stack(u32 n) const { return word(esp() + 4 * n); }

    /// Pushes words, the first given ends on top.
    void push_words(std::initializer_list<u32> words) {
        cpu.reg(Gpr::esp) -= 4 * static_cast<u32>(words.size());
        u32 address = esp();
        for (const u32 each : words) {
            put(address, each);
            address += 4;
        }
    }

    // --- Paging ------------------------------------------------------------------------------------
    /// Identity mapping of RAM, all pages writable by everybody.
    void enable_paging() {
        put(at::page_directory, at::page_table | 7);
        for (u32 i = 0; i < memory.size() / page_size; ++i) put(at::page_table + 4 * i, i * page_size | 7);
        cpu.set_cr3(at::page_directory);
        cpu.set_cr0(cpu.cr0 | cr0::pg | cr0::wp);
    }
    void set_page(u32 address, u32 bits) {
        put(at::page_table + 4 * (address / page_size), (address & ~page_offset_mask) | bits);
        cpu.flush_tlb(false);
    }
};

/// What a transfer raised, if it did.
template <class Body> std::optional<Fault> fault_of(Body body) {
    try {
        body();
        return std::nullopt;
    } catch (const Fault& fault) {
        return fault;
    }
}

inline bool same_segment(const Segment& a, const Segment& b) {
    return a.selector == b.selector && a.base == b.base && a.limit == b.limit && a.type == b.type && a.s == b.s &&
           a.dpl == b.dpl && a.present == b.present && a.big == b.big && a.can_write == b.can_write;
}
/// Everything a transfer could change: registers and all of RAM (page tables' accessed and dirty bits masked).
struct Picture {
    std::array<u32, 9> gpr;
    u32 eip, eflags, cr0, cr3;
    u8 cpl, mode;
    std::array<Segment, segment_registers> segments;
    Segment ldtr, tr;
    u32 dr7;
    std::vector<u8> ram;

    explicit Picture(const BareMachine& m)
        : gpr(m.cpu.gpr), eip(m.cpu.eip), eflags(m.cpu.flags.image()), cr0(m.cpu.cr0), cr3(m.cpu.cr3),
          cpl(m.cpu.cpl), mode(m.cpu.mode), segments(m.cpu.segments), ldtr(m.cpu.ldtr), tr(m.cpu.tr),
          dr7(m.cpu.dr[7]), ram(m.memory.bytes().begin(), m.memory.bytes().end()) {
        for (u32 entry = at::page_directory; entry < at::page_table + page_size; entry += 4)
            ram[entry] &= static_cast<u8>(~0x60);
    }
    bool operator==(const Picture& o) const {
        return gpr == o.gpr && eip == o.eip && eflags == o.eflags && cr0 == o.cr0 && cr3 == o.cr3 && cpl == o.cpl &&
               mode == o.mode && dr7 == o.dr7 && same_segment(ldtr, o.ldtr) && same_segment(tr, o.tr) &&
               ram == o.ram && std::equal(segments.begin(), segments.end(), o.segments.begin(), same_segment);
    }
};

} // namespace trapgate::tests
