// SPDX-License-Identifier: MIT
// What makes a test of one particular instruction worth while: quotients that fit, counts that end, selectors that load.
// Source: [SDM2], the "Operation" of each instruction named.
#include "draft.hpp"

#include <algorithm>
#include <cstring>

namespace trapgate::silicon {

namespace {

uint32_t repeat_count(Random& random) {
    static constexpr uint32_t counts[] = {0,  0,  1,  1,  2,   3,     4,           5,           7,        8,
                                          16, 17, 31, 64, 100, 0x800, 0xFFFF'FFFF, 0x8000'0000, 0x1'0000, 0x1'0001};
    return random.pick(counts);
}

void scene_of_string(Draft& d) {
    const uint16_t source = d.test.segments[d.override_segment >= 0 ? uint32_t(d.override_segment) : uint32_t(Ds)];
    auto point = [&](uint32_t r, uint16_t selector) {
        if (d.random.percent(5)) return;
        const uint32_t offset =
            data_address(d.random, d.address16 && segment_base(selector) == 0) - segment_base(selector);
        d.reg(r) = d.address16 ? (d.random.word() & 0xFFFF'0000) | (offset & 0xFFFF) : offset;
    };
    point(Esi, source);
    point(Edi, d.test.segments[Es]);
    if (d.random.percent(10)) d.reg(Edi) = d.reg(Esi) + d.random.below(9) - 4; // overlapping
    if (d.random.percent(90))
        d.reg(Ecx) = d.address16 ? (d.random.word() & 0xFFFF'0000) | (repeat_count(d.random) & 0xFFFF)
                                 : repeat_count(d.random);
    d.test.eflags = (d.test.eflags & ~0x400u) | (d.random.percent(35) ? 0x400 : 0);
}

/// A dividend whose quotient is near the edge of what fits.
void scene_of_division(Draft& d, uint32_t bits) {
    const uint32_t high = d.random.percent(50)   ? d.random.below(4)
                          : d.random.percent(50) ? uint32_t(-int32_t(d.random.below(4)))
                                                 : corner(d.random);
    if (bits == 8)
        d.reg(Eax) = (d.reg(Eax) & 0xFFFF'0000) | (high & 0xFF) << 8 | (d.reg(Eax) & 0xFF);
    else
        d.reg(Edx) = high;
}

void scene_of_far_transfer(Draft& d) {
    if (d.shape.is(0xCF)) d.reg(Esp) &= ~3u;
}

bool shifts_by_cl(const Shape& s) {
    return s.is(0xD2, 0xD3) || s.is(0x0FA5) || s.is(0x0FAD);
}
bool shifts_by_immediate(const Shape& s) {
    return s.is(0xC0, 0xC1) || s.is(0x0FA4) || s.is(0x0FAC);
}

bool takes_selector(const Shape& s) {
    return s.is(0x8E) || s.is(0x63) || s.is(0x0F02, 0x0F03) || (s.is(0x0F00) && s.digit >= 2);
}
bool takes_far_pointer(const Shape& s) {
    return s.is(0xC4, 0xC5) || s.is(0x0FB2) || s.is(0x0FB4, 0x0FB5) ||
           (s.is(0xFF) && (s.digit == 3 || s.digit == 5));
}
bool pops_selector(const Shape& s) {
    return s.is(0x07) || s.is(0x17) || s.is(0x1F) || s.is(0x0FA1) || s.is(0x0FA9);
}

uint32_t memory_value(Random& random) {
    return random.percent(60) ? register_value(random) : corner(random);
}

uint32_t code_target(Draft& d) {
    const uint32_t target =
        d.random.percent(80) ? code_base + d.random.below(code_bytes) : register_value(d.random);
    return d.random.percent(20) ? target & 0xFFFF : target;
}

/// Operand-size words one after the other, as pushes and far pointers lay them out.
void poke_operands(Draft& d, uint32_t address, std::initializer_list<uint32_t> values) {
    uint8_t bytes[15] = {};
    uint8_t count = 0;
    for (uint32_t value : values)
        for (uint32_t i = 0; i < d.operand_bytes() && count < 15; ++i, value >>= 8) bytes[count++] = uint8_t(value);
    d.poke(address, bytes, count);
}

void fill_far_pointer(Draft& d) {
    uint8_t bytes[6];
    const uint32_t offset = d.shape.is(0xFF) ? code_target(d) : register_value(d.random);
    const uint16_t selector = any_selector(d.random);
    std::memcpy(bytes, &offset, 4);
    std::memcpy(bytes + d.operand_bytes(), &selector, 2);
    d.poke(d.effective_address(), bytes, uint8_t(d.operand_bytes() + 2));
}

void fill_bounds(Draft& d) {
    const uint32_t index = d.reg(d.reg_field());
    const auto lower = int32_t(index) - int32_t(d.random.below(3)) + 1,
               upper = int32_t(index) + int32_t(d.random.below(3)) - 1;
    poke_operands(d, d.effective_address(), {uint32_t(lower), uint32_t(upper)});
}

/// Half of the time the comparison of CMPXCHG or CMPXCHG8B succeeds.
void fill_compared(Draft& d) {
    if (d.random.percent(50)) return d.poke_words(d.effective_address(), {d.reg(Eax), d.reg(Edx)});
    d.poke_words(d.effective_address(), {memory_value(d.random), memory_value(d.random)});
}

void fill_memory_operand(Draft& d) {
    if (takes_far_pointer(d.shape)) return fill_far_pointer(d);
    if (d.random.percent(15)) return;
    if (d.shape.is(0x62)) return fill_bounds(d);
    if (d.shape.is(0x0FB0, 0x0FB1) || d.shape.is(0x0FC7)) return fill_compared(d);
    const uint32_t first = takes_selector(d.shape) ? any_selector(d.random) : memory_value(d.random);
    d.poke_words(d.effective_address(), {first, memory_value(d.random), memory_value(d.random)});
}

void fill_stack(Draft& d) {
    Random& random = d.random;
    const uint32_t address = d.stack_address();
    if (pops_selector(d.shape))
        return poke_operands(d, address, {any_selector(random) | (random.word() & 0xFFFF'0000)});
    const uint32_t flags = random.word() & ~0x2'0000u; // never VM: no such mode in a 64-bit host's programs
    if (d.shape.is(0x9D)) return poke_operands(d, address, {flags});
    if (d.shape.is(0xCF)) return poke_operands(d, address, {code_target(d), any_selector(random), flags});
    if (d.shape.is(0xCA, 0xCB)) return poke_operands(d, address, {code_target(d), any_selector(random)});
    if (d.shape.is(0xC2, 0xC3)) return poke_operands(d, address, {code_target(d)});
    if (random.percent(30))
        d.poke_words(address, {memory_value(random), memory_value(random), memory_value(random)});
}

/// INT n through a gate that ring 3 may use is a system call on the host.
void avoid_system_calls(Draft& d) {
    if (d.shape.is(0xCD) && d.immediate[0] == 0x80) d.immediate[0] = uint8_t(d.random.below(0x80));
}

} // namespace

void set_the_scene(Draft& d) {
    const Shape& shape = d.shape;
    Random& random = d.random;
    avoid_system_calls(d);
    if (d.is_string()) scene_of_string(d);
    if (shifts_by_cl(shape) && random.percent(80))
        d.reg(Ecx) = (d.reg(Ecx) & ~0xFFu) | random.below(random.percent(90) ? 40 : 256);
    if (shifts_by_immediate(shape) && random.percent(80))
        d.immediate[0] = uint8_t(random.below(random.percent(90) ? 40 : 256));
    if (shape.is(0xF6, 0xF7) && shape.digit >= 6 && random.percent(80))
        scene_of_division(d, shape.is(0xF6) ? 8 : 32);
    if (shape.is(0xE0, 0xE3) && random.percent(70))
        d.reg(Ecx) = random.percent(50) ? random.below(3) : random.word() << 16 | random.below(3);
    if (shape.is(0xC8) && random.percent(85)) d.immediate[2] = uint8_t(random.below(random.percent(60) ? 3 : 40));
    if (shape.is(0xC8) && random.percent(70)) d.immediate[1] &= 1;
    if (shape.is(0xD4) && random.percent(80)) d.immediate[0] = random.percent(50) ? 10 : uint8_t(random.below(20));
    if (shape.is(0x0FB0, 0x0FB1) && !d.memory && random.percent(50)) d.reg(Eax) = d.reg(d.rm_field());
    if (takes_selector(shape) && random.percent(85))
        for (uint32_t r = 0; r < 8; ++r)
            if (r != Esp) d.reg(r) = (d.reg(r) & 0xFFFF'0000) | any_selector(random);
    scene_of_far_transfer(d);
}

void fill_memory(Draft& d) {
    if (d.memory && !d.test.uses_fpu) fill_memory_operand(d);
    const uint32_t xlat = segment_base(d.test.segments[d.memory_segment()]);
    if (d.shape.is(0xD7) && d.random.percent(95)) {
        d.reg(Ebx) = data_address(d.random, d.address16) - xlat;
        if (d.random.percent(50)) d.reg(Ebx) -= d.reg(Eax) & 0xFF;
    }
    fill_stack(d);
}

} // namespace trapgate::silicon
