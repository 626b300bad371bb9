// SPDX-License-Identifier: MIT
// The message about a missing instruction: see the header. The text is Capstone's, in AT&T notation.
#include "machine/unimplemented.hpp"

#include "cpu/memory.hpp"

#include <array>
#include <capstone/capstone.h>
#include <fmt/format.h>
#include <span>

namespace trapgate::machine {

namespace {

constexpr std::size_t longest_instruction = 15;

/// The bytes at CS:EIP, as many as are there.
std::size_t fetch(const cpu::Cpu& cpu, std::span<u8, longest_instruction> into) {
    const u32 linear = cpu.segment(cpu::SegmentRegister::cs).base + cpu.eip;
    for (std::size_t i = 0; i < into.size(); ++i) {
        PhysicalAddress physical;
        if (!cpu::peek_translation(cpu, linear + static_cast<u32>(i), physical) ||
            !cpu.bus.memory().contains(physical, 1))
            return i;
        into[i] = cpu.bus.memory().bytes()[physical.value];
    }
    return into.size();
}

} // namespace

std::string describe_unimplemented(const cpu::Cpu& cpu, const char* what) {
    std::array<u8, longest_instruction> bytes{};
    std::size_t length = fetch(cpu, bytes);
    std::string text = "(no instruction that Capstone knows)";
    csh handle = 0;
    const cs_mode mode = cpu.segment(cpu::SegmentRegister::cs).big ? CS_MODE_32 : CS_MODE_16;
    if (cs_open(CS_ARCH_X86, mode, &handle) == CS_ERR_OK) {
        cs_option(handle, CS_OPT_SYNTAX, CS_OPT_SYNTAX_ATT);
        cs_insn* insn = nullptr;
        if (cs_disasm(handle, bytes.data(), length, cpu.eip, 1, &insn) == 1) {
            length = insn->size;
            text = fmt::format("{} {}", insn->mnemonic, insn->op_str);
            cs_free(insn, 1);
        }
        cs_close(&handle);
    }
    std::string hex;
    for (std::size_t i = 0; i < length; ++i) hex += fmt::format("{}{:02x}", i ? " " : "", bytes[i]);
    return fmt::format("not implemented: {}: at {:04x}:{:08x} [{}] {}", what,
                       cpu.segment(cpu::SegmentRegister::cs).selector, cpu.eip, hex, text);
}

} // namespace trapgate::machine
