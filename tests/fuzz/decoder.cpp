// SPDX-License-Identifier: MIT
// Any bytes go through the decoder: it never reads past them, and what it says holds together.
#include "cpu/isa/decoder.hpp"
#include "base/assert.hpp"

using namespace trapgate;
using namespace trapgate::cpu::isa;

namespace {
void check(std::span<const u8> bytes, bool code32) {
    const Decoded decoded = decode(bytes, code32, 0x1000, trapgate::cpu::Generation::p3);
    switch (decoded.found) {
    case Found::Instruction: {
        const u8 length = decoded.insn.length;
        ASSERT(length >= 1 && length <= max_length && length <= bytes.size());
        // The bytes behind the instruction do not matter.
        const Decoded alone = decode(bytes.first(length), code32, 0x1000, trapgate::cpu::Generation::p3);
        ASSERT(alone.found == Found::Instruction && alone.insn.length == length &&
               alone.insn.row == decoded.insn.row);
        break;
    }
    case Found::NeedMoreBytes: ASSERT(bytes.size() < max_length); break;
    case Found::TooLong: ASSERT(bytes.size() >= max_length); break;
    case Found::Undefined: break;
    }
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const u8* data, std::size_t size) {
    const std::span<const u8> bytes(data, size < 32 ? size : 32);
    if (bytes.empty()) return 0;
    check(bytes, true);
    check(bytes, false);
    return 0;
}
