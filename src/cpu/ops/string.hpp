// SPDX-License-Identifier: MIT
// String instructions. With a REP prefix they run in bites of at most `bite` elements; each bite counts as one instruction and
// leaves the registers as after an interrupted REP, so that faults and interrupts can come in between. A bite ends where the
// count is a multiple of `bite`: so it ends at the same element when it had to be begun anew half way (a store to the code behind).
// Source: [SDM2] MOVS, CMPS, SCAS, LODS, STOS, INS, OUTS, "REP/REPE/REPZ/REPNE/REPNZ".
#pragma once

#include "cpu/ops/operand.hpp"
#include "cpu/protect/protect.hpp"

#include <type_traits>

namespace trapgate::cpu::ops {

constexpr u32 bite = 4096;

/// SI, DI and CX, with 16 or 32 bits as the address size says.
struct StringRegisters {
    Cpu& cpu;
    const Insn& i;
    bool wide = !(i.shape & isa::shape::address16);

    u32 get(Gpr r) const { return wide ? cpu.reg(r) : cpu.reg(r) & 0xffff; }
    void set(Gpr r, u32 value) {
        u32& whole = cpu.reg(r);
        whole = wide ? value : (whole & 0xffff0000) | (value & 0xffff);
    }
    u32 step(u32 size) const { return cpu.flags.df() ? 0 - size : size; }
    void advance(Gpr r, u32 size) { set(r, get(r) + step(size)); }
};

/// How many elements of `size` bytes from `linear` on lie in its page, at most `most`; 0 unless the TLB lets `tag` go fast.
inline u32 fast_run(const mmu::TlbEntry& entry, u32 tag, u32 linear, u32 size, u32 most) {
    if (!entry.host_minus_linear || tag != (linear & ~page_offset_mask)) return 0;
    const u32 room = (page_size - (linear & page_offset_mask)) / size;
    return room < most ? room : most;
}

/// Many elements may be done at once: flat segments, 32-bit addresses, upwards.
inline bool may_run(const Cpu& cpu, const Insn& i) {
    return (cpu.mode & mode::flat) && !(i.shape & isa::shape::address16) && !cpu.flags.df();
}

// Each does one element and moves the index registers. `run` does up to `most` elements inside one page where nobody could tell
// the difference (no fault, no watcher, no device, no code) and gives their number; 0 means: one by one.

struct Movs {
    static constexpr bool compares = false, uses_port = false;
    template <class T> static u32 run(Cpu& cpu, const Insn& i, u32 most) {
        const SegmentRegister source = segment_of(i);
        if (!may_run(cpu, i) || source == SegmentRegister::cs || source >= SegmentRegister::fs) return 0;
        u32& esi = cpu.reg(Gpr::esi);
        u32& edi = cpu.reg(Gpr::edi);
        const mmu::TlbEntry& from = cpu.tlb->entries[mmu::Tlb::index(esi)];
        const mmu::TlbEntry& to = cpu.tlb->entries[mmu::Tlb::index(edi)];
        const u32 count =
            fast_run(to, to.write_tag, edi, sizeof(T), fast_run(from, from.read_tag, esi, sizeof(T), most));
        if (count == 0) return 0;
        const u8* source_bytes = from.host_minus_linear + esi;
        u8* target_bytes = to.host_minus_linear + edi;
        const u32 bytes = count * u32{sizeof(T)};
        if (target_bytes > source_bytes && target_bytes < source_bytes + bytes)
            return 0; // repeats what it has just written
        std::memmove(target_bytes, source_bytes, bytes);
        esi += bytes;
        edi += bytes;
        return count;
    }
    template <class T> static void once(Cpu& cpu, const Insn& i, StringRegisters& r) {
        const T value = load_from<T>(cpu, segment_of(i), r.get(Gpr::esi));
        store_to<T>(cpu, SegmentRegister::es, r.get(Gpr::edi), value);
        r.advance(Gpr::esi, sizeof(T));
        r.advance(Gpr::edi, sizeof(T));
    }
};
struct Stos {
    static constexpr bool compares = false, uses_port = false;
    template <class T> static u32 run(Cpu& cpu, const Insn& i, u32 most) {
        u32& edi = cpu.reg(Gpr::edi);
        const mmu::TlbEntry& to = cpu.tlb->entries[mmu::Tlb::index(edi)];
        const u32 count = may_run(cpu, i) ? fast_run(to, to.write_tag, edi, sizeof(T), most) : 0;
        if (count == 0) return 0;
        const T value = cpu.get<T>(0);
        u8* at = to.host_minus_linear + edi;
        for (u32 n = 0; n < count; ++n, at += sizeof(T)) std::memcpy(at, &value, sizeof(T));
        edi += count * u32{sizeof(T)};
        return count;
    }
    template <class T> static void once(Cpu& cpu, const Insn&, StringRegisters& r) {
        store_to<T>(cpu, SegmentRegister::es, r.get(Gpr::edi), cpu.get<T>(0));
        r.advance(Gpr::edi, sizeof(T));
    }
};
struct Lods {
    static constexpr bool compares = false, uses_port = false;
    template <class T> static void once(Cpu& cpu, const Insn& i, StringRegisters& r) {
        cpu.set<T>(0, load_from<T>(cpu, segment_of(i), r.get(Gpr::esi)));
        r.advance(Gpr::esi, sizeof(T));
    }
};
struct Cmps {
    static constexpr bool compares = true, uses_port = false;
    template <class T> static void once(Cpu& cpu, const Insn& i, StringRegisters& r) {
        const T b = load_from<T>(cpu, SegmentRegister::es, r.get(Gpr::edi)); // first, as silicon's faults tell
        const T a = load_from<T>(cpu, segment_of(i), r.get(Gpr::esi));
        cpu.flags.set_sub<T>(a, b, static_cast<T>(a - b));
        r.advance(Gpr::esi, sizeof(T));
        r.advance(Gpr::edi, sizeof(T));
    }
};
struct Scas {
    static constexpr bool compares = true, uses_port = false;
    template <class T> static void once(Cpu& cpu, const Insn&, StringRegisters& r) {
        const T a = cpu.get<T>(0);
        const T b = load_from<T>(cpu, SegmentRegister::es, r.get(Gpr::edi));
        cpu.flags.set_sub<T>(a, b, static_cast<T>(a - b));
        r.advance(Gpr::edi, sizeof(T));
    }
};
struct Ins {
    static constexpr bool compares = false, uses_port = true;
    template <class T> static void once(Cpu& cpu, const Insn&, StringRegisters& r) {
        const u16 port = static_cast<u16>(cpu.reg(Gpr::edx));
        const u32 linear = linear_address(cpu, SegmentRegister::es, r.get(Gpr::edi), sizeof(T), Intent::Write);
        probe_write(cpu, linear, sizeof(T), Rights::Current); // a fault must not have eaten the byte
        const u32 value = cpu.bus.read_port(port, sizeof(T));
        if (cpu.observer) cpu.observer->on(trace::PortAccess{port, sizeof(T), false, value});
        store<T>(cpu, linear, static_cast<T>(value));
        r.advance(Gpr::edi, sizeof(T));
    }
};
struct Outs {
    static constexpr bool compares = false, uses_port = true;
    template <class T> static void once(Cpu& cpu, const Insn& i, StringRegisters& r) {
        const u16 port = static_cast<u16>(cpu.reg(Gpr::edx));
        const T value = load_from<T>(cpu, segment_of(i), r.get(Gpr::esi));
        if (cpu.observer) cpu.observer->on(trace::PortAccess{port, sizeof(T), true, value});
        cpu.bus.write_port(port, sizeof(T), value);
        r.advance(Gpr::esi, sizeof(T));
    }
};

/// Puts the flags back unless a repeated comparison comes to its end: a fault or trap between two elements shows them as they
/// were before the first. [SDM2] REP, "…the EFLAGS value is restored to the state prior to the execution of the instruction".
struct FlagsUntilFinished {
    Cpu& cpu;
    Flags before = cpu.flags;
    bool finished = false;
    ~FlagsUntilFinished() {
        if (!finished) cpu.flags = before;
    }
};
struct NoFlags {
    Cpu& cpu;
    bool finished = false;
};

/// One bite of a repeated string instruction. False: not finished.
template <class Op, class T> bool repeat_string(Cpu& cpu, const Insn& i, StringRegisters& r) {
    const bool repeat_while_equal = i.prefixes & isa::prefix::rep;
    std::conditional_t<Op::compares, FlagsUntilFinished, NoFlags> guard{cpu};
    // With TF set every iteration traps, so a bite is one element.
    const u32 step = cpu.flags.test_system(eflags::tf) ? 1 : bite;
    u32 count = r.get(Gpr::ecx);
    if (count == 0) return guard.finished = true;
    do {
        if constexpr (requires { Op::template run<T>(cpu, i, count); }) {
            const u32 left = (count - 1) % step + 1; // in this bite
            if (const u32 ran = Op::template run<T>(cpu, i, left)) {
                r.set(Gpr::ecx, count -= ran);
                guard.finished = count == 0;
                continue;
            }
        }
        Op::template once<T>(cpu, i, r);
        r.set(Gpr::ecx, --count);
        guard.finished = count == 0 || (Op::compares && cpu.flags.zf() != repeat_while_equal);
    } while (!guard.finished && count % step != 0);
    return guard.finished;
}

/// Runs a string instruction, or one bite of it. False: not finished, run it again.
template <class Op, class T> bool run_string(Cpu& cpu, const Insn& i) {
    StringRegisters r{cpu, i};
    if constexpr (Op::uses_port) // even if REP has nothing to do
        protect::check_port(cpu, static_cast<u16>(cpu.reg(Gpr::edx)), sizeof(T));
    if (i.prefixes & (isa::prefix::rep | isa::prefix::repne)) return repeat_string<Op, T>(cpu, i, r);
    Op::template once<T>(cpu, i, r);
    return true;
}

} // namespace trapgate::cpu::ops
