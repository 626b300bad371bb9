// SPDX-License-Identifier: MIT
// The x87's side of a draft: stack, control word, pending exceptions, and numbers of every class in memory.
// Source: [SDM1] "x87 FPU Execution Environment", "Floating-Point Data Types", table "Floating-Point Number and NaN Encodings".
#include "draft.hpp"

#include <cstring>

namespace trapgate::silicon {

namespace {

struct Extended {
    uint16_t sign_exponent;
    uint64_t significand;
};

constexpr uint64_t integer_bit = 0x8000'0000'0000'0000;

constexpr Extended notable[] = {
    {0x0000, 0}, // zeros
    {0x8000, 0},
    {0x3FFF, integer_bit}, // 1, -1, 2, 10, 1.5, 0.5
    {0xBFFF, integer_bit},
    {0x4000, integer_bit},
    {0x4002, 0xA000'0000'0000'0000},
    {0x3FFF, 0xC000'0000'0000'0000},
    {0x3FFE, integer_bit},
    {0x4000, 0xC90F'DAA2'2168'C235}, // pi
    {0x7FFF, integer_bit},           // infinities
    {0xFFFF, integer_bit},
    {0x7FFF, 0xC000'0000'0000'0000}, // quiet NaNs, the second the indefinite
    {0xFFFF, 0xC000'0000'0000'0000},
    {0x7FFF, 0xC000'0000'0000'1234},
    {0x7FFF, 0xA000'0000'0000'0000}, // signalling NaN
    {0x0000, 1},                     // denormals
    {0x8000, 0x7FFF'FFFF'FFFF'FFFF},
    {0x0000, integer_bit},           // pseudo-denormal
    {0x0001, integer_bit},           // the smallest normal
    {0x7FFE, 0xFFFF'FFFF'FFFF'FFFF}, // the largest
    {0x4010, 0x4000'0000'0000'0000}, // unnormal
    {0x7FFF, 0},                     // pseudo-infinity
    {0x7FFF, 1},                     // pseudo-NaN
    {0x403E, integer_bit},           // 2^63
    {0xC03E, integer_bit},
    {0x401E, 0xFFFF'FFFE'0000'0000}, // around 2^31
    {0x400D, 0xFFFE'0000'0000'0000}, // around 2^15
    {0x407F, 0xFFFF'FF80'0000'0000}, // around the largest single
    {0x3F81, integer_bit},           // the smallest normal single
    {0x43FE, 0xFFFF'FFFF'FFFF'FC00}, // around the largest double
    {0x3BFF, integer_bit},
};

Extended number(Random& random) {
    switch (random.below(4)) {
    case 0: return random.pick(notable);
    case 1:
        return {uint16_t(0x3FFF - 20 + random.below(60) + (random.below(2) << 15)), random.next() | integer_bit};
    case 2: // a small integer
        return {uint16_t(0x3FFF + 15 + (random.below(2) << 15)), integer_bit | uint64_t(random.below(0x8000))
                                                                                   << 48};
    default: return {uint16_t(random.word()), random.percent(95) ? random.next() | integer_bit : random.next()};
    }
}

uint32_t single(Random& random) {
    static constexpr uint32_t corners[] = {0,           0x8000'0000, 0x3F80'0000, 0xBF80'0000, 0x7F80'0000,
                                           0xFF80'0000, 0x7FC0'0000, 0x7F80'0001, 1,           0x807F'FFFF,
                                           0x0080'0000, 0x7F7F'FFFF, 0x4049'0FDB, 0x4F00'0000};
    return random.percent(50) ? random.pick(corners) : random.word();
}

uint64_t twice(Random& random) {
    static constexpr uint64_t corners[] = {0,
                                           1ull << 63,
                                           0x3FF0ull << 48,
                                           0xBFF0ull << 48,
                                           0x7FF0ull << 48,
                                           0xFFF0ull << 48,
                                           0x7FF8ull << 48,
                                           (0x7FF0ull << 48) + 1,
                                           1,
                                           (1ull << 63) + 5,
                                           0x0010ull << 48,
                                           0x7FEF'FFFF'FFFF'FFFF,
                                           0x4009'21FB'5444'2D18,
                                           0x43E0ull << 48};
    return random.percent(50) ? random.pick(corners) : random.next();
}

void put(uint8_t* to, const Extended& value) {
    std::memcpy(to, &value.significand, 8);
    std::memcpy(to + 8, &value.sign_exponent, 2);
}

uint16_t control_word(Random& random) {
    uint32_t word = 0x37F;
    if (random.percent(50)) word = (word & ~0xF00u) | random.below(16) << 8; // rounding and precision
    if (random.percent(25)) word = (word & ~0x3Fu) | random.below(64);       // unmasked exceptions
    if ((word >> 8 & 3) == 1) word |= 0x200;                                 // the reserved precision
    return uint16_t(word);
}

/// The summary bits follow from the exceptions and their masks, as the unit itself would have it.
uint16_t status_word(Random& random, uint16_t control) {
    uint32_t word = random.word() & 0x7F00;
    if (random.percent(15)) word |= random.below(128);
    if (word & ~control & 0x3F) word |= 0x8080;
    return uint16_t(word);
}

void fill_operand(Draft& d) {
    Random& random = d.random;
    uint8_t bytes[15] = {};
    const uint16_t opcode = d.shape.opcode;
    const bool environment = (opcode == 0xD9 && d.shape.digit == 4) || (opcode == 0xDD && d.shape.digit == 4);
    const bool extended = opcode == 0xDB || (opcode == 0xDF && d.shape.digit == 4);
    if (environment) {
        const uint16_t control = control_word(random), status = status_word(random, control);
        const uint32_t step = d.operand_bytes();
        std::memcpy(bytes, &control, 2);
        std::memcpy(bytes + step, &status, 2);
        const auto tags = uint16_t(random.word());
        std::memcpy(bytes + 2 * step, &tags, 2);
    } else if (opcode == 0xD9 && d.shape.digit == 5) {
        const uint16_t control = control_word(random);
        std::memcpy(bytes, &control, 2);
    } else if (extended && random.percent(70)) {
        put(bytes, number(random));
        if (opcode == 0xDF) // packed decimal
            for (int i = 0; i < 10; ++i)
                bytes[i] = uint8_t(i == 9 ? random.below(2) << 7 : random.below(10) << 4 | random.below(10));
    } else if (opcode == 0xDC || opcode == 0xDD) {
        const uint64_t value = twice(random);
        std::memcpy(bytes, &value, 8);
    } else if (opcode == 0xD8 || opcode == 0xD9) {
        const uint32_t value = single(random);
        std::memcpy(bytes, &value, 4);
    } else {
        for (uint8_t& byte : bytes) byte = uint8_t(random.percent(50) ? corner(random) : random.word());
    }
    d.poke(d.effective_address(), bytes, 12);
}

} // namespace

void choose_fpu(Draft& d) {
    if (!d.shape.is(0xD8, 0xDF) && !d.shape.is_simd) return;
    Random& random = d.random;
    FpuImage& fpu = d.test.fpu;
    d.test.uses_fpu = 1;
    const uint16_t control = control_word(random);
    fpu.control = control;
    fpu.status = status_word(random, control);
    fpu.tags = 0;
    const uint32_t empties = random.percent(50)   ? 0
                             : random.percent(50) ? random.word() & random.word()
                                                  : random.word();
    for (uint32_t i = 0; i < 8; ++i) {
        put(fpu.registers[i], number(random));
        if (empties >> i & 1) fpu.tags |= 3u << 2 * i;
    }
    if (d.memory && !d.shape.is_simd && random.percent(90)) fill_operand(d);
}

} // namespace trapgate::silicon
