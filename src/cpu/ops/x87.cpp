// SPDX-License-Identifier: MIT
// x87 arithmetic, comparisons and moves between registers.
// Source: [SDM1] "Programming with the x87 FPU"; [SDM2] the page of each instruction.
#include "cpu/ops/x87.hpp"

#include "cpu/ops/x87_stack.hpp"

namespace trapgate::cpu::ops {

namespace {

using host::Outcome;
namespace st = x87_status;

bool compares(X87Op op) {
    return op == X87Op::Com || op == X87Op::Comp || op == X87Op::Ucom || op == X87Op::Ucomp;
}
bool pops(X87Op op) {
    return op == X87Op::Comp || op == X87Op::Ucomp;
}

Outcome compute(u16 control, X87Op op, const Float80& a, const Float80& b) {
    switch (op) {
    case X87Op::Add: return host::add(control, a, b);
    case X87Op::Mul: return host::mul(control, a, b);
    case X87Op::Sub: return host::sub(control, a, b);
    case X87Op::Subr: return host::subr(control, a, b);
    case X87Op::Div: return host::div(control, a, b);
    case X87Op::Divr: return host::divr(control, a, b);
    case X87Op::Com:
    case X87Op::Comp: return host::com(control, a, b);
    case X87Op::Ucom:
    case X87Op::Ucomp: return host::ucom(control, a, b);
    }
    __builtin_unreachable();
}

constexpr u16 unordered_codes = st::c0 | st::c2 | st::c3;

/// The outcome of an arithmetic or comparing step goes to ST(destination) and the status word.
void settle(X87Stack& stack, X87Op op, u32 destination, const Outcome& outcome) {
    if (compares(op)) {
        stack.set_condition(outcome.status);
        if (stack.record(outcome.status) && pops(op)) stack.pop();
        return;
    }
    stack.set_condition(outcome.status, st::c1);
    if (stack.record(outcome.status)) stack.set(destination, outcome.value);
}

/// An operand register is empty. A comparison says "unordered" even if the exception is unmasked.
void underflow(X87Stack& stack, X87Op op, u32 destination) {
    const bool masked = stack.stack_fault(false);
    if (compares(op)) stack.set_condition(unordered_codes);
    if (masked && compares(op) && pops(op))
        stack.pop();
    else if (masked && !compares(op))
        stack.set(destination, indefinite);
}

template <class T> T read_memory(Cpu& cpu, const Insn& i) {
    return load_from<T>(cpu, segment_of(i), effective_offset(cpu, i));
}

template <class Format> Outcome compute_format(u16 control, X87Op op, const Float80& a, const Format& b) {
    switch (op) {
    case X87Op::Add: return host::add_memory(control, a, b);
    case X87Op::Mul: return host::mul_memory(control, a, b);
    case X87Op::Sub: return host::sub_memory(control, a, b);
    case X87Op::Subr: return host::subr_memory(control, a, b);
    case X87Op::Div: return host::div_memory(control, a, b);
    case X87Op::Divr: return host::divr_memory(control, a, b);
    default: return host::com_memory(control, a, b);
    }
}

/// ST and a memory operand in one step: a conversion before it would quiet a signalling NaN.
template <class Format> void combine_with_memory(Cpu& cpu, const Insn& i, X87Op op) {
    Format operand;
    operand.bits = read_memory<decltype(operand.bits)>(cpu, i);
    note_pointers(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0)) return underflow(stack, op, 0);
    settle(stack, op, 0, compute_format(stack.control(), op, stack.get(0), operand));
}

void begin(Cpu& cpu, const Insn& i) {
    begin_waiting(cpu);
    note_pointers(cpu, i);
}

Outcome compute_one(u16 control, X87Unary op, const Float80& a) {
    switch (op) {
    case X87Unary::Chs: return host::chs(control, a);
    case X87Unary::Abs: return host::abs(control, a);
    case X87Unary::Sqrt: return host::sqrt(control, a);
    case X87Unary::Rndint: return host::rndint(control, a);
    case X87Unary::F2xm1: return host::f2xm1(control, a);
    case X87Unary::Sin: return host::sin(control, a);
    case X87Unary::Cos: return host::cos(control, a);
    }
    __builtin_unreachable();
}

Outcome compute_two(u16 control, X87Two op, const Float80& a, const Float80& b) {
    switch (op) {
    case X87Two::Yl2x: return host::yl2x(control, a, b);
    case X87Two::Patan: return host::patan(control, a, b);
    case X87Two::Yl2xp1: return host::yl2xp1(control, a, b);
    case X87Two::Prem: return host::prem(control, a, b);
    case X87Two::Prem1: return host::prem1(control, a, b);
    case X87Two::Scale: return host::scale(control, a, b);
    }
    __builtin_unreachable();
}

bool uses_condition_codes(X87Two op) {
    return op == X87Two::Prem || op == X87Two::Prem1;
}

bool is_nan(const Float80& value) {
    return (value.sign_exponent & 0x7fff) == 0x7fff && (value.significand << 1) != 0;
}

void compare_twice_popped(Cpu& cpu, const Insn& i, X87Op op) {
    begin(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0) || stack.empty(1)) {
        const bool masked = stack.stack_fault(false);
        stack.set_condition(unordered_codes);
        if (!masked) return;
    } else {
        const Outcome outcome = compute(stack.control(), op, stack.get(0), stack.get(1));
        stack.set_condition(outcome.status);
        if (!stack.record(outcome.status)) return;
    }
    stack.pop();
    stack.pop();
}

} // namespace

void begin_waiting(Cpu& cpu) {
    require_x87(cpu);
    if (!(cpu.x87.status & st::es)) return;
    if (!(cpu.cr0 & cr0::ne)) throw Unimplemented{"x87 error reporting through FERR# (CR0.NE = 0)"};
    raise(Vector::MF);
}

void note_pointers(Cpu& cpu, const Insn& i) {
    X87State& x87 = cpu.x87;
    x87.instruction_offset = cpu.eip;
    x87.instruction_selector = cpu.segment(SegmentRegister::cs).selector;
    if (has_memory(i)) {
        x87.operand_offset = effective_offset(cpu, i);
        x87.operand_selector = cpu.segment(segment_of(i)).selector;
    }
}

void x87_arithmetic_memory(Cpu& cpu, const Insn& i, X87Op op, X87Type type) {
    begin_waiting(cpu);
    switch (type) {
    case X87Type::Single: return combine_with_memory<host::Single>(cpu, i, op);
    case X87Type::Double: return combine_with_memory<host::Double>(cpu, i, op);
    case X87Type::Int16: return combine_with_memory<host::Int16>(cpu, i, op);
    default: return combine_with_memory<host::Int32>(cpu, i, op);
    }
}

void x87_arithmetic_top(Cpu& cpu, const Insn& i, X87Op op) {
    begin(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0) || stack.empty(i.rm)) return underflow(stack, op, 0);
    settle(stack, op, 0, compute(stack.control(), op, stack.get(0), stack.get(i.rm)));
}

void x87_arithmetic_other(Cpu& cpu, const Insn& i, X87Op op, bool pop) {
    begin(cpu, i);
    X87Stack stack(cpu);
    const u16 before = cpu.x87.status;
    if (stack.empty(0) || stack.empty(i.rm))
        underflow(stack, op, i.rm);
    else
        settle(stack, op, i.rm, compute(stack.control(), op, stack.get(i.rm), stack.get(0)));
    const u16 raised = cpu.x87.status & ~before & ~stack.control() & (st::ie | st::de | st::ze);
    if (pop && !raised) stack.pop();
}

void x87_compare_to_flags(Cpu& cpu, const Insn& i, bool unordered, bool pop) {
    begin(cpu, i);
    X87Stack stack(cpu);
    u16 codes = unordered_codes;
    bool masked;
    if (stack.empty(0) || stack.empty(i.rm)) {
        masked = stack.stack_fault(false);
    } else {
        const Outcome outcome =
            compute(stack.control(), unordered ? X87Op::Ucom : X87Op::Com, stack.get(0), stack.get(i.rm));
        codes = outcome.status;
        masked = stack.record(outcome.status);
    }
    cpu.flags.set_arithmetic((codes & st::c0 ? eflags::cf : 0) | (codes & st::c2 ? eflags::pf : 0) |
                             (codes & st::c3 ? eflags::zf : 0));
    if (pop && masked) stack.pop();
}

void fcompp(Cpu& cpu, const Insn& i) {
    compare_twice_popped(cpu, i, X87Op::Com);
}
void fucompp(Cpu& cpu, const Insn& i) {
    compare_twice_popped(cpu, i, X87Op::Ucom);
}

void fxch(Cpu& cpu, const Insn& i) {
    begin(cpu, i);
    X87Stack stack(cpu);
    for (u32 n : {0u, u32{i.rm}})
        if (stack.empty(n)) {
            if (!stack.stack_fault(false)) return;
            stack.set(n, indefinite);
        }
    const Float80 top = stack.get(0);
    stack.set(0, stack.get(i.rm));
    stack.set(i.rm, top);
    stack.set_condition(0, st::c1);
}

void ffree(Cpu& cpu, const Insn& i) {
    begin(cpu, i);
    X87Stack stack(cpu);
    stack.free(i.rm);
    stack.set_condition(0, st::c1);
}

void x87_store_register(Cpu& cpu, const Insn& i, bool pop) {
    begin(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0)) {
        if (!stack.stack_fault(false)) return;
        stack.set(i.rm, indefinite);
    } else {
        stack.set(i.rm, stack.get(0));
        stack.set_condition(0, st::c1);
    }
    if (pop) stack.pop();
}

void x87_conditional_move(Cpu& cpu, const Insn& i, bool moves) {
    begin(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0) || stack.empty(i.rm)) {
        if (stack.stack_fault(false)) stack.set(0, indefinite);
    } else if (moves) {
        stack.set(0, stack.get(i.rm));
    }
}

void x87_one(Cpu& cpu, const Insn& i, X87Unary op) {
    begin(cpu, i);
    X87Stack stack(cpu);
    const bool trigonometric = op == X87Unary::Sin || op == X87Unary::Cos;
    if (stack.empty(0)) {
        if (trigonometric) stack.set_condition(0, st::c2);
        if (stack.stack_fault(false)) stack.set(0, indefinite);
        return;
    }
    const Outcome outcome = compute_one(stack.control(), op, stack.get(0));
    stack.set_condition(outcome.status, static_cast<u16>(st::c1 | (trigonometric ? st::c2 : 0)));
    if (stack.record(outcome.status)) stack.set(0, outcome.value);
}

void x87_two_operands(Cpu& cpu, const Insn& i, X87Two op, bool pop) {
    begin(cpu, i);
    X87Stack stack(cpu);
    Float80 result = indefinite;
    if (stack.empty(0) || stack.empty(1)) {
        if (uses_condition_codes(op)) stack.set_condition(0, st::c2);
        if (!stack.stack_fault(false)) return;
    } else {
        const Outcome outcome = compute_two(stack.control(), op, stack.get(0), stack.get(1));
        const bool blocked = outcome.status & ~stack.control() & st::de;
        const bool no_quotient = blocked || (outcome.status & st::ie) || is_nan(outcome.value);
        stack.set_condition(outcome.status, !uses_condition_codes(op) ? st::c1
                                            : no_quotient             ? st::c1 | st::c2
                                                                      : st::condition);
        if (!stack.record(outcome.status)) return;
        result = outcome.value;
    }
    if (pop) stack.pop();
    stack.set(0, result);
}

void x87_split_result(Cpu& cpu, const Insn& i, X87Split op) {
    begin(cpu, i);
    X87Stack stack(cpu);
    const bool trigonometric = op != X87Split::Xtract;
    if (stack.empty(0) || !stack.empty(7)) {
        if (trigonometric) stack.set_condition(0, st::c2);
        if (stack.stack_fault(!stack.empty(0))) {
            stack.set(0, indefinite);
            stack.push(indefinite);
        }
        return;
    }
    const u16 control = stack.control();
    const Outcome outcome = op == X87Split::Ptan     ? host::ptan(control, stack.get(0))
                            : op == X87Split::Xtract ? host::xtract(control, stack.get(0))
                                                     : host::sincos(control, stack.get(0));
    stack.set_condition(outcome.status, static_cast<u16>(st::c1 | (trigonometric ? st::c2 : 0)));
    const bool out_of_range = trigonometric && (outcome.status & st::c2);
    if (!stack.record(outcome.status) || out_of_range) return;
    stack.set(0, outcome.second);
    stack.push(outcome.value);
}

void x87_move_top(Cpu& cpu, const Insn& i, int by) {
    begin(cpu, i);
    X87Stack stack(cpu);
    stack.set_top(static_cast<u32>(stack.top() + by));
    stack.set_condition(0, st::c1);
}

void ftst(Cpu& cpu, const Insn& i) {
    begin(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(0)) return underflow(stack, X87Op::Com, 0);
    settle(stack, X87Op::Com, 0, host::com(stack.control(), stack.get(0), Float80{}));
}

void fxam(Cpu& cpu, const Insn& i) {
    begin(cpu, i);
    X87Stack stack(cpu);
    const u16 sign = stack.get(0).sign_exponent & 0x8000 ? st::c1 : 0;
    if (stack.empty(0))
        stack.set_condition(st::c3 | st::c0 | sign);
    else
        stack.set_condition(host::xam(stack.control(), stack.get(0)).status);
}

void fnop(Cpu& cpu, const Insn&) {
    begin_waiting(cpu);
}

} // namespace trapgate::cpu::ops
