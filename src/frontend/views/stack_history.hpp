// SPDX-License-Identifier: MIT
// What happened since the ring changed, for the page that explains it: who wrote each word of the kernel stack, which frames the
// processor pushed there, and the last instructions. An observer of a stretch of time that is run again.
#pragma once

#include "cpu/protect/recorder.hpp"
#include "frontend/views/moment.hpp"
#include "trace/event.hpp"

#include <deque>
#include <map>

namespace trapgate::frontend::views {

/// The last write to a word.
struct WordWrite {
    bool by_transfer = false;       ///< the processor itself
    cpu::isa::MicroStep step{};     ///< which micro-step, if by_transfer
    u32 linear = 0;                 ///< else of the instruction
    u8 length = 0;                  ///< of the instruction
    bool is_return_address = false; ///< a CALL pushed it
    u64 instruction = 0;
};

/// A frame that an interrupt or exception pushed.
struct PushedFrame {
    u32 eip_slot = 0; ///< address of its EIP word
    trace::TransferKind kind{};
    u8 vector = 0;
    bool delivery = false;
    bool inner = false; ///< the ring changed, so SS and ESP are above
    u64 instruction = 0;
};

struct DoneInsn {
    u64 number = 0;
    u32 linear = 0;
    u8 length = 0;
    u8 cpl = 0;
    bool wide = true;      ///< of the 32-bit kind
    bool transfer = false; ///< it was a privileged transfer, or a delivery
    trace::TransferKind kind{};
    u8 vector = 0;
    std::vector<trace::Access> accesses;
};

class StackHistory final : public trace::Observer {
  public:
    /// Watches the words in [bottom, top).
    StackHistory(const cpu::Cpu& cpu, u32 bottom, u32 top) : cpu_(cpu), bottom_(bottom), top_(top) {}

    void on(const trace::Transfer&) override;
    void on(const trace::MicroStep&) override;
    void on(const trace::Access&) override;
    void on(const trace::Retired&) override;

    /// Adds steps of an instruction that has only begun.
    void add(const cpu::protect::RecordedStep& step, u64 instruction, const PushedFrame& frame);

    const std::map<u32, WordWrite>& words() const { return words_; } ///< by address
    const std::vector<PushedFrame>& frames() const { return frames_; }
    const std::deque<DoneInsn>& instructions() const { return instructions_; } ///< the last ones, oldest first
    u64 instructions_seen() const { return seen_; }
    /// The registers before the last instruction seen.
    const std::optional<cpu::protect::Registers>& before_last() const { return before_last_; }
    u32 deepest_esp() const { return deepest_; } ///< 0: none seen

  private:
    void note(const trace::Access& access, const WordWrite& writer);
    void end_instruction();
    bool asked_for(u8 vector) const;

    const cpu::Cpu& cpu_;
    const u32 bottom_, top_;
    bool was_transfer_ = false; ///< the instruction that runs is one
    std::optional<cpu::isa::MicroStep> step_;
    bool wide_ = true; ///< the code segment, when the last instruction had ended
    PushedFrame frame_;
    std::vector<trace::Access> accesses_; ///< of the instruction that runs
    std::map<u32, WordWrite> words_;
    std::vector<PushedFrame> frames_;
    std::deque<DoneInsn> instructions_;
    std::optional<cpu::protect::Registers> before_last_, last_;
    u64 seen_ = 0;
    u32 deepest_ = 0;
};

} // namespace trapgate::frontend::views
