// SPDX-License-Identifier: MIT
// The side of MMX, SSE and FXSAVE in a draft: registers full of lanes worth trying, MXCSR, aligned operands.
// Source: [SDM1] "Programming with Intel MMX Technology", "Programming with Intel Streaming SIMD Extensions (Intel SSE)".
#include "draft.hpp"

#include <cstring>

namespace trapgate::silicon {

namespace {

bool is_fxsave(const Shape& shape) {
    return shape.is(0x0FAE) && shape.digit <= 1 && shape.digit >= 0;
}
bool is_ldmxcsr(const Shape& shape) {
    return shape.is(0x0FAE) && shape.digit == 2;
}

/// Singles around the borders where something happens.
uint32_t single(Random& random) {
    static constexpr uint32_t corners[] = {
        0,           0x3F80'0000, 0x4000'0000, 0x3F00'0000, 0x3FC0'0000, 0x4049'0FDB, 0x7F80'0000, 0x7FC0'0000,
        0x7F80'0001, 0x7FBF'FFFF, 0x7FFF'FFFF, 1,           2,           0x0040'0000, 0x007F'FFFF, 0x0080'0000,
        0x0080'0001, 0x7F7F'FFFF, 0x7F00'0000, 0x4F00'0000, 0x4EFF'FFFF, 0x4B80'0001, 0x3F7F'FFFF, 0x3F80'0001,
        0x4020'0000, 0x4060'0000, 0x3EFF'FFFF, 0x1F80'0000, 0x5F80'0000, 0x2000'0001};
    const uint32_t sign = random.below(2) << 31;
    switch (random.below(8)) {
    case 0:
    case 1:
    case 2: return sign | random.pick(corners);
    case 3: return sign | (0x3F80'0000 + (random.below(48) << 23) - (24u << 23)) | (random.word() & 0x7F'FFFF);
    case 4: return sign | random.below(0x20) << 23 | (random.word() & 0x7F'FFFF);                 // small
    case 5: return sign | (0xE0 + random.below(0x20)) << 23 | (random.word() & 0x7F'FFFF);        // large
    case 6: return sign | (0x3F80'0000 + (random.below(16) << 23)) | (random.word() & 0x7F'0000); // short fractions
    default: return random.word();
    }
}

/// Two lanes of an MMX register: bytes and words at the borders of signedness.
uint32_t lanes(Random& random) {
    switch (random.below(4)) {
    case 0: return corner(random);
    case 1: return (corner(random) & 0xFFFF) | corner(random) << 16;
    case 2: return random.below(80);
    default: return random.word();
    }
}

uint32_t control_and_status(Random& random) {
    uint32_t mxcsr = 0x1F80;
    if (random.percent(50)) mxcsr |= random.below(4) << 13;                     // rounding
    if (random.percent(25)) mxcsr = (mxcsr & ~0x1F80u) | random.below(64) << 7; // unmasked exceptions
    if (random.percent(20)) mxcsr |= 0x8000;                                    // flush to zero
    if (random.percent(20)) mxcsr |= 0x0040;                                    // denormals are zero
    if (random.percent(30)) mxcsr |= random.below(64);                          // exceptions of before
    return mxcsr;
}

/// Something that LDMXCSR and FXRSTOR mostly take.
uint32_t mxcsr_image(Random& random) {
    if (random.percent(80)) return control_and_status(random);
    return random.percent(50) ? random.word() : random.word() & 0x1'FFFF;
}

void fill_operand(Draft& d) {
    Random& random = d.random;
    const uint32_t address = d.effective_address();
    if (is_fxsave(d.shape)) {
        uint8_t header[8] = {};
        const uint32_t control = 0x37F ^ (random.percent(50) ? random.word() & 0x1FFF : 0);
        const uint32_t status = random.percent(70) ? random.word() & 0x7F00 : random.word() & 0xFFFF;
        std::memcpy(header, &control, 2);
        std::memcpy(header + 2, &status, 2);
        header[4] = uint8_t(random.word());
        d.poke(address, header, 8);
        d.poke_words(address + 24, {mxcsr_image(random)});
        d.poke_words(address + 32, {single(random), corner(random), 0x3FFF});
    } else if (is_ldmxcsr(d.shape)) {
        d.poke_words(address, {mxcsr_image(random)});
    } else if (d.shape.names_xmm) {
        d.poke_words(address, {single(random), single(random)});
        d.poke_words(address + 8, {single(random), single(random)});
    } else {
        d.poke_words(address, {lanes(random), random.percent(50) ? 0 : lanes(random)});
    }
}

void fill_registers(Draft& d) {
    Random& random = d.random;
    for (auto& reg : d.test.fpu.registers) {
        const uint32_t words[2] = {lanes(random), random.percent(30) ? 0 : lanes(random)};
        if (!random.percent(30)) std::memcpy(reg, words, 8); // the rest stay numbers
    }
    d.test.uses_sse = 1;
    d.test.sse.mxcsr = control_and_status(random);
    const bool alike = random.percent(15);
    for (auto& reg : d.test.sse.xmm)
        for (uint32_t& lane : reg) lane = alike && random.percent(70) ? 0x3F80'0000 : single(random);
}

} // namespace

void align_operand(Draft& d, uint32_t& target) {
    if (!d.shape.is_simd || !d.shape.memory_operand_is_aligned) return;
    if (d.random.percent(85)) target &= ~15u;
}

void choose_vectors(Draft& d) {
    if (!d.shape.is_simd) return;
    fill_registers(d);
    if (d.memory && d.random.percent(85)) fill_operand(d);
    if (d.shape.is(0x0FF7)) // MASKMOVQ stores at (E)DI
        d.reg(Edi) = data_address(d.random, d.address16) - segment_base(d.test.segments[d.memory_segment()]);
    if (d.shape.is(0x0F2A) && !d.memory)
        d.reg(d.rm_field()) = d.random.percent(50) ? corner(d.random) : d.random.word();
}

} // namespace trapgate::silicon
