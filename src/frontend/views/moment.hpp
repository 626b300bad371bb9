// SPDX-License-Identifier: MIT
// A moment as the builders of the switch page see it: where we stand in the instruction, and what addresses are called.
#pragma once

#include "frontend/debuggee.hpp"
#include "frontend/views/views.hpp"
#include "frontend/virtual8086.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend::views {

/// A micro-step of the current instruction, whichever of its transfers it belongs to.
struct StepHere {
    const cpu::protect::RecordedTransfer* transfer;
    const cpu::protect::RecordedStep* step;
    u32 number; ///< on the axis: counted from 1 through all transfers of the instruction
};

class Moment {
  public:
    Moment(Debuggee& the_debuggee, const Options& the_options);

    Debuggee& debuggee;
    const Options& options;
    const cpu::Cpu& cpu;
    const machine::TimePoint now;
    const machine::InstructionRecord& record; ///< of the current instruction, all of it
    std::vector<StepHere> steps;              ///< all of its micro-steps
    std::optional<kernel::Task> task;
    u32 stack_top = 0;        ///< TSS.esp0; 0 if there is no TSS
    bool virtual8086 = false; ///< the frame at its top is, or will be, one of virtual-8086 code
    u32 stack_bottom = 0;     ///< of the kernel stack, if its size is known; else as far below the top as a page

    /// The step that was the last to run; null before the first.
    const StepHere* last_step() const { return now.micro ? &steps[now.micro - 1] : nullptr; }
    /// The transfer that we look at: that of the last step, or the first; null if the instruction is none.
    const cpu::protect::RecordedTransfer* transfer() const;
    /// Its steps that have run.
    u32 steps_done(const cpu::protect::RecordedTransfer& transfer) const;
    bool in_kernel_stack(u32 linear) const { return linear >= stack_bottom && linear < stack_top; }
    /// CPL before the instruction.
    u8 cpl_before() const { return record.before.cpl; }
    /// Where the code stands that has these registers, as a linear address.
    u32 linear_of(const cpu::protect::Registers& registers) const;
    /// Its instructions are the 32-bit ones: by EFLAGS.VM and the D bit of its segment as the GDT has it.
    bool is_wide(const cpu::protect::Registers& registers) const;
    /// "main+4"; in virtual-8086 mode "1000:000a".
    std::string code_place(const cpu::protect::Registers& registers) const;

    // --- Names -------------------------------------------------------------------------------------------
    /// Code: "system_call+4"; the number if it has no name.
    std::string code(u32 linear) const;
    /// Empty if it has no name.
    std::string code_name(u32 linear) const;
    /// Data: "IDT[80]", "GDT[0c]", "TSS.esp0", "pt_regs.eip", "thread_info.flags", "esp0-4", "sys_call_table+10"; empty without a name.
    std::string data_name(u32 linear) const;
    /// The same with the number: "esp0-4 = c12fdffc". In relative pictures without it.
    std::string data(u32 linear) const;
    /// A word that may be an address: as a number, in relative pictures by name if it is an address of the kernel.
    std::string word(u32 value) const;
    /// A stack pointer in short: "c12fdffc", in relative pictures "esp0-4".
    std::string stack_pointer(u32 value) const;
    /// "entry.S:153", without folders; empty if unknown.
    std::string source(u32 linear) const;
    /// The member of the frame at this offset, without the x of xds; without our kernel those words that the processor pushes.
    std::string frame_member(u32 offset) const;
    /// Base of the struct pt_regs (or kernel_vm86_regs) at the top of the kernel stack.
    u32 frame_base() const;
    u32 frame_size() const;
    /// The instruction there as text, with names in place of known addresses. `length`: its bytes, if wanted.
    std::string assembly(u32 linear, u8* length = nullptr, bool wide = true) const;
    /// The current instruction, and the one that comes after it.
    std::string assembly_here() const { return assembly(record.linear, nullptr, is_wide(record.before)); }
    std::string assembly_next() const { return assembly(linear_of(record.after), nullptr, is_wide(record.after)); }

  private:
    const kernel::Layout& frame_layout() const;
    std::optional<cpu::Descriptor> code_descriptor(const cpu::protect::Registers& registers) const;
    void find_stack();
    std::string stack_name(u32 linear) const;
    std::string with_names(std::string text) const;
    static const machine::InstructionRecord& record_of(Debuggee& debuggee);
};

/// "8 KiB", "8132": bytes for people.
std::string bytes_text(u32 bytes);
/// The names of EFLAGS' bits that are set and worth telling: "IF ZF IOPL=3".
std::string flags_text(u32 eflags);
/// "int 80", "#PF", "irq 0", "iret", "sysenter": what a transfer is called. `delivery`: no instruction asked for it.
std::string transfer_name(trace::TransferKind kind, u8 vector, bool delivery);

} // namespace trapgate::frontend::views
