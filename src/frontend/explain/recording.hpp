// SPDX-License-Identifier: MIT
// One system call as it really ran: its privileged transfers step by step, the instructions between, and who wrote which word of
// the kernel stack. Filled by watching; nothing in it is known beforehand.
#pragma once

#include "cpu/cpu.hpp"
#include "kernel/guest_kernel.hpp"
#include "kernel/syscall_text.hpp"
#include "trace/event.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::frontend {

/// A register before and after.
struct Change {
    std::string_view name;
    u32 before;
    u32 after;
    u8 digits; ///< hexadecimal digits to show
};

struct RecordedStep {
    u16 number;
    u8 step; ///< cpu::isa::MicroStep
    std::vector<trace::Access> accesses;
    std::vector<Change> changes;
    u8 cpl;             ///< after it
    std::string values; ///< this time's values in words
};

struct RecordedTransfer {
    trace::TransferKind kind;
    u8 vector = 0;
    u64 instruction = 0; ///< its number since reset
    u32 eip = 0;         ///< of the instruction
    u8 length = 0;       ///< of the instruction; 0: the transfer is no instruction's
    u8 from_cpl = 3;
    u8 to_cpl = 3;
    bool faulted = false;
    std::vector<RecordedStep> steps;
};

struct RecordedInsn {
    u64 number;
    u32 linear;
    u8 length;
    u8 cpl;
    std::vector<trace::Access> accesses;
};

/// The last write to a word of the kernel stack.
struct StackWord {
    u32 address;
    u32 value;
    bool by_transfer; ///< the processor itself, in a micro-step
    u32 eip;          ///< of the instruction that wrote it
};

struct SwitchRecording {
    kernel::Task task;
    RecordedTransfer entry;                  ///< into ring 0
    std::optional<RecordedTransfer> way_out; ///< back to ring 3
    std::vector<RecordedInsn> first;         ///< from the entry until the frame is complete
    u64 instructions_in_kernel = 0;
    u64 interrupts = 0; ///< that came in between

    std::vector<StackWord> frame; ///< the words of pt_regs, from the top down, when the frame was complete
    u32 return_address = 0; ///< the word under it, pushed by the call of the service routine; 0: there was none
    std::vector<u8> thread_info; ///< its bytes then
    u32 deepest_esp = 0;         ///< on this stack, during the call
    u32 deepest_eip = 0;
    std::optional<StackWord> result; ///< the write of EAX's slot after the service routine
    u32 number = 0;                  ///< of the call
    u32 returned = 0;                ///< EAX back in ring 3
    std::string call_text;           ///< as strace prints it; without its end while it has not come back
    cpu::TableRegister gdt, idt;     ///< at the entry
    u32 tss = 0;                     ///< its base
};

/// Watches from just before the entry until the task is back in ring 3; then calls `finished`.
class SwitchRecorder final : public trace::Observer {
  public:
    SwitchRecorder(const kernel::GuestKernel& kernel, const cpu::Cpu& cpu, std::function<void()> finished)
        : kernel_(kernel), cpu_(cpu), memory_(cpu), finished_(std::move(finished)) {}

    /// The entry was seen and its frame is complete; the call may still be on its way.
    bool has_frame() const { return frame_taken_; }
    const SwitchRecording& recording() const { return recording_; }
    /// The machine has stopped: a call that is still on its way never comes back.
    void finish();

    void on(const trace::Retired&) override;
    void on(const trace::Access&) override;
    void on(const trace::MicroStep&) override;
    void on(const trace::Transfer&) override;

  private:
    enum class State : u8 { Waiting, InKernel, Done };

    void begin_transfer(const trace::Transfer&);
    void end_transfer(const trace::Transfer&);
    void enter();
    void leave();
    bool own_stack(u32 address) const;
    void note_write(const StackWord& word);
    void take_frame();
    void note_tables();

    const kernel::GuestKernel& kernel_;
    const cpu::Cpu& cpu_;
    kernel::CpuMemory memory_;
    std::function<void()> finished_;

    State state_ = State::Waiting;
    SwitchRecording recording_;
    std::optional<RecordedTransfer> transfer_; ///< that runs now
    cpu::State before_;                        ///< the step that runs now
    std::vector<trace::Access> accesses_;      ///< since the last step or instruction
    kernel::SyscallEntry call_{};
    u32 printed_ = 0;              ///< arguments that call_text has already
    std::vector<StackWord> words_; ///< last writes to the frame's words
    bool frame_taken_ = false;
    u32 nested_ = 0; ///< interrupts and exceptions taken in ring 0 that have not returned
};

} // namespace trapgate::frontend
