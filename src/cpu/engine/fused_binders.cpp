// SPDX-License-Identifier: MIT
// Which pairs of instructions have one handler: CMP, TEST and the common arithmetic, followed by a conditional jump.
#include "cpu/engine/binders.hpp"
#include "cpu/engine/fused.hpp"
#include "cpu/engine/request.hpp"

#include <string_view>
#include <type_traits>

namespace trapgate::cpu::engine {

namespace {

using isa::Decoded;

/// Condition codes that get handlers: not the rare O, NO, P, NP.
template <class Pick> Handler with_condition(u8 code, Pick pick) {
#define TRAPGATE_CASE(number)                                                                                      \
    case number: return pick(std::integral_constant<u8, number>{})
    switch (code) {
        TRAPGATE_CASE(2);
        TRAPGATE_CASE(3);
        TRAPGATE_CASE(4);
        TRAPGATE_CASE(5);
        TRAPGATE_CASE(6);
        TRAPGATE_CASE(7);
        TRAPGATE_CASE(8);
        TRAPGATE_CASE(9);
        TRAPGATE_CASE(12);
        TRAPGATE_CASE(13);
        TRAPGATE_CASE(14);
        TRAPGATE_CASE(15);
    default: return nullptr;
    }
#undef TRAPGATE_CASE
}

/// Every operand form, bytes and doublewords.
template <class Op> Handler any_form(const Request& r, u8 code) {
    const auto with_type = [&](auto type) {
        using T = decltype(type);
        return with_two(r, [&](auto destination, auto source) {
            return with_condition(code, [&](auto condition) -> Handler {
                return &fused_binary_handler<Op, T, decltype(destination), decltype(source), condition()>;
            });
        });
    };
    return r.width == 1 ? with_type(u8{}) : r.width == 4 ? with_type(u32{}) : nullptr;
}

/// 32-bit registers with a register or an immediate.
template <class Op> Handler register_form(const Request& r, u8 code) {
    if (r.width != 4) return nullptr;
    return with_condition(code, [&](auto condition) -> Handler {
        if (r.form == Form::RegisterRegister)
            return &fused_binary_handler<Op, u32, RmRegister, RegRegister, condition()>;
        if (r.form == Form::RegisterImmediate)
            return &fused_binary_handler<Op, u32, RmRegister, Immediate, condition()>;
        return nullptr;
    });
}

template <class Op> Handler one_register(const Request& r, u8 code) {
    if (r.width != 4 || r.form != Form::Register) return nullptr;
    return with_condition(code,
                          [&](auto condition) -> Handler { return &fused_unary_handler<Op, u32, condition()>; });
}

/// The condition code of a Jcc row, or 0xff.
u8 condition_of(const isa::Row& row) {
    const bool is_jcc = (row.opcode & 0xfff0) == 0x70 || (row.opcode & 0xfff0) == 0x0f80;
    return is_jcc ? row.opcode & 0xf : 0xff;
}

} // namespace

isa::Handler bind_fused(const Decoded& first, const Decoded& jump, u8 mode) {
    if (!(mode & mode::flat) || first.insn.row == isa::no_row || jump.insn.row == isa::no_row) return nullptr;
    const u8 code = condition_of(isa::row(jump.insn.row));
    if (code == 0xff || (jump.insn.shape & isa::shape::operand16) || (first.insn.shape & isa::shape::flags_dead))
        return nullptr;
    const isa::Row& row = isa::row(first.insn.row);
    const Request r{first.form, first.width, mode, first.insn, row};
    const std::string_view name = row.mnemonic;
    if (name == "cmp") return any_form<ops::Cmp>(r, code);
    if (name == "test") return any_form<ops::Test>(r, code);
    if (name == "sub") return register_form<ops::Sub>(r, code);
    if (name == "add") return register_form<ops::Add>(r, code);
    if (name == "and") return register_form<ops::And>(r, code);
    if (name == "or") return register_form<ops::Or>(r, code);
    if (name == "dec") return one_register<ops::Dec>(r, code);
    if (name == "inc") return one_register<ops::Inc>(r, code);
    return nullptr;
}

} // namespace trapgate::cpu::engine
