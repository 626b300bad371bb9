// SPDX-License-Identifier: MIT
// What the trace layer asks about the machine, answered from the processor and the kernel's symbols.
#pragma once

#include "cpu/cpu.hpp"
#include "frontend/disassembly.hpp"
#include "kernel/guest_memory.hpp"
#include "kernel/symbols.hpp"
#include "trace/machine_reader.hpp"

#include <map>

namespace trapgate::frontend {

class TraceReader final : public trace::MachineReader {
  public:
    TraceReader(const cpu::Cpu& cpu, const kernel::Symbols& kernel, const kernel::Symbols& program)
        : cpu_(cpu), memory_(cpu), kernel_(kernel), program_(program), disassembler_(32) {}

    std::string place(u64 linear) const override;
    std::string instruction(u64 linear, u8 length) const override;
    std::string_view step_name(u8 step) const override;
    trace::RegisterValues registers() const override;
    u64 now() const override { return cpu_.now(); }
    u32 linear_eip() const override;
    u8 cpl() const override { return cpu_.cpl; }

  private:
    struct Text {
        std::string bytes;
        std::string text;
    };
    const cpu::Cpu& cpu_;
    kernel::CpuMemory memory_;
    const kernel::Symbols& kernel_;
    const kernel::Symbols& program_;
    Disassembler disassembler_;
    mutable std::map<u64, Text> known_; ///< instructions already put into words, with the bytes they had
};

} // namespace trapgate::frontend
