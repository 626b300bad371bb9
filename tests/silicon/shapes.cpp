// SPDX-License-Identifier: MIT
// What the generator needs of each row, taken from the instruction table.
// Source: src/cpu/isa/instructions.def through cpu/isa/table.hpp.
#include "shapes.hpp"

#include "cpu/isa/table.hpp"

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
    default: break;
    }
}

void add_rule(Shape& shape, const ModRmRule& rule) {
    using Kind = ModRmRule::Kind;
    if (rule.kind == Kind::Digit || rule.kind == Kind::DigitMemory || rule.kind == Kind::DigitRegister)
        shape.digit = int8_t(rule.value);
    if (rule.kind == Kind::Exact) shape.digit = int8_t(rule.value >> 3 & 7);
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
    if (shape.is(0xD8, 0xDF)) return "x87: not an integer row";
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
    for (const Operand& operand : row.operands) add_operand(shape, operand);
    add_rule(shape, row.modrm);
    shape.excuse = excuse_for(shape);
    return shape;
}

} // namespace

std::vector<Shape> table_shapes() {
    std::vector<Shape> shapes;
    for (u16 number = 0; number < row_count(); ++number) shapes.push_back(make_shape(row(number)));
    return shapes;
}

} // namespace trapgate::silicon
