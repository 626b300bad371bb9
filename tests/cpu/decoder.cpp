// SPDX-License-Identifier: MIT
// The decoder against Capstone: the same bytes are as long for both, wherever both know the instruction.
#include "cpu/isa/decoder.hpp"
#include "catch.hpp"

#include <algorithm>
#include <capstone/capstone.h>
#include <random>
#include <string>

using namespace trapgate;
using namespace trapgate::cpu;

namespace {

class Disassembler {
  public:
    explicit Disassembler(bool code32) {
        REQUIRE(cs_open(CS_ARCH_X86, code32 ? CS_MODE_32 : CS_MODE_16, &handle_) == CS_ERR_OK);
    }
    ~Disassembler() { cs_close(&handle_); }
    /// Length and text; length 0 if Capstone knows no such instruction.
    std::pair<u32, std::string> operator()(std::span<const u8> bytes) const {
        cs_insn* insn = nullptr;
        if (cs_disasm(handle_, bytes.data(), bytes.size(), 0x1000, 1, &insn) == 0) return {0, ""};
        std::pair<u32, std::string> result{insn->size, std::string(insn->mnemonic) + " " + insn->op_str};
        cs_free(insn, 1);
        return result;
    }

  private:
    csh handle_ = 0;
};

std::string hex(std::span<const u8> bytes) {
    std::string text;
    for (u8 byte : bytes) {
        constexpr const char* digits = "0123456789abcdef";
        text += {digits[byte >> 4], digits[byte & 15], ' '};
    }
    return text;
}

/// Bytes that begin with some prefixes and the row's opcode; the rest is random but fits the row's ModRM rule.
std::vector<u8> sample(const isa::Row& row, std::mt19937& random) {
    constexpr u8 prefixes[] = {0x66, 0x67, 0x2e, 0x65, 0x26};
    std::vector<u8> bytes;
    for (u32 n = random() % 3; n > 0; --n) bytes.push_back(prefixes[random() % std::size(prefixes)]);
    if (row.opcode >= 0x0f00) bytes.push_back(0x0f);
    bytes.push_back(static_cast<u8>(row.opcode));
    if (row.has_modrm) {
        u8 modrm = 0;
        do modrm = static_cast<u8>(random());
        while (!isa::fits(row.modrm, modrm));
        bytes.push_back(modrm);
    }
    while (bytes.size() < isa::max_length) bytes.push_back(static_cast<u8>(random()));
    return bytes;
}

} // namespace

TEST_CASE("every row decodes to the length that Capstone finds") {
    std::mt19937 random(1);
    u32 compared = 0;
    for (bool code32 : {true, false}) {
        const Disassembler disassemble(code32);
        for (u16 number = 0; number < isa::row_count(); ++number) {
            const isa::Row& row = isa::row(number);
            for (int n = 0; n < 60; ++n) {
                const std::vector<u8> bytes = sample(row, random);
                const isa::Decoded decoded = isa::decode(bytes, code32, 0x1000, Generation::p3);
                const auto [length, text] = disassemble(bytes);
                if (decoded.found != isa::Found::Instruction || length == 0)
                    continue; // memory-only forms with a register, encodings that only one side refuses
                if (row.mnemonic == "ud1") continue; // Capstone 4 leaves out the ModRM byte
                INFO(row.mnemonic << " " << row.operand_text << "   " << hex(bytes) << "  Capstone: " << text << " "
                                  << length);
                CHECK(decoded.insn.length == length);
                ++compared;
            }
        }
    }
    CHECK(compared > 40'000);
}

TEST_CASE("the decoder asks for more bytes exactly as long as there are too few") {
    std::mt19937 random(2);
    for (u16 number = 0; number < isa::row_count(); ++number) {
        const std::vector<u8> bytes = sample(isa::row(number), random);
        const isa::Decoded whole = isa::decode(bytes, true, 0x1000, Generation::p3);
        if (whole.found != isa::Found::Instruction) continue;
        for (u32 given = 0; given < whole.insn.length; ++given)
            CHECK(isa::decode({bytes.data(), given}, true, 0x1000, Generation::p3).found ==
                  isa::Found::NeedMoreBytes);
        CHECK(isa::decode({bytes.data(), whole.insn.length}, true, 0x1000, Generation::p3).found ==
              isa::Found::Instruction);
    }
}

TEST_CASE("an instruction of more than fifteen bytes is too long") {
    std::vector<u8> bytes(20, 0x66);
    bytes.back() = 0x90;
    CHECK(isa::decode(bytes, true, 0, Generation::p6).found == isa::Found::TooLong);
    CHECK(isa::decode(std::span(bytes).last(15), true, 0, Generation::p6).found == isa::Found::Instruction);
}

TEST_CASE("instructions that came later do not exist on earlier processors") {
    const u8 cmov[] = {0x0f, 0x44, 0xc1};
    CHECK(isa::decode(cmov, true, 0, Generation::p5).found == isa::Found::Undefined);
    CHECK(isa::decode(cmov, true, 0, Generation::p6).found == isa::Found::Instruction);
    const u8 bswap[] = {0x0f, 0xc8};
    CHECK(isa::decode(bswap, true, 0, Generation::i386).found == isa::Found::Undefined);
    CHECK(isa::decode(bswap, true, 0, Generation::i486).found == isa::Found::Instruction);
}

TEST_CASE("LOCK is allowed only where the destination is memory and the instruction says so") {
    const auto found = [](std::initializer_list<u8> bytes) {
        return isa::decode({bytes.begin(), bytes.size()}, true, 0, Generation::p6).found;
    };
    CHECK(found({0xf0, 0x01, 0x08}) == isa::Found::Instruction); // lock add [eax], ecx
    CHECK(found({0xf0, 0x01, 0xc8}) == isa::Found::Undefined);   // lock add eax, ecx
    CHECK(found({0xf0, 0x03, 0x08}) == isa::Found::Undefined);   // lock add ecx, [eax]
    CHECK(found({0xf0, 0x39, 0x08}) == isa::Found::Undefined);   // lock cmp [eax], ecx
    CHECK(found({0xf0, 0x8b, 0x08}) == isa::Found::Undefined);   // lock mov ecx, [eax]
    CHECK(found({0xf0, 0x0f, 0xc7, 0x08}) == isa::Found::Instruction);
}
