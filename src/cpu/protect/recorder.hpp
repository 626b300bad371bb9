// SPDX-License-Identifier: MIT
// Records privileged transfers as they run: each micro-step with its accesses, its values in words, and the registers before
// and after it. What is recorded is what was executed: there is no other list. For `explain`, traces and tests.
#pragma once

#include "cpu/cpu.hpp"
#include "cpu/isa/micro_steps.hpp"
#include "trace/event.hpp"

#include <optional>
#include <string>
#include <vector>

namespace trapgate::cpu::protect {

/// The registers that a transfer may change.
struct Registers {
    std::array<u32, 8> gpr; ///< EAX ECX EDX EBX ESP EBP ESI EDI
    u32 eip;
    u32 eflags;
    std::array<u16, segment_registers> selectors; ///< index: SegmentRegister
    u16 tr;
    u16 ldtr;
    u32 cr0;
    u32 cr2;
    u32 cr3;
    u8 cpl;

    static Registers of(const Cpu&);
    bool operator==(const Registers&) const = default;
};

/// "esp 0000b000 -> 00008ffc": one line for each register that differs, in the order of `Registers`.
std::vector<std::string> changes(const Registers& before, const Registers& after);

struct RecordedStep {
    u16 number; ///< 1 is the first; 0 would be fetching and decoding
    isa::MicroStep step;
    bool faulted = false; ///< this check failed; `after` equals `before`
    std::string values;   ///< describe()
    std::vector<trace::Access> accesses;
    Registers before;
    Registers after;
};

struct RecordedTransfer {
    trace::TransferKind kind;
    u8 vector = 0;
    bool faulted = false;
    u64 instruction = 0; ///< Cpu::instructions when it began
    Registers before;
    Registers after;
    std::vector<RecordedStep> steps;
};

/// Set it as `cpu.observer` (with `cpu.watched`, so that accesses are seen too), run, read `transfers`.
class TransferRecorder : public trace::Observer {
  public:
    /// Keeps the last `limit` transfers.
    explicit TransferRecorder(const Cpu& cpu, std::size_t limit = 64) : cpu_(cpu), limit_(limit) {}

    void on(const trace::Transfer&) override;
    void on(const trace::MicroStep&) override;
    void on(const trace::Access&) override;

    const std::vector<RecordedTransfer>& transfers() const { return transfers_; }
    void clear() { transfers_.clear(); }

  private:
    const Cpu& cpu_;
    const std::size_t limit_;
    std::vector<RecordedTransfer> transfers_;
    const Transfer* values_ = nullptr; ///< of the transfer that is running
    bool in_step_ = false;
};

} // namespace trapgate::cpu::protect
