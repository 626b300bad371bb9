// SPDX-License-Identifier: MIT
// What counts as a difference, and how it is printed.
// Source: [SDM2] SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD "Flags Affected"; [SDM3] "Page-Fault Exception (#PF)".
#include "judgement.hpp"

#include "encoding.hpp"

#include <algorithm>
#include <bit>
#include <capstone/capstone.h>
#include <cmath>
#include <fmt/format.h>

namespace trapgate::silicon {

namespace {

constexpr uint32_t carry = 0x001, overflow_flag = 0x800, resume = 0x1'0000;

bool is_shift(const Shape& s) {
    return s.is(0xC0, 0xC1) || s.is(0xD0, 0xD3);
}
bool is_double_shift(const Shape& s) {
    return s.is(0x0FA4, 0x0FA5) || s.is(0x0FAC, 0x0FAD);
}

uint32_t shift_count(const Question& q) {
    const Shape& s = *q.shape;
    if (s.is(0xD0, 0xD1)) return 1;
    if (s.is(0xD2, 0xD3) || s.is(0x0FA5) || s.is(0x0FAD)) return q.test.registers[Ecx] & 31;
    return q.test.code[q.test.code_length - 1] & 31;
}

uint32_t operand_bits(const Question& q) {
    if (q.shape->is(0xC0) || q.shape->is(0xD0) || q.shape->is(0xD2)) return 8;
    return has_16_bit_operands(q.test) ? 16 : 32;
}

/// #PF says whether it was a fetch only where execution can be forbidden; our i386 pages have no such bit.
uint32_t comparable_error(const Outcome& o) {
    return o.trap == page_fault ? o.error & ~0x10u : o.error;
}

/// The instruction ran; what ended the test came after it (perhaps a page fault on the fetch of the int3).
bool finished(const Case& test, const Outcome& o) {
    return o.trap == debug || o.trap == breakpoint || o.eip != test.eip;
}

/// Where FSTENV and FSAVE put instruction and operand pointers: their selectors are gone from newer processors, which also
/// note the operand only of instructions that fault.
bool holds_fpu_pointer(const Question& q, uint32_t address) {
    if (q.shape->is(0x0FAE) && q.shape->digit == 0) return address - q.operand_address - 6 < 18; // with the opcode
    const bool stores = (q.shape->is(0xD9) || q.shape->is(0xDD)) && q.shape->digit == 6 && q.test.uses_fpu;
    const uint32_t at = address - q.operand_address;
    return stores && (has_16_bit_operands(q.test) ? at >= 6 && at < 14 : at >= 12 && at < 28);
}

/// The same changes without those that may differ.
Outcome without_fpu_pointers(const Question& q, Outcome outcome) {
    if (!q.test.uses_fpu || outcome.changed_count > listed_changes) return outcome;
    const uint32_t count = outcome.changed_count;
    outcome.changed_count = 0;
    outcome.changed_hash = empty_hash;
    for (uint32_t i = 0; i < count; ++i) {
        const ChangedByte change = outcome.changed[i];
        if (holds_fpu_pointer(q, change.address)) continue;
        outcome.changed[outcome.changed_count++] = change;
        outcome.changed_hash = hash_change(outcome.changed_hash, change.address, change.value);
    }
    return outcome;
}

bool is_empty(const FpuImage& fpu, uint32_t i) {
    return (fpu.tags >> 2 * (((fpu.status >> 11) + i) & 7) & 3) == 3;
}

std::string fpu_text(const FpuImage& fpu, uint32_t i) {
    std::string text = is_empty(fpu, i) ? "(empty) " : "";
    for (int k = 9; k >= 0; --k) text += fmt::format("{:02x}{}", fpu.registers[i][k], k == 8 ? " " : "");
    return text;
}

bool same_memory(const Outcome& a, const Outcome& b) {
    return a.changed_count == b.changed_count && a.changed_hash == b.changed_hash;
}

std::string disassemble(const Case& test) {
    csh handle;
    const bool code16 = selects_16_bit(test.segments[Cs]);
    if (cs_open(CS_ARCH_X86, code16 ? CS_MODE_16 : CS_MODE_32, &handle) != CS_ERR_OK) return "?";
    cs_insn* insns;
    const size_t count = cs_disasm(handle, test.code, test.code_length, test.eip, 0, &insns);
    std::string text = count ? "" : "(not known to Capstone)";
    for (size_t i = 0; i < count; ++i)
        text += fmt::format("{}{} {}", i ? "; " : "", insns[i].mnemonic, insns[i].op_str);
    if (count) cs_free(insns, count);
    cs_close(&handle);
    return text;
}

std::string flag_names(uint32_t flags) {
    static constexpr struct {
        uint32_t bit;
        const char* name;
    } names[] = {{0x800, "OF"}, {0x400, "DF"}, {0x80, "SF"},   {0x40, "ZF"},     {0x10, "AF"},  {4, "PF"},
                 {1, "CF"},     {0x100, "TF"}, {resume, "RF"}, {0x4'0000, "AC"}, {0x4000, "NT"}};
    std::string text;
    for (const auto& each : names)
        if (flags & each.bit) text += fmt::format(" {}", each.name);
    return text;
}

std::string changes(const Outcome& o) {
    std::string text = fmt::format("{} bytes", o.changed_count);
    for (uint32_t i = 0; i < o.changed_count && i < listed_changes; ++i)
        text += fmt::format("{}{:08x}={:02x}", i ? " " : ": ", o.changed[i].address, o.changed[i].value);
    return text;
}

std::string trap_text(const Outcome& o) {
    return fmt::format("{} error {:x} cr2 {:08x}", o.trap, o.error, o.cr2);
}

constexpr const char* register_names[] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
constexpr const char* segment_names[] = {"es", "cs", "ss", "ds", "fs", "gs"};

void row(std::string& out, std::string_view name, std::string before, std::string native, std::string ours,
         bool differs) {
    if (!differs && before == native && before == ours) return;
    out += fmt::format("  {:7} {:10} {:44} {:44}{}\n", name, before, native, ours, differs ? " <--" : "");
}

std::string lanes_text(const uint32_t (&lanes)[4]) {
    return fmt::format("{:08x} {:08x} {:08x} {:08x}", lanes[3], lanes[2], lanes[1], lanes[0]);
}

std::string sse_text(const SseImage& before, const SseImage& native, const SseImage& ours) {
    std::string out = fmt::format("  mxcsr   {:<36x} {:<36x} {:<36x}{}\n", before.mxcsr, native.mxcsr, ours.mxcsr,
                                  native.mxcsr != ours.mxcsr ? " <--" : "");
    for (uint32_t i = 0; i < 8; ++i) {
        const bool differs = !std::equal(native.xmm[i], native.xmm[i] + 4, ours.xmm[i]);
        out += fmt::format("  xmm{}    {:36} {:36} {:36}{}\n", i, lanes_text(before.xmm[i]),
                           lanes_text(native.xmm[i]), lanes_text(ours.xmm[i]), differs ? " <--" : "");
    }
    return out;
}

} // namespace

uint32_t undefined_flags(const Question& q, const Outcome& native) {
    if (q.is_sequence) return native.trap == breakpoint ? q.sequence_undefined : q.sequence_doubtful;
    if (!finished(q.test, native)) return 0;
    uint32_t mask = q.shape->undefined_flags;
    if (!is_shift(*q.shape) && !is_double_shift(*q.shape)) return mask;
    const uint32_t count = shift_count(q);
    if (count == 0) return 0;
    if (count == 1) mask &= ~overflow_flag;
    if (count < operand_bits(q)) mask &= ~carry;
    return mask;
}

bool is_defined(const Question& q) {
    if (q.is_sequence) return true;

    return !is_double_shift(*q.shape) || shift_count(q) <= operand_bits(q);
}

namespace {

bool is_access_fault(const Outcome& o) {
    return o.trap == page_fault || o.trap == alignment_check || o.trap == stack_fault;
}

/// Where a far CALL faults after all, silicon's microcode has written the return address below the (unchanged) stack pointer
/// already, or one of its two words; Trapgate's transfers write nothing before their point of no return, and probe the lower
/// word first.
bool is_faulting_far_call(const Question& q, const Outcome& native) {
    const bool far_call = q.shape->is(0x9A) || (q.shape->is(0xFF) && q.shape->digit == 3);
    return far_call && native.eip == q.test.eip;
}

/// Where two words of the frame of a far return cannot be read, silicon's microcode and the manual's order differ in which one
/// is told of.
bool is_faulting_far_return(const Question& q, const Outcome& native) {
    const bool far_return = q.shape->is(0xCA, 0xCB) || q.shape->is(0xCF);
    return far_return && native.eip == q.test.eip && is_access_fault(native);
}

/// What is left out of the comparison, put to Trapgate's answer. docs/quirks.md has the same list.
Outcome excused(const Question& q, Outcome native, const Outcome& ours) {
    if (q.is_sequence) return native;
    const uint32_t frame = q.test.registers[Esp] + segment_base(q.test.segments[Ss]);
    if (is_faulting_far_call(q, native) && ours.changed_count == 0) {
        native.changed_count = ours.changed_count;
        native.changed_hash = ours.changed_hash;
        if (frame - 1 - native.cr2 < 8 && frame - 1 - ours.cr2 < 8) native.cr2 = ours.cr2;
    }
    if (is_faulting_far_return(q, native) && is_access_fault(ours)) {
        native.trap = ours.trap;
        native.error = ours.error;
        native.cr2 = ours.cr2;
    }
    return native;
}

} // namespace

bool same_fpu(const FpuImage& a, const FpuImage& b) {
    if (uint16_t(a.control) != uint16_t(b.control) || uint16_t(a.status) != uint16_t(b.status)) return false;
    for (uint32_t i = 0; i < 8; ++i)
        if (is_empty(a, i) != is_empty(b, i) ||
            (!is_empty(a, i) && !std::equal(a.registers[i], a.registers[i] + 10, b.registers[i])))
            return false;
    return true;
}

bool same_sse(const SseImage& a, const SseImage& b) {
    return a.mxcsr == b.mxcsr && std::equal(a.xmm[0], a.xmm[0] + 32, b.xmm[0]);
}

bool is_newer(const Question& q, const Outcome& native) {
    return q.shape->undefined && native.trap != invalid_opcode;
}

/// Two approximations of one true value, each within Intel's bound or better: Trapgate's lies within 2^-13, silicon's within
/// 1.5 * 2^-12. Zeros, infinities and NaNs are the same to the bit.
bool same_approximation(uint32_t native, uint32_t ours) {
    if (native == ours) return true;
    const auto a = double{std::bit_cast<float>(native)}, b = double{std::bit_cast<float>(ours)};
    if (!std::isfinite(a) || !std::isfinite(b) || std::signbit(a) != std::signbit(b)) return false;
    if (a == 0 || b == 0) return std::abs(a + b) < 0x1p-126 * (1 + 0x1p-11); // what is tiny is each processor's own
    return std::abs(a - b) <= std::abs(b) * (1 + 0x1p-12) * (1.5 * 0x1p-12 + 0x1p-13);
}

bool same_approximate_sse(const SseImage& native, const SseImage& ours) {
    return native.mxcsr == ours.mxcsr &&
           std::equal(native.xmm[0], native.xmm[0] + 32, ours.xmm[0], same_approximation);
}

namespace {

bool is_approximation(const Question& q) {
    return !q.is_sequence && q.shape->is(0x0F52, 0x0F53);
}

} // namespace

bool needs_excuse(const Question& q, const Outcome& native) {
    return !q.is_sequence && (is_faulting_far_call(q, native) || is_faulting_far_return(q, native));
}

bool same_outcome(const Outcome& native, const Outcome& ours, uint32_t undefined) {
    return std::equal(native.registers, native.registers + 8, ours.registers) &&
           std::equal(native.segments, native.segments + 6, ours.segments) && native.eip == ours.eip &&
           native.trap == ours.trap && comparable_error(native) == comparable_error(ours) &&
           native.cr2 == ours.cr2 && same_memory(native, ours) && ((native.eflags ^ ours.eflags) & ~undefined) == 0;
}

bool agree(const Question& q, const Outcome& native, const Outcome& ours) {
    return !is_defined(q) || is_newer(q, native) ||
           (same_outcome(without_fpu_pointers(q, excused(q, native, ours)), without_fpu_pointers(q, ours),
                         undefined_flags(q, native)) &&
            (!q.test.uses_fpu || same_fpu(native.fpu, ours.fpu)) &&
            (!q.test.uses_sse ||
             (is_approximation(q) ? same_approximate_sse(native.sse, ours.sse) : same_sse(native.sse, ours.sse))));
}

std::string describe(const Question& q, const Outcome& native, const Outcome& ours) {
    const std::string digit = q.shape->digit >= 0 ? fmt::format("/{}", q.shape->digit) : "";
    const std::string row_text = fmt::format("\"{}\" ({:x}{})", q.shape->row, q.shape->opcode, digit);
    return describe(row_text, q.test, native, ours, undefined_flags(q, native));
}

std::string describe(const std::string& row_text, const Case& test, const Outcome& native, const Outcome& ours,
                     uint32_t undefined) {
    std::string out = fmt::format("  {}   row {}\n  bytes  ", disassemble(test), row_text);
    for (uint32_t i = 0; i < test.code_length; ++i) out += fmt::format(" {:02x}", test.code[i]);
    out += fmt::format("   {}\n", test.single_step ? "single step" : "run to int3");
    for (uint32_t i = 0; i < test.poke_count; ++i) {
        out += fmt::format("  memory  {:08x}:", test.pokes[i].address);
        for (uint32_t k = 0; k < test.pokes[i].length; ++k) out += fmt::format(" {:02x}", test.pokes[i].bytes[k]);
        out += "\n";
    }
    out += fmt::format("  {:7} {:10} {:44} {:44}\n", "", "before", "silicon", "Trapgate");
    auto hex = [](uint32_t value) { return fmt::format("{:08x}", value); };
    for (uint32_t i = 0; i < 8; ++i)
        out += fmt::format("  {:7} {:10} {:44} {:44}{}\n", register_names[i], hex(test.registers[i]),
                           hex(native.registers[i]), hex(ours.registers[i]),
                           native.registers[i] != ours.registers[i] ? " <--" : "");
    for (uint32_t i = 0; i < 6; ++i)
        row(out, segment_names[i], fmt::format("{:04x}", test.segments[i]),
            fmt::format("{:04x}", native.segments[i]), fmt::format("{:04x}", ours.segments[i]),
            native.segments[i] != ours.segments[i]);
    out += fmt::format("  eip at first {:08x}, cs {:04x} ss {:04x} ds {:04x} es {:04x} fs {:04x} gs {:04x}\n",
                       test.eip, test.segments[Cs], test.segments[Ss], test.segments[Ds], test.segments[Es],
                       test.segments[Fs], test.segments[Gs]);
    row(out, "eip", hex(test.eip), hex(native.eip), hex(ours.eip), native.eip != ours.eip);
    const uint32_t wrong = (native.eflags ^ ours.eflags) & ~undefined;
    row(out, "eflags", hex(test.eflags), hex(native.eflags) + flag_names(native.eflags),
        hex(ours.eflags) + flag_names(ours.eflags) + (wrong ? " differ:" + flag_names(wrong) : ""), wrong);
    row(out, "trap", "", trap_text(native), trap_text(ours),
        native.trap != ours.trap || comparable_error(native) != comparable_error(ours) || native.cr2 != ours.cr2);
    if (test.uses_fpu) {
        row(out, "control", fmt::format("{:04x}", test.fpu.control),
            fmt::format("{:04x}", uint16_t(native.fpu.control)), fmt::format("{:04x}", ours.fpu.control),
            uint16_t(native.fpu.control) != ours.fpu.control);
        row(out, "status", fmt::format("{:04x}", test.fpu.status),
            fmt::format("{:04x}", uint16_t(native.fpu.status)), fmt::format("{:04x}", ours.fpu.status),
            uint16_t(native.fpu.status) != ours.fpu.status);
        for (uint32_t i = 0; i < 8; ++i)
            out +=
                fmt::format("  st({})   {:34} {:34} {:34}{}\n", i, fpu_text(test.fpu, i), fpu_text(native.fpu, i),
                            fpu_text(ours.fpu, i), fpu_text(native.fpu, i) != fpu_text(ours.fpu, i) ? " <--" : "");
    }
    if (test.uses_sse) out += sse_text(test.sse, native.sse, ours.sse);
    if (!same_memory(native, ours))
        out += fmt::format("  memory silicon  {} <--\n  memory Trapgate {} <--\n", changes(native), changes(ours));
    return out;
}

} // namespace trapgate::silicon
