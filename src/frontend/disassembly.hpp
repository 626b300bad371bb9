// SPDX-License-Identifier: MIT
// One instruction as text, in the AT&T notation that Linux' own sources use. The text is Capstone's.
#pragma once

#include "base/types.hpp"

#include <memory>
#include <span>
#include <string>

namespace trapgate::frontend {

struct DisassembledInsn {
    u32 length;       ///< at least 1
    std::string text; ///< "movl $0x1, %eax"; "(bad)" for bytes that are no instruction
    /// Where a call or jump with a fixed target goes, else 0.
    u64 target;
};

class Disassembler {
  public:
    /// REQUIRES: bits is 16, 32 or 64.
    explicit Disassembler(int bits);
    ~Disassembler();
    Disassembler(const Disassembler&) = delete;
    Disassembler& operator=(const Disassembler&) = delete;

    /// REQUIRES: bytes is not empty.
    DisassembledInsn at(std::span<const u8> bytes, u64 address) const;

  private:
    std::size_t handle_ = 0;
};

} // namespace trapgate::frontend
