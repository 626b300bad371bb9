// SPDX-License-Identifier: MIT
// The outer loop: interrupts, blocks, faults, single steps.
// Source: [SDM3] "Priority Among Simultaneous Exceptions and Interrupts", "Single-Step Exception Condition",
// "Instruction-Breakpoint Exception Condition".
#pragma once

#include "cpu/engine/dispatch.hpp"
#include "cpu/engine/engine.hpp"
#include "cpu/isa/table.hpp"
#include "cpu/memory.hpp"
#include "cpu/protect/debug.hpp"
#include "cpu/protect/flag_rules.hpp"
#include "cpu/protect/protect.hpp"
#include "cpu/timing/unit.hpp"

#include <utility>

namespace trapgate::cpu::engine {

/// The policy of a run that nobody watches.
struct Unwatched {
    static constexpr bool watches = false;
};
/// The policy of a run with an observer.
struct Watched {
    static constexpr bool watches = true;
    trace::Observer& observer;
};

template <class Timing, class Watch> class Loop {
    static_assert(!Timing::counts_clocks, "clock-counting models come with their own retire step");

  public:
    Loop(Cpu& cpu, BlockCache& blocks, u64 until, Watch watch)
        : cpu_(cpu), blocks_(blocks), until_(until), watch_(watch) {}

    Stop run() {
        for (;;) {
            if (cpu_.attention) {
                cpu_.attention = false;
                return {StopReason::Attention};
            }
            if (cpu_.instructions >= until_)
                return {StopReason::Limit}; // a delivery counts too: it waits for the next run
            if (interrupt_due() && !debug_trap_due()) {
                if (!take_interrupt()) return {StopReason::TripleFault};
                continue; // the limit, or its frame was waited for
            }
            if (cpu_.halted) return {StopReason::Halted};
            if (const Stop stop = step(); stop.reason != StopReason::Limit) return stop;
        }
    }

  private:
    bool interrupt_due() {
        return cpu_.flags.test_system(eflags::if_) && !cpu_.interrupt_shadow && cpu_.interrupt_controller &&
               cpu_.interrupt_controller->requested();
    }

    /// A #DB of the class of traps waits for the end of its instruction, and is older than any interrupt.
    bool debug_trap_due() const { return cpu_.debug_hits && !cpu_.debug_shadow; }

    bool take_interrupt() {
        const u8 vector = cpu_.interrupt_controller->acknowledge();
        cpu_.halted = false;
        cpu_.open_link = nullptr; // it leads to where we were interrupted, not to the handler
        if constexpr (Watch::watches) watch_.observer.on(trace::InterruptAcknowledge{vector});
        ++cpu_.instructions;
        return protect::deliver_external(cpu_, vector) == protect::Delivery::Delivered;
    }

    /// One block, or one instruction, with whatever fault comes out of it. Limit: go on.
    Stop step() {
        Block* block = nullptr;
        try {
            if (debug_trap_due()) [[unlikely]]
                raise_debug_trap();
            if (cpu_.flags.test_system(eflags::vip)) [[unlikely]]
                protect::check_virtual_interrupt(cpu_);
            const bool alone = Watch::watches || alone_next_ || needs_single_step();
            alone_next_ = false;
            block = choose_block(alone);
            if (block->stop && stops_here()) [[unlikely]]
                return {StopReason::Breakpoint};
            if (block->key.plain)
                run_alone(block);
            else
                run_blocks(block);
        } catch (const Fault& fault) {
            rewind(fault.committed);
            cpu_.open_link = nullptr;
            if (!deliver(fault)) return {StopReason::TripleFault};
        } catch (const CodeChange&) {
            rewind(false);
            cpu_.open_link = nullptr;
            alone_next_ = true;
        } catch (const Unimplemented& missing) {
            rewind(false);
            cpu_.open_link = nullptr;
            return {StopReason::Unimplemented, missing.what};
        }
        return {StopReason::Limit};
    }

    bool stops_here() const { return cpu_.stops && cpu_.stops->active && cpu_.stops->pass != cpu_.instructions; }

    bool needs_single_step() const {
        return cpu_.interrupt_shadow || cpu_.flags.test_system(eflags::tf | eflags::rf) || cpu_.debug_enabled();
    }

    /// Near the end of the run blocks that are too long give way to single instructions.
    Block* choose_block(bool alone) {
        Block* block = blocks_.at_eip(alone);
        if (Link* link = cpu_.open_link) {
            cpu_.open_link = nullptr;
            blocks_.remember(*link, block);
        } else {
            blocks_.remember_jump(block);
        }
        if (!alone && cpu_.instructions + block->count > until_) block = blocks_.at_eip(true);
        return block;
    }

    void run_blocks(Block* block) {
        cpu_.deadline = until_;
        run_handlers(cpu_, block->insns);
        cpu_.current = nullptr;
    }

    void run_alone(Block* block) {
        const isa::Insn& insn = block->insns[0];
        const bool shadow = cpu_.interrupt_shadow, debug_shadow = cpu_.debug_shadow;
        const bool trap_flag = cpu_.flags.test_system(eflags::tf);
        const bool resume = cpu_.flags.test_system(eflags::rf);
        if (cpu_.debug_enabled() && !resume && !debug_shadow)
            protect::check_instruction_breakpoints(cpu_); // throws #DB
        const trace::Retired retired{cpu_.instructions, cpu_.eip,    {u64{block->key.cs_base + cpu_.eip}},
                                     insn.row,          insn.length, cpu_.cpl};
        cpu_.interrupt_shadow = cpu_.debug_shadow = false;
        cpu_.deadline = 0; // no link is followed
        try {
            run_handlers(cpu_, &insn);
        } catch (...) {
            cpu_.interrupt_shadow = shadow;
            cpu_.debug_shadow = debug_shadow;
            throw;
        }
        cpu_.current = nullptr;
        cpu_.open_link = nullptr;
        if (resume && !restores_flags(insn)) cpu_.flags.set_system_bit(eflags::rf, false);
        if constexpr (Watch::watches) watch_.observer.on(retired);
        trap_after(insn, trap_flag);
    }

    static bool restores_flags(const isa::Insn& insn) {
        return insn.row != isa::no_row && isa::row(insn.row).opcode == 0xcf;
    }

    /// #DB for what the last instruction, or the delivery of an exception or interrupt, has left pending.
    [[noreturn]] void raise_debug_trap() {
        const u32 pending = std::exchange(cpu_.debug_hits, 0);
        cpu_.dr[6] |= pending & ~pending_debug::unfinished;
        Fault fault{Vector::DB, 0, 0, true};
        fault.unfinished = pending & pending_debug::unfinished;
        throw fault;
    }

    /// #DB after an instruction that began with TF set, or that touched a data breakpoint: it pends, as a step of its own.
    /// After MOV SS it waits one instruction longer.
    void trap_after(const isa::Insn& insn, bool trap_flag) {
        if (cpu_.debug_shadow) return;
        if (trap_flag && !enters_gate(cpu_, insn)) {
            cpu_.debug_hits |= pending_debug::single_step;
            cpu_.halted = false; // HLT does not sleep over its own trap
        }
        if (cpu_.debug_hits && is_unfinished_string(insn)) cpu_.debug_hits |= pending_debug::unfinished;
    }

    /// A REP between two elements: EIP still points to it. [SDM3] "Instruction-Breakpoint Exception Condition" on RF.
    bool is_unfinished_string(const isa::Insn& insn) const {
        if (insn.row == isa::no_row || cpu_.eip != Block::of(&insn).eip_of(&insn)) return false;
        const u16 opcode = isa::row(insn.row).opcode;
        return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xa4 && opcode <= 0xaf);
    }

    /// INT n and its kin clear TF when they enter their gate, and with it the trap.
    static bool enters_gate(const Cpu& cpu, const isa::Insn& insn) {
        if (insn.row == isa::no_row) return false;
        const u16 opcode = isa::row(insn.row).opcode;
        return opcode == 0xcc || opcode == 0xcd || opcode == 0xf1 || (opcode == 0xce && cpu.flags.of());
    }

    /// Back to the instruction that did not complete.
    void rewind(bool committed) {
        if (const isa::Insn* insn = cpu_.current) {
            cpu_.instructions += insn->index;
            if (!committed) cpu_.eip = Block::of(insn).eip_of(insn);
        }
        cpu_.current = nullptr;
    }

    bool deliver(const Fault& fault) {
        ++cpu_.instructions;
        cpu_.debug_hits = 0; // the instruction will be run again and touch them again
        return protect::deliver(cpu_, fault) == protect::Delivery::Delivered;
    }

    Cpu& cpu_;
    BlockCache& blocks_;
    const u64 until_;
    Watch watch_;
    bool alone_next_ = false;
};

} // namespace trapgate::cpu::engine
