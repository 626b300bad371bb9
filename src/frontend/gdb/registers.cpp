// SPDX-License-Identifier: MIT
// The table, and values as digits.
#include "frontend/gdb/registers.hpp"

#include "frontend/gdb/packet.hpp"
#include "kernel/guest_memory.hpp"

#include <array>

namespace trapgate::frontend::gdb {

namespace {

using Source = RegisterSource;
constexpr u32 tss_esp0 = 4, tss_ss0 = 8; ///< [SDM3] "Task-State Segment (TSS)"

template <cpu::Gpr R> Value gpr(const Source& s) {
    return {s.cpu.reg(R)};
}
template <cpu::SegmentRegister R> Value selector(const Source& s) {
    return {s.cpu.segment(R).selector};
}
template <unsigned I> Value st(const Source& s) {
    const unsigned top = (s.cpu.x87.status >> 11) & 7;
    const cpu::Float80& value = s.cpu.x87.registers[(top + I) & 7];
    return {value.significand, value.sign_exponent};
}
template <unsigned I> Value xmm(const Source& s) {
    const cpu::Xmm& value = s.cpu.sse.xmm[I];
    return {value[0] | u64{value[1]} << 32, value[2] | u64{value[3]} << 32};
}
Value tss_word(const Source& s, u32 offset, u32 mask) {
    return {kernel::CpuMemory(s.cpu).get<u32>(s.cpu.tr.base + offset).value_or(0) & mask};
}

constexpr Register core(std::string_view name, std::string_view type, Value (*get)(const Source&)) {
    return {name, 32, type, {}, Feature::Core, get};
}
constexpr Register x87(std::string_view name, Value (*get)(const Source&)) {
    return {name, 80, "i387_ext", {}, Feature::Core, get};
}
constexpr Register x87_control(std::string_view name, Value (*get)(const Source&)) {
    return {name, 32, "int", "float", Feature::Core, get};
}
constexpr Register sse(std::string_view name, Value (*get)(const Source&)) {
    return {name, 128, "vec128", {}, Feature::Sse, get};
}
constexpr Register ours(std::string_view name, u8 bits, std::string_view type, Value (*get)(const Source&)) {
    return {name, bits, type, "system", Feature::System, get};
}

constexpr std::array table{
    core("eax", "int32", gpr<cpu::Gpr::eax>),
    core("ecx", "int32", gpr<cpu::Gpr::ecx>),
    core("edx", "int32", gpr<cpu::Gpr::edx>),
    core("ebx", "int32", gpr<cpu::Gpr::ebx>),
    core("esp", "data_ptr", gpr<cpu::Gpr::esp>),
    core("ebp", "data_ptr", gpr<cpu::Gpr::ebp>),
    core("esi", "int32", gpr<cpu::Gpr::esi>),
    core("edi", "int32", gpr<cpu::Gpr::edi>),
    core("eip", "code_ptr", [](const Source& s) { return Value{s.cpu.eip}; }),
    core("eflags", "i386_eflags", [](const Source& s) { return Value{s.cpu.flags.image()}; }),
    core("cs", "int32", selector<cpu::SegmentRegister::cs>),
    core("ss", "int32", selector<cpu::SegmentRegister::ss>),
    core("ds", "int32", selector<cpu::SegmentRegister::ds>),
    core("es", "int32", selector<cpu::SegmentRegister::es>),
    core("fs", "int32", selector<cpu::SegmentRegister::fs>),
    core("gs", "int32", selector<cpu::SegmentRegister::gs>),
    x87("st0", st<0>),
    x87("st1", st<1>),
    x87("st2", st<2>),
    x87("st3", st<3>),
    x87("st4", st<4>),
    x87("st5", st<5>),
    x87("st6", st<6>),
    x87("st7", st<7>),
    x87_control("fctrl", [](const Source& s) { return Value{s.cpu.x87.control}; }),
    x87_control("fstat", [](const Source& s) { return Value{s.cpu.x87.status}; }),
    x87_control("ftag", [](const Source& s) { return Value{s.cpu.x87.tags}; }),
    x87_control("fiseg", [](const Source& s) { return Value{s.cpu.x87.instruction_selector}; }),
    x87_control("fioff", [](const Source& s) { return Value{s.cpu.x87.instruction_offset}; }),
    x87_control("foseg", [](const Source& s) { return Value{s.cpu.x87.operand_selector}; }),
    x87_control("fooff", [](const Source& s) { return Value{s.cpu.x87.operand_offset}; }),
    x87_control("fop", [](const Source& s) { return Value{s.cpu.x87.opcode}; }),
    Register{"orig_eax", 32, "int", "system", Feature::Linux,
             [](const Source& s) { return Value{static_cast<u32>(s.orig_eax)}; }},
    ours("cpl", 32, "int", [](const Source& s) { return Value{s.cpu.cpl}; }),
    ours("gdtr_base", 32, "data_ptr", [](const Source& s) { return Value{s.cpu.gdtr.base}; }),
    ours("gdtr_limit", 32, "int", [](const Source& s) { return Value{s.cpu.gdtr.limit}; }),
    ours("idtr_base", 32, "data_ptr", [](const Source& s) { return Value{s.cpu.idtr.base}; }),
    ours("idtr_limit", 32, "int", [](const Source& s) { return Value{s.cpu.idtr.limit}; }),
    ours("tr", 32, "int", [](const Source& s) { return Value{s.cpu.tr.selector}; }),
    ours("ldtr", 32, "int", [](const Source& s) { return Value{s.cpu.ldtr.selector}; }),
    ours("tss_base", 32, "data_ptr", [](const Source& s) { return Value{s.cpu.tr.base}; }),
    ours("tss_esp0", 32, "data_ptr", [](const Source& s) { return tss_word(s, tss_esp0, 0xffffffff); }),
    ours("tss_ss0", 32, "int", [](const Source& s) { return tss_word(s, tss_ss0, 0xffff); }),
    ours("cr0", 32, "trapgate_cr0", [](const Source& s) { return Value{s.cpu.cr0}; }),
    ours("cr2", 32, "data_ptr", [](const Source& s) { return Value{s.cpu.cr2}; }),
    ours("cr3", 32, "int", [](const Source& s) { return Value{s.cpu.cr3}; }),
    ours("cr4", 32, "trapgate_cr4", [](const Source& s) { return Value{s.cpu.cr4}; }),
    ours("msr_sysenter_cs", 32, "int", [](const Source& s) { return Value{s.cpu.sysenter_cs}; }),
    ours("msr_sysenter_esp", 32, "data_ptr", [](const Source& s) { return Value{s.cpu.sysenter_esp}; }),
    ours("msr_sysenter_eip", 32, "code_ptr", [](const Source& s) { return Value{s.cpu.sysenter_eip}; }),
    ours("micro", 32, "int", [](const Source& s) { return Value{s.now.micro}; }),
    ours("insn", 64, "int", [](const Source& s) { return Value{s.now.instruction}; }),
    ours("clock", 64, "int", [](const Source& s) { return Value{s.clock}; }),
    sse("xmm0", xmm<0>),
    sse("xmm1", xmm<1>),
    sse("xmm2", xmm<2>),
    sse("xmm3", xmm<3>),
    sse("xmm4", xmm<4>),
    sse("xmm5", xmm<5>),
    sse("xmm6", xmm<6>),
    sse("xmm7", xmm<7>),
    Register{"mxcsr", 32, "i386_mxcsr", "vector", Feature::Sse,
             [](const Source& s) { return Value{s.cpu.sse.mxcsr}; }},
};
static_assert(table[31].name == "fop" && table[32].feature == Feature::Linux, "gdb's core has 32 registers");

} // namespace

std::span<const Register> registers() {
    return table;
}

std::optional<unsigned> register_number(std::string_view name) {
    for (unsigned i = 0; i < table.size(); ++i)
        if (table[i].name == name) return i;
    return std::nullopt;
}

RegisterImage read_registers(const RegisterSource& source) {
    RegisterImage image;
    const bool has_sse = source.cpu.model.has(cpu::feature::sse);
    for (const Register& r : table)
        if (r.feature != Feature::Sse || has_sse) image.emplace_back(r.get(source));
    return image;
}

std::vector<RegisterPart> parts_of(unsigned number, const Value& value) {
    const std::string name(table[number].name);
    switch (table[number].bits) {
    case 128: return {{name + ".v2_int64[0]", value.low}, {name + ".v2_int64[1]", value.high}};
    case 80: return {{name + ".significand", value.low}, {name + ".exponent", value.high & 0xffff}};
    default: return {{name, value.low}};
    }
}

std::string register_text(unsigned number, const std::optional<Value>& value) {
    const unsigned bytes = table[number].bits / 8u;
    if (!value) return std::string(2 * bytes, 'x');
    if (bytes <= 8) return to_hex_little(value->low, bytes);
    return to_hex_little(value->low, 8) + to_hex_little(value->high, bytes - 8);
}

std::string image_text(const RegisterImage& image) {
    std::string text;
    for (unsigned i = 0; i < image.size(); ++i) text += register_text(i, image[i]);
    return text;
}

std::optional<Value> parse_register(unsigned number, std::string_view digits) {
    if (digits.size() != table[number].bits / 4u) return std::nullopt;
    const auto bytes = from_hex(digits);
    if (!bytes) return std::nullopt;
    Value value;
    for (std::size_t i = 0; i < bytes->size(); ++i) {
        const auto byte = static_cast<u8>((*bytes)[i]);
        if (i < 8)
            value.low |= u64{byte} << (8 * i);
        else
            value.high |= u64{byte} << (8 * (i - 8));
    }
    return value;
}

} // namespace trapgate::frontend::gdb
