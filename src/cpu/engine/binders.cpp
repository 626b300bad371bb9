// SPDX-License-Identifier: MIT
// The binders that instructions.def names. Each looks at form, width and address kind and picks one instantiation.
#include "cpu/engine/binders.hpp"

#include "cpu/engine/control_handlers.hpp"
#include "cpu/engine/request.hpp"
#include "cpu/engine/value_handlers.hpp"
#include "cpu/ops/fxsave.hpp"
#include "cpu/ops/mmx.hpp"
#include "cpu/ops/multiply.hpp"
#include "cpu/ops/sse.hpp"

namespace trapgate::cpu::engine {

namespace {

using ops::SseOp;
using ops::X87Op, ops::X87Split, ops::X87Two, ops::X87Type, ops::X87Unary;

// --- The binders, by the names in the table ----------------------------------------------------------

template <class Op> Handler binary(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_two(r, [&](auto destination, auto source) -> Handler {
            using D = decltype(destination);
            using S = decltype(source);
            return r.dead() ? &binary_handler<Op, T, D, S, true> : &binary_handler<Op, T, D, S, false>;
        });
    });
}

template <class Op> Handler unary(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r, [&](auto destination) -> Handler {
            using D = decltype(destination);
            return r.dead() ? &unary_handler<Op, T, D, true> : &unary_handler<Op, T, D, false>;
        });
    });
}

Handler mov(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_two(r, [&](auto destination, auto source) -> Handler {
            return &mov_handler<T, decltype(destination), decltype(source)>;
        });
    });
}

template <class Op, class From> Handler extend(const Request& r) {
    return with_wide_width(r, [&](auto type) {
        using T = decltype(type);
        return with_g_e(r, [&](auto destination, auto source) -> Handler {
            return &extend_handler<Op, T, From, decltype(destination), decltype(source)>;
        });
    });
}

/// LEA computes an offset: no segment, no check. 16-bit cases go by a function.
void lea_any(Cpu& cpu, const Insn& i) {
    const u32 offset = ops::effective_offset(cpu, i);
    ops::is_16(i) ? cpu.set<u16>(i.reg, static_cast<u16>(offset)) : cpu.set<u32>(i.reg, offset);
}
Handler lea(const Request& r) {
    if (r.operand16() || r.address16()) return &simple_handler<lea_any>;
    return r.has_index() ? &lea_handler<FlatIndexed> : &lea_handler<FlatBase>;
}

template <u8 code> Handler cmov(const Request& r) {
    return with_wide_width(r, [&](auto type) {
        using T = decltype(type);
        return with_g_e(r, [&](auto destination, auto source) -> Handler {
            return &cmov_handler<code, T, decltype(destination), decltype(source)>;
        });
    });
}

template <u8 code> Handler setcc(const Request& r) {
    return with_e(r, [&](auto destination) -> Handler { return &setcc_handler<code, decltype(destination)>; });
}

bool count_is_cl(const Request& r) {
    for (const isa::Operand& operand : r.row.operands)
        if (operand.source == isa::Source::Cl) return true;
    return false;
}

template <class Op> Handler shift(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r, [&](auto destination) -> Handler {
            using D = decltype(destination);
            if (count_is_cl(r))
                return r.dead() ? &shift_handler<Op, T, D, CountCl, true>
                                : &shift_handler<Op, T, D, CountCl, false>;
            return r.dead() ? &shift_handler<Op, T, D, CountImmediate, true>
                            : &shift_handler<Op, T, D, CountImmediate, false>;
        });
    });
}

template <class Op> Handler double_shift(const Request& r) {
    return with_wide_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r, [&](auto destination) -> Handler {
            using D = decltype(destination);
            return count_is_cl(r) ? &double_shift_handler<Op, T, D, CountCl>
                                  : &double_shift_handler<Op, T, D, CountImmediate>;
        });
    });
}

template <class Op> Handler one_source(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r, [&](auto source) -> Handler { return &one_source_handler<Op, T, decltype(source)>; });
    });
}

Handler imul3(const Request& r) {
    return with_wide_width(r, [&](auto type) {
        using T = decltype(type);
        return with_g_e(r, [&](auto destination, auto source) -> Handler {
            return &imul3_handler<T, decltype(destination), decltype(source)>;
        });
    });
}

Handler exchange(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r, [&](auto destination) -> Handler { return &exchange_handler<T, decltype(destination)>; });
    });
}

Handler exchange_add(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(r,
                      [&](auto destination) -> Handler { return &exchange_add_handler<T, decltype(destination)>; });
    });
}

Handler compare_exchange(const Request& r) {
    return with_width(r, [&](auto type) {
        using T = decltype(type);
        return with_e(
            r, [&](auto destination) -> Handler { return &compare_exchange_handler<T, decltype(destination)>; });
    });
}

template <class Op> Handler bit_test(const Request& r) {
    return with_wide_width(r, [&](auto type) -> Handler {
        using T = decltype(type);
        if (r.form == Form::MemoryRegister) return &bit_string_handler<Op, T>;
        if (r.form == Form::RegisterRegister) return &bit_test_handler<Op, T, RmRegister, RegRegister>;
        return with_e(r, [&](auto destination) -> Handler {
            return &bit_test_handler<Op, T, decltype(destination), Immediate>;
        });
    });
}

template <class Op> Handler bit_scan(const Request& r) {
    return with_wide_width(r, [&](auto type) {
        using T = decltype(type);
        return with_g_e(r, [&](auto destination, auto source) -> Handler {
            return &bit_scan_handler<Op, T, decltype(destination), decltype(source)>;
        });
    });
}

Handler push(const Request& r) {
    if (r.form == Form::Immediate)
        return r.flat_stack() ? &push_flat_handler<Immediate> : &push_any_handler<u32, Immediate>;
    return with_e(r, [&](auto source) -> Handler {
        using S = decltype(source);
        if (r.flat_stack()) return &push_flat_handler<S>;
        return r.operand16() ? &push_any_handler<u16, S> : &push_any_handler<u32, S>;
    });
}

Handler pop(const Request& r) {
    if (r.insn.shape & isa::shape::memory) return &simple_handler<ops::pop_memory>;
    return r.flat_stack() ? &pop_flat_handler : &simple_handler<ops::pop_register>;
}

Handler leave_frame(const Request& r) {
    return r.flat_stack() ? &leave_frame_flat_handler : &leave_frame_any_handler;
}

template <u8 code> Handler jcc(const Request&) {
    return &jcc_handler<code>;
}
template <class Op> Handler loop(const Request&) {
    return &loop_handler<Op>;
}
Handler jump_relative(const Request&) {
    return &jump_handler;
}
Handler call_relative(const Request& r) {
    return r.flat_stack() ? &call_flat_handler : &call_any_handler;
}
Handler jump_indirect(const Request& r) {
    if (!r.flat_stack()) return &jump_indirect_any_handler;
    return with_e(r, [&](auto source) -> Handler { return &jump_indirect_flat_handler<decltype(source)>; });
}
Handler call_indirect(const Request& r) {
    if (!r.flat_stack()) return &call_indirect_any_handler;
    return with_e(r, [&](auto source) -> Handler { return &call_indirect_flat_handler<decltype(source)>; });
}
Handler near_return(const Request& r) {
    return r.flat_stack() ? &return_flat_handler : &return_any_handler;
}

template <class Op> Handler string(const Request& r) {
    return with_width(r, [&](auto type) -> Handler { return &string_handler<Op, decltype(type)>; });
}
template <class Op> Handler port_string(const Request& r) {
    return with_width(r, [&](auto type) -> Handler { return &port_string_handler<Op, decltype(type)>; });
}

template <ops::Operation* operation> Handler simple(const Request&) {
    return &simple_handler<operation>;
}
template <ops::Operation* operation> Handler x87(const Request&) {
    return &x87_handler<operation>;
}
template <ops::Operation* operation> Handler leave(const Request&) {
    return &leave_handler<operation>;
}
template <ops::Operation* operation> Handler transfer(const Request&) {
    return &transfer_handler<operation>;
}
template <ops::Operation* operation> Handler segment_load(const Request&) {
    return &segment_load_handler<operation>;
}
Handler nop(const Request&) {
    return &nop_handler;
}

using Binder = Handler (*)(const Request&);
constexpr Binder binders[] = {
#define INSN(opcode, modrm, mnemonic, operands, since, written, read, undefined, attributes, ...) &__VA_ARGS__,
#include "cpu/isa/instructions.def"
#undef INSN
};

} // namespace

isa::Handler bind(const isa::Decoded& decoded, u8 mode) {
    const isa::Row& row = isa::row(decoded.insn.row);
    return binders[decoded.insn.row]({decoded.form, decoded.width, mode, decoded.insn, row});
}

isa::Handler continue_binder() {
    return &continue_handler;
}

isa::Handler undefined_binder() {
    return &undefined_handler;
}

} // namespace trapgate::cpu::engine
