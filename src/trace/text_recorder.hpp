// SPDX-License-Identifier: MIT
// Writes events as text, one line each (.tgt): for reading, for golden files, for diff. docs/traces.md describes the format.
//
//   1207.00 3 08048094 _start+14            int $0x80 | esp=c12fdfec eflags=...
//   1207.02 3 .        read gate            r8 c1000400=c010ef0000600a40
//
// Fields: instruction.micro-step, ring, address, symbol, event. Only changes are shown, registers in a fixed order; no time, host path
// or pointer of the host ever appears, so that two runs with the same inputs give the same bytes.
#pragma once

#include "trace/event.hpp"
#include "trace/machine_reader.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace trapgate::trace {

enum class TextLevel : u8 {
    Ring,    ///< changes of privilege level; needs only the observer of transfers
    Syscall, ///< and system calls, which a higher layer adds with note(); the same
    Insn,    ///< and every instruction with the registers it changed; needs the machine to be watched
    Mem,     ///< and memory accesses
    Micro,   ///< and micro-steps
};

class TextRecorder final : public Observer {
  public:
    TextRecorder(TextLevel level, const MachineReader& reader, std::function<void(std::string_view)> write);

    /// Comment lines at the top: "# key=value …" and the names of the fields.
    void header(std::string_view text);
    /// A line of a higher layer, at this moment.
    void note(std::string_view text);
    /// Lines written so far, comments included.
    u64 lines() const { return lines_; }

    void on(const Retired&) override;
    void on(const Access&) override;
    void on(const MicroStep&) override;
    void on(const Transfer&) override;
    void on(const Fault&) override;
    void on(const PortAccess&) override;
    void on(const InterruptAcknowledge&) override;

  private:
    bool watches() const { return level_ >= TextLevel::Insn; }
    void ring_line(const Transfer&);
    void line(u64 number, u16 micro, u8 ring, std::string_view address, std::string_view place,
              std::string_view event);
    void whole(u64 number, u8 ring, u64 linear, const std::string& event);
    std::string changes();
    std::string take_accesses();

    const TextLevel level_;
    const MachineReader& reader_;
    std::function<void(std::string_view)> write_;
    u64 lines_ = 0;
    RegisterValues last_{};
    u8 last_ring_;

    struct Step {
        u16 number;
        u8 ring;
        std::string event;
    };
    std::string accesses_;           ///< since the last step or instruction
    std::vector<Step> steps_;        ///< of the transfer that runs
    std::optional<std::string> why_; ///< of a transfer that is no instruction's: fault or interrupt
    u64 why_linear_ = 0;
    u8 why_ring_ = 0;
};

} // namespace trapgate::trace
