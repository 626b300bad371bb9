// SPDX-License-Identifier: MIT
// How the numbers are drawn. Source: see values.hpp.
#include "values.hpp"

namespace trapgate::silicon {

namespace {

constexpr uint32_t corners[] = {
    0,           1,           2,           3,           7,           8,           0xF,         0x10,
    0x1F,        0x20,        0x3F,        0x40,        0x7E,        0x7F,        0x80,        0x81,
    0x99,        0xFE,        0xFF,        0x100,       0x101,       0x7FFE,      0x7FFF,      0x8000,
    0x8001,      0xFF7F,      0xFF80,      0xFFFE,      0xFFFF,      0x1'0000,    0x1'0001,    0x7F'FFFF,
    0x7FFF'0000, 0x7FFF'FFFE, 0x7FFF'FFFF, 0x8000'0000, 0x8000'0001, 0x8000'8000, 0x8080'8080, 0xAAAA'AAAA,
    0x5555'5555, 0xFFFF'0000, 0xFFFF'7FFF, 0xFFFF'8000, 0xFFFF'FF80, 0xFFFF'FFF8, 0xFFFF'FFFE, 0xFFFF'FFFF};

uint32_t away_from_child(uint32_t value) {
    return is_forbidden(value) ? value ^ 0x5000'0000 : value;
}

} // namespace

uint32_t corner(Random& random) {
    return random.pick(corners);
}

uint32_t register_value(Random& random) {
    switch (random.below(8)) {
    case 0:
    case 1:
    case 2: return corner(random);
    case 3: return random.below(256);
    case 4: return data_address(random, random.percent(20));
    case 5: return away_from_child(corner(random) << 16 | (corner(random) & 0xFFFF));
    default: return away_from_child(random.word());
    }
}

uint32_t data_address(Random& random, bool low) {
    const uint32_t first = low ? low_data : data_base;
    switch (random.below(16)) {
    case 0: return first + page_size - 8 + random.below(16);             // over the boundary of two good pages
    case 1: return first + 2 * page_size - 8 + random.below(16);         // into the read-only page
    case 2: return first + 2 * page_size + random.below(page_size - 16); // read only
    case 3: return first + 3 * page_size - 8 + random.below(16);         // off the end
    case 4: return first - 8 + random.below(16);                         // before the start
    case 5: return low ? 0xF000 + random.below(0x1000) : code_base + random.below(code_bytes);
    case 6: return low ? 0xFFF8 + random.below(8) : stack_base + 0x200 + random.below(0x400);
    default: return first + (random.below(2 * page_size - 32) & (random.percent(70) ? ~3u : ~0u));
    }
}

uint16_t any_selector(Random& random) {
    static constexpr uint16_t known[] = {0,    1,    2,    3,    flat_code, flat_data, 0x20, 0x28, 0x29,   0x22,
                                         0x7B, 0x78, 0x08, 0x10, 0x13,      0x18,      0x1B, 0x40, 0x43,   0x48,
                                         0x50, 0x53, 0x58, 0x63, 0x6B,      0x73,      0x80, 0x83, 0xFFF8, 0xFFFB};
    if (random.percent(45)) return random.pick(known);
    if (random.percent(80)) {
        const uint16_t selector = local_selector(random.below(local_descriptor_count + 1));
        return random.percent(80) ? selector : uint16_t((selector & ~3) | random.below(4));
    }
    const auto selector = uint16_t(random.word());
    return (selector & 0xFFFC) == 0x30 ? uint16_t(selector ^ 8) : selector;
}

uint16_t data_selector(Random& random) {
    static constexpr uint16_t choices[] = {flat_data, flat_data, flat_data, 0x07, 0x0F, 0x17,
                                           0x27,      0x3F,      0x4F,      0,    0};
    return random.pick(choices);
}

} // namespace trapgate::silicon
