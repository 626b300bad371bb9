// SPDX-License-Identifier: MIT
// What a recorder asks about the machine, so that this layer need not know processor, symbols or disassembler.
#pragma once

#include "base/types.hpp"

#include <array>
#include <string>
#include <string_view>

namespace trapgate::trace {

/// The registers whose changes a trace shows, in this order.
constexpr std::array<std::string_view, 18> register_names{"eax", "ecx", "edx",    "ebx", "esp", "ebp",
                                                          "esi", "edi", "eflags", "cs",  "ss",  "ds",
                                                          "es",  "fs",  "gs",     "cr0", "cr2", "cr3"};
using RegisterValues = std::array<u32, register_names.size()>;

class MachineReader {
  public:
    virtual ~MachineReader() = default;
    /// "system_call+4", or empty where no symbol is known.
    virtual std::string place(u64 linear) const = 0;
    /// The instruction at `linear` as text.
    virtual std::string instruction(u64 linear, u8 length) const = 0;
    virtual std::string_view step_name(u8 step) const = 0;
    virtual RegisterValues registers() const = 0;
    /// Instructions retired so far; inside an instruction: its own number.
    virtual u64 now() const = 0;
    /// CS base + EIP.
    virtual u32 linear_eip() const = 0;
    virtual u8 cpl() const = 0;
};

} // namespace trapgate::trace
