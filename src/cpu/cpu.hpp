// SPDX-License-Identifier: MIT
// The processor: its architectural state, and beside it what the engine needs to run fast.
// Source: [SDM1] "Basic Execution Environment"; [SDM3] "System Architecture Overview".
#pragma once

#include "base/types.hpp"
#include "cpu/debug_stops.hpp"
#include "cpu/fault.hpp"
#include "cpu/flags.hpp"
#include "cpu/model.hpp"
#include "cpu/segment.hpp"
#include "cpu/sse_state.hpp"
#include "cpu/x87_state.hpp"
#include "mmu/bus.hpp"
#include "mmu/page_walk.hpp"
#include "mmu/tlb.hpp"
#include "trace/event.hpp"

#include <array>
#include <cstring>

namespace trapgate::cpu {

namespace isa {
struct Insn;
}
namespace protect {
struct StepLists;
}
namespace engine {
struct Link;
struct JumpCache;
}

enum class Gpr : u8 { eax, ecx, edx, ebx, esp, ebp, esi, edi };

namespace cr0 {
constexpr u32 pe = 1u << 0, mp = 1u << 1, em = 1u << 2, ts = 1u << 3, et = 1u << 4, ne = 1u << 5, wp = 1u << 16,
              am = 1u << 18, nw = 1u << 29, cd = 1u << 30, pg = 1u << 31;
}
namespace cr4 {
constexpr u32 vme = 1u << 0, pvi = 1u << 1, tsd = 1u << 2, de = 1u << 3, pse = 1u << 4, pae = 1u << 5,
              mce = 1u << 6, pge = 1u << 7, osfxsr = 1u << 9, osxmmexcpt = 1u << 10;
}
namespace msr {
constexpr u32 tsc = 0x10, sysenter_cs = 0x174, sysenter_esp = 0x175, sysenter_eip = 0x176;
}

/// GDTR and IDTR.
struct TableRegister {
    u32 base = 0;
    u16 limit = 0xffff;
};

/// Everything a program, a kernel or a snapshot can know of the processor.
struct State {
    std::array<u32, 9> gpr{}; ///< EAX ECX EDX EBX ESP EBP ESI EDI, and a ninth that is always 0 (no base, no index)
    u32 eip = 0;
    Flags flags;
    std::array<Segment, segment_registers> segments{}; ///< index: SegmentRegister
    Segment ldtr;
    Segment tr;
    TableRegister gdtr;
    TableRegister idtr;
    u32 cr0 = 0;
    u32 cr2 = 0;
    u32 cr3 = 0;
    u32 cr4 = 0;
    std::array<u32, 8> dr{0, 0, 0, 0, 0, 0, 0xffff0ff0, 0x400}; ///< DR4 and DR5 unused
    u32 sysenter_cs = 0;
    u32 sysenter_esp = 0;
    u32 sysenter_eip = 0;
    u64 tsc_offset = 0; ///< TSC = clock + this
    X87State x87;
    SseState sse;
    u8 cpl = 0;
    bool halted = false;
    bool interrupt_shadow = false; ///< STI or MOV SS came just before: no interrupt before the next instruction
    bool debug_shadow = false; ///< MOV SS or POP SS came just before: no #DB before the end of the next instruction
    u64 instructions = 0; ///< instructions retired since reset, deliveries of exceptions and interrupts included
};

/// Tells the processor of external interrupts. Implemented by whoever owns the interrupt controllers.
class InterruptController {
  public:
    virtual ~InterruptController() = default;
    /// INTR is asserted.
    virtual bool requested() = 0;
    /// The acknowledge cycle: gives the vector.
    virtual u8 acknowledge() = 0;
};

/// Knows which pages hold decoded code. Implemented by the engine.
class CodeGuard {
  public:
    virtual ~CodeGuard() = default;
    virtual bool holds_code(PhysicalAddress page) const = 0;
    /// Called before a store to a page that holds code: drops what the store changes.
    /// Throws CodeChange if that is the rest of the running block.
    virtual void before_store(PhysicalAddress address, u32 size) = 0;
    /// Throws CodeChange if the running instruction is one of several: it will be run again, alone.
    virtual void require_alone() = 0;
};

/// What waits in Cpu::debug_hits for the next #DB: bits of DR6, and a note.
namespace pending_debug {
constexpr u32 single_step = 1u << 14; ///< DR6.BS
constexpr u32 unfinished = 1u << 31;  ///< the instruction is a REP between two elements: the frame gets RF
} // namespace pending_debug

/// What a block of decoded code depends on besides its bytes.
namespace mode {
constexpr u8 code32 = 1;  ///< CS.D
constexpr u8 stack32 = 2; ///< SS.B
constexpr u8 flat = 4;    ///< DS, ES and SS writable, CS, all with base 0 and limit 4 GB
constexpr u8 user = 8;    ///< CPL 3
} // namespace mode

struct Cpu : State {
    Cpu(mmu::Bus& bus, const Model& model);
    Cpu(const Cpu&) = delete;
    Cpu& operator=(const Cpu&) = delete;

    // --- Engine side: the hot members first --------------------------------------------------
    mmu::Tlb* tlb = nullptr; ///< the one for the current CPL, never null after reset()
    u64 deadline = 0;        ///< leave the blocks when `instructions` would pass this; 0 asks for attention at once
    u64 translation_epoch = 1; ///< changes whenever a linear address may lead elsewhere
    /// The instruction that is being executed, as far as it can fault or ask the time; null between instructions.
    const isa::Insn* current = nullptr;
    engine::Link* open_link = nullptr;       ///< where the engine shall note the block it finds for `eip`
    engine::JumpCache* jump_cache = nullptr; ///< targets of indirect jumps
    u8 mode = 0;                             ///< mode:: bits; keep true with update_mode()
    bool attention = false;                  ///< the engine shall return to its caller
    u32 debug_hits = 0;   ///< pending_debug:: of the current or the last instruction: #DB is still to come
    bool watched = false; ///< TLB entries are filled so that every access takes the slow path
    bool alignment_checked = false; ///< CR0.AM, EFLAGS.AC and CPL 3
    std::array<mmu::Tlb, 2> tlbs;   ///< [0] supervisor, [1] user

    mmu::Bus& bus;
    u8* ram; ///< the host's pointer to physical address 0
    Model model;
    trace::Observer* observer = nullptr; ///< sees accesses and micro-steps, only while `watched`
    /// Told of each Transfer, and of nothing else, whether the processor is watched or not: cheap enough for whole runs.
    trace::Observer* transfer_observer = nullptr;
    CodeGuard* code_guard = nullptr;
    InterruptController* interrupt_controller = nullptr;
    DebugStops* stops = nullptr;          ///< a debugger's breakpoints and watchpoints
    const protect::StepLists* step_lists; ///< the lists of micro-steps; tests may put in altered ones

    /// Clocks passed, exact even in the middle of a block (for whoever is called by an instruction).
    u64 now() const;

    u32& reg(Gpr r) { return gpr[static_cast<u8>(r)]; }
    u32 reg(Gpr r) const { return gpr[static_cast<u8>(r)]; }
    Segment& segment(SegmentRegister r) { return segments[static_cast<u8>(r)]; }
    const Segment& segment(SegmentRegister r) const { return segments[static_cast<u8>(r)]; }

    /// A general register as part of type T; `offset` is its byte offset in `gpr` (AH is 1, CH 5, …).
    template <class T> T get(u8 offset) const {
        T value;
        std::memcpy(&value, reinterpret_cast<const u8*>(gpr.data()) + offset, sizeof(T));
        return value;
    }
    template <class T> void set(u8 offset, T value) {
        std::memcpy(reinterpret_cast<u8*>(gpr.data()) + offset, &value, sizeof(T));
    }

    // --- Changes of state that other state depends on ----------------------------------------
    void set_cpl(u8 cpl);
    /// Puts a loaded descriptor (or null) into a segment register and keeps `mode` true. Does not check anything.
    void set_segment(SegmentRegister r, const Segment& value);
    void set_cr0(u32 value); ///< no checks; throws Unimplemented for real mode
    void set_cr3(u32 value);
    void set_cr4(u32 value);
    void set_eflags(
        u32 image); ///< all bits, no privilege rules; throws Unimplemented if VM changes: only transfers do that
    void flush_tlb(bool keep_global);
    void flush_tlb_page(u32 linear);
    /// Recomputes `mode` and `alignment_checked`.
    void update_mode();
    /// The state after RESET, except that `Machine` sets up protected mode for multiboot.
    void reset();

    mmu::PagingMode paging_mode() const { return {cr3, (cr0 & cr0::wp) != 0, (cr4 & cr4::pse) != 0}; }
    bool paging() const { return cr0 & cr0::pg; }
    bool virtual8086() const { return flags.test_system(eflags::vm); }
    /// Makes the engine return to its caller at the next block boundary (after an instruction that leaves its block, at once).
    void request_attention() {
        attention = true;
        deadline = 0;
    }
    /// Some breakpoint of DR7 is enabled.
    bool debug_enabled() const { return dr[7] & 0xff; }
};

} // namespace trapgate::cpu
