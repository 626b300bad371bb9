// SPDX-License-Identifier: MIT
// What the generator needs of each row, taken from the instruction table.
// Source: src/cpu/isa/instructions.def through cpu/isa/table.hpp.
#include "shapes.hpp"

#include "cpu/isa/table.hpp"
#include "encoding.hpp"

namespace trapgate::silicon {

namespace {

using namespace cpu::isa;

void add_operand(Shape& shape, const Operand& operand) {
    switch (operand.source) {
    case Source::I:
        shape.immediates.push_back(operand.size == Size::b   ? Immediate::Byte
                                   : operand.size == Size::w ? Immediate::Word
                                                             : Immediate::OperandSize);
        break;
    case Source::J:
        shape.immediates.push_back(operand.size == Size::b ? Immediate::Byte : Immediate::OperandSize);
        break;
    case Source::A: shape.immediates.push_back(Immediate::FarPointer); break;
    case Source::O: shape.immediates.push_back(Immediate::AddressSize); break;
    case Source::M: shape.memory_only = true; break;
    case Source::R: shape.register_only = true; break;
    case Source::N: shape.is_simd = shape.register_only = true; break;
    case Source::U: shape.is_simd = shape.names_xmm = shape.register_only = true; break;
    case Source::P:
    case Source::Q: shape.is_simd = true; break;
    case Source::V:
    case Source::W: shape.is_simd = shape.names_xmm = true; break;
    default: break;
    }
}

void add_rule(Shape& shape, const ModRmRule& rule) {
    using Kind = ModRmRule::Kind;
    if (rule.kind == Kind::Digit || rule.kind == Kind::DigitMemory || rule.kind == Kind::DigitRegister)
        shape.digit = int8_t(rule.value);
    if (rule.kind == Kind::Exact) shape.exact = rule.value;
    shape.memory_only |= rule.kind == Kind::DigitMemory || rule.kind == Kind::Memory;
    shape.register_only |=
        rule.kind == Kind::DigitRegister || rule.kind == Kind::Register || rule.kind == Kind::Exact;
}

/// Why a row cannot be judged by a program in ring 3 of this host; empty if it can.
std::string excuse_for(const Shape& shape) {
    const bool table_register =
        (shape.is(0x0F00) && shape.digit <= 1) || (shape.is(0x0F01) && (shape.digit <= 1 || shape.digit == 4));
    if (table_register) return "UMIP: the host faults in ring 3 and its kernel makes up an answer";
    if (shape.is(0x0FA2)) return "CPUID answers differ from processor to processor";
    if (shape.is(0x0F31)) return "RDTSC answers differ from run to run";
    if (shape.is(0x0F34)) return "SYSENTER enters the host's kernel";
    if (shape.is(0x0F05)) return "SYSCALL enters the host's kernel";
    return "";
}

Shape make_shape(const Row& row) {
    Shape shape;
    shape.row = std::string(row.mnemonic) + (row.operand_text.empty() ? "" : " ") + std::string(row.operand_text);
    shape.opcode = row.opcode;
    shape.has_modrm = row.has_modrm;
    shape.lockable = row.is(attribute::lockable);
    shape.undefined_flags = row.flags_undefined;
    shape.written_flags = row.flags_written;
    shape.read_flags = row.flags_read;
    shape.bare = row.is(attribute::bare);
    shape.needs_f3 = row.is(attribute::f3);
    for (const Operand& operand : row.operands) {
        add_operand(shape, operand);
        shape.memory_operand_is_aligned |= operand.size == Size::x || operand.size == Size::fx;
    }
    shape.is_simd |= shape.bare || shape.needs_f3;
    add_rule(shape, row.modrm);
    shape.excuse = excuse_for(shape);
    return shape;
}

bool has_row(u16 opcode, u8 modrm) {
    for (u16 number = first_row(opcode); number != no_row; number = next_row(number))
        if (fits(row(number).modrm, modrm)) return true; // whatever its prefix
    return false;
}

bool is_prefix_or_escape(u16 opcode) {
    return opcode < 0x100 && (is_prefix(u8(opcode)) || opcode == 0x0F);
}

/// What a newer host may do there goes beyond registers and memory operands: it would leave the test.
bool may_run_undefined(u16 opcode, bool memory) {
    static constexpr u16 never[] = {0x62,   0xC4,   0xC5,   0x0F01, 0x0F05, 0x0F07,
                                    0x0F34, 0x0F38, 0x0F3A, 0x0FAE, 0x0FC7};
    for (const u16 each : never)
        if (opcode == each) return false;
    return memory || (opcode != 0xC6 && opcode != 0xC7); // XABORT, XBEGIN
}

Shape undefined_shape(u16 opcode, u8 modrm) {
    Shape shape;
    const bool memory = modrm < 0xC0;
    shape.row = std::string("(no row) ") + (memory ? "memory" : "register");
    shape.opcode = opcode;
    shape.digit = int8_t(modrm >> 3 & 7);
    shape.has_modrm = shape.undefined = true;
    shape.memory_only = memory;
    shape.register_only = !memory;
    return shape;
}

} // namespace

std::vector<Shape> undefined_shapes() {
    std::vector<Shape> shapes;
    for (u16 opcode = 0; opcode < 0x1000; ++opcode) {
        if ((opcode >= 0x100 && opcode < 0x0F00) || is_prefix_or_escape(opcode)) continue;
        for (const u8 form : {0x00, 0xC0})
            for (u8 digit = 0; digit < 8; ++digit)
                if (!has_row(opcode, u8(form | digit << 3)) && may_run_undefined(opcode, form == 0))
                    shapes.push_back(undefined_shape(opcode, u8(form | digit << 3)));
    }
    return shapes;
}

std::vector<Shape> table_shapes() {
    std::vector<Shape> shapes;
    for (u16 number = 0; number < row_count(); ++number) shapes.push_back(make_shape(row(number)));
    return shapes;
}

} // namespace trapgate::silicon
