// SPDX-License-Identifier: MIT
// Addresses of a draft, and the stages that are the same for every instruction.
// Source: [SDM2] "Addressing-Mode Encoding of ModR/M and SIB Bytes", "Instruction Prefixes".
#include "draft.hpp"

#include <cstring>

namespace trapgate::silicon {

namespace {

constexpr uint8_t segment_prefix[] = {0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65};

/// The two registers of a 16-bit address; 8 stands for none.
struct Pair {
    uint8_t base, index;
};
constexpr Pair pairs_16[] = {{Ebx, Esi}, {Ebx, Edi}, {Ebp, Esi}, {Ebp, Edi},
                             {8, Esi},   {8, Edi},   {Ebp, 8},   {Ebx, 8}};

bool absolute_16(const Draft& d) {
    return d.modrm >> 6 == 0 && d.rm_field() == 6;
}
bool absolute_32(const Draft& d) {
    return d.modrm >> 6 == 0 && d.rm_field() == 5;
}
bool sib_without_base(const Draft& d) {
    return d.modrm >> 6 == 0 && (d.sib & 7) == 5;
}
uint32_t sib_index(const Draft& d) {
    const uint32_t index = d.sib >> 3 & 7;
    return index == 4 ? 0 : d.reg(index) << (d.sib >> 6);
}

/// How far a bit offset in a register moves the access. [SDM2] BT, "Bit(BitBase, BitOffset)".
int32_t bit_string_step(const Draft& d) {
    const uint32_t offset = d.reg(d.reg_field());
    return d.operand16 ? (int16_t(offset) >> 4) * 2 : (int32_t(offset) >> 5) * 4;
}

uint32_t low_half(uint32_t old, uint32_t value) {
    return (old & 0xFFFF'0000) | (value & 0xFFFF);
}

void aim_16(Draft& d, uint32_t target) {
    const Pair pair = pairs_16[d.rm_field()];
    if (absolute_16(d)) {
        d.displacement = target & 0xFFFF;
        return;
    }
    const uint32_t solved = pair.base != 8 ? pair.base : pair.index;
    const uint32_t other = pair.base != 8 && pair.index != 8 ? d.reg(pair.index) : 0;
    d.reg(solved) = low_half(d.reg(solved), target - d.displacement - other);
}

void aim_32(Draft& d, uint32_t target) {
    if (absolute_32(d))
        d.displacement = target;
    else if (!d.has_sib)
        d.reg(d.rm_field()) = target - d.displacement;
    else if (sib_without_base(d))
        d.displacement = target - sib_index(d);
    else if ((d.sib & 7) != (d.sib >> 3 & 7) || (d.sib & 7) == 4)
        d.reg(d.sib & 7) = target - d.displacement - sib_index(d);
    else if (d.displacement_bytes == 4)
        d.displacement = target - d.reg(d.sib & 7) - sib_index(d);
}

uint16_t choose_code_segment(Random& random) {
    switch (random.below(50)) {
    case 0: return 0x27;
    case 1: return 0x2F;
    case 2: return 0x37;
    default: return flat_code;
    }
}

uint16_t choose_stack_segment(Random& random) {
    switch (random.below(50)) {
    case 0: return 0x3F;
    case 1: return 0x07;
    case 2: return 0x17;
    default: return flat_data;
    }
}

uint32_t stack_pointer(Random& random, uint16_t selector) {
    uint32_t linear = stack_base + 0x100 + (random.below(0xE00) & (random.percent(80) ? ~3u : ~0u));
    if (segment_base(selector) == data_base) linear = data_base + random.below(2 * page_size);
    switch (random.below(24)) {
    case 0: linear = (linear & ~0xFFFu) + random.below(12); break;
    case 1: linear = (linear & ~0xFFFu) + page_size - random.below(12); break;
    case 2: linear = data_address(random, false); break;
    case 3: return register_value(random);
    default: break;
    }
    const uint32_t offset = linear - segment_base(selector);
    return selects_16_bit(selector) ? low_half(random.word(), offset) : offset;
}

} // namespace

bool Draft::is_branch() const {
    return shape.is(0x70, 0x7F) || shape.is(0x0F80, 0x0F8F) || shape.is(0xE0, 0xE3) || shape.is(0xE8, 0xEB) ||
           shape.is(0x9A) || shape.is(0xC2, 0xC3) || shape.is(0xCA, 0xCB) || shape.is(0xCF) ||
           (shape.is(0xFF) && shape.digit >= 2 && shape.digit <= 5);
}

uint32_t Draft::default_segment() const {
    if (!memory) return Ds;
    if (address16) return !absolute_16(*this) && pairs_16[rm_field()].base == Ebp ? Ss : Ds;
    if (absolute_32(*this)) return Ds;
    if (!has_sib) return rm_field() == Ebp ? Ss : Ds;
    const uint32_t base = sib & 7;
    return !sib_without_base(*this) && (base == Esp || base == Ebp) ? Ss : Ds;
}

uint32_t Draft::effective_offset() const {
    if (address16) {
        if (absolute_16(*this)) return displacement & 0xFFFF;
        const Pair pair = pairs_16[rm_field()];
        return ((pair.base != 8 ? reg(pair.base) : 0) + (pair.index != 8 ? reg(pair.index) : 0) + displacement) &
               0xFFFF;
    }
    if (absolute_32(*this)) return displacement;
    if (!has_sib) return reg(rm_field()) + displacement;
    return (sib_without_base(*this) ? 0 : reg(sib & 7)) + sib_index(*this) + displacement;
}

uint32_t Draft::effective_address() const {
    uint32_t offset = effective_offset();
    if (is_bit_string()) offset = (offset + uint32_t(bit_string_step(*this))) & (address16 ? 0xFFFF : 0xFFFF'FFFF);
    return segment_base(test.segments[memory_segment()]) + offset;
}

uint32_t Draft::stack_address() const {
    const uint16_t selector = test.segments[Ss];
    return segment_base(selector) + (selects_16_bit(selector) ? reg(Esp) & 0xFFFF : reg(Esp));
}

void Draft::poke(uint32_t address, const void* bytes, uint8_t count) {
    if (test.poke_count == sizeof test.pokes / sizeof test.pokes[0]) return;
    Poke& poke = test.pokes[test.poke_count++];
    poke.address = address;
    poke.length = count;
    std::memcpy(poke.bytes, bytes, count);
}

void Draft::poke_words(uint32_t address, std::initializer_list<uint32_t> words) {
    uint8_t bytes[15] = {};
    uint8_t count = 0;
    for (uint32_t word : words)
        for (int i = 0; i < 4 && count < 15; ++i, word >>= 8) bytes[count++] = uint8_t(word);
    poke(address, bytes, count);
}

void choose_prefixes(Draft& d) {
    Random& random = d.random;
    for (uint16_t& selector : d.test.segments) selector = flat_data;
    d.test.segments[Cs] = choose_code_segment(random);
    d.test.segments[Ss] = choose_stack_segment(random);
    d.test.segments[Fs] = data_selector(random);
    d.test.segments[Gs] = data_selector(random);
    if (random.percent(3)) d.test.segments[Ds] = data_selector(random);
    if (random.percent(3)) d.test.segments[Es] = data_selector(random);
    const bool code16 = selects_16_bit(d.test.segments[Cs]);
    d.operand16 = code16 != random.percent(25);
    d.address16 = code16 != random.percent(15);
    if (random.percent(12)) d.override_segment = int(random.below(6));
    const bool means_something_else = d.shape.undefined || d.shape.is(0x0F01) || d.shape.is(0x0FB8) ||
                                      d.shape.is(0x0FBC, 0x0FBD) || d.shape.is(0x0FC7);
    if (d.is_string() ? random.percent(65) : random.percent(3) && !means_something_else)
        d.repeat = random.percent(50) ? 0xF2 : 0xF3;
    if (d.shape.bare || d.shape.needs_f3) d.operand16 = code16; // SSE2 and later took those prefixes
    if (d.shape.bare || d.shape.needs_f3) d.repeat = d.shape.needs_f3 ? 0xF3 : 0;
    if (random.percent(d.shape.lockable ? 25 : 2)) d.lock = true;
    if (random.percent(2)) d.padding = int(random.below(12));
}

void choose_registers(Draft& d) {
    Random& random = d.random;
    for (uint32_t& value : d.test.registers) value = register_value(random);
    d.reg(Esp) = stack_pointer(random, d.test.segments[Ss]);
    if (random.percent(60)) d.reg(Ebp) = stack_pointer(random, d.test.segments[Ss]);
    d.test.eflags = 0x202 | (random.word() & 0x8D5) | (random.percent(15) ? 0x400 : 0);
    if (random.percent(d.shape.is_simd ? 6 : 1)) d.test.eflags |= 0x4'0000; // AC
}

void choose_operands(Draft& d) {
    Random& random = d.random;
    const Shape& shape = d.shape;
    if (shape.has_modrm) {
        d.modrm = uint8_t(random.word());
        if (random.percent(35)) d.modrm |= 0xC0;
        // With a register operand these bytes begin newer instructions.
        const bool newer = shape.is(0x62) || shape.is(0xC4, 0xC5) || shape.is(0x0F01) || shape.is(0x0FC7) ||
                           shape.is(0x0FAE) || shape.is(0xD8, 0xDF);
        if (shape.memory_only && d.modrm >= 0xC0 && (newer || shape.undefined || random.percent(95)))
            d.modrm = uint8_t((d.modrm & 0x3F) | random.below(3) << 6);
        if (shape.register_only && (shape.undefined || newer || random.percent(97))) d.modrm |= 0xC0;
        if (shape.digit >= 0) d.modrm = uint8_t((d.modrm & 0xC7) | shape.digit << 3);
        if (shape.exact >= 0) d.modrm = uint8_t(shape.exact);
        const uint8_t mod = d.modrm >> 6;
        d.memory = mod != 3;
        d.has_sib = d.memory && !d.address16 && d.rm_field() == 4;
        if (d.has_sib) d.sib = uint8_t(random.word());
        if (mod == 1) d.displacement_bytes = 1;
        if (d.memory && d.address16 && (mod == 2 || absolute_16(d))) d.displacement_bytes = 2;
        if (d.memory && !d.address16 && (mod == 2 || absolute_32(d) || (d.has_sib && sib_without_base(d))))
            d.displacement_bytes = 4;
        const uint32_t noise = random.percent(50) ? corner(random) : random.word();
        d.displacement = d.displacement_bytes == 1   ? uint32_t(int8_t(noise))
                         : d.displacement_bytes == 2 ? noise & 0xFFFF
                         : d.displacement_bytes == 4 ? noise
                                                     : 0;
    }
    auto add = [&](uint32_t value, uint32_t bytes) {
        for (uint32_t i = 0; i < bytes; ++i, value >>= 8) d.immediate[d.immediate_bytes++] = uint8_t(value);
    };
    for (const Immediate kind : shape.immediates) {
        const uint32_t value = random.percent(60) ? corner(random) : random.word();
        switch (kind) {
        case Immediate::Byte: add(value, 1); break;
        case Immediate::Word: add(value, 2); break;
        case Immediate::OperandSize: add(value, d.operand_bytes()); break;
        case Immediate::FarPointer:
            add(random.percent(70) ? code_base + random.below(code_bytes) : value, d.operand_bytes());
            add(any_selector(random), 2);
            break;
        case Immediate::AddressSize: {
            const uint16_t selector = d.test.segments[d.memory_segment()];
            add(data_address(random, d.address16) - segment_base(selector), d.address16 ? 2 : 4);
        }
        }
    }
}

void aim(Draft& d) {
    if (!d.memory || d.random.percent(4)) return;
    const uint16_t selector = d.test.segments[d.memory_segment()];
    uint32_t target = data_address(d.random, d.address16 && segment_base(selector) == 0) - segment_base(selector);
    if (d.is_bit_string()) target -= uint32_t(bit_string_step(d));
    target += segment_base(selector);
    align_operand(d, target);
    target -= segment_base(selector);
    d.address16 ? aim_16(d, target) : aim_32(d, target);
}

void place_code(Draft& d) {
    Random& random = d.random;
    uint8_t prefixes[16];
    uint32_t count = 0;
    const bool code16 = selects_16_bit(d.test.segments[Cs]);
    if (d.operand16 != code16) prefixes[count++] = 0x66;
    if (d.address16 != code16) prefixes[count++] = 0x67;
    if (d.override_segment >= 0) prefixes[count++] = segment_prefix[d.override_segment];
    if (d.repeat) prefixes[count++] = d.repeat;
    if (d.lock) prefixes[count++] = 0xF0;
    for (const uint32_t real = count; real && d.padding && count < 12; --d.padding, ++count)
        prefixes[count] = prefixes[random.below(real)];
    for (uint32_t i = count; i > 1; --i) std::swap(prefixes[i - 1], prefixes[random.below(i)]);

    uint8_t* out = d.test.code;
    uint8_t* const end = d.test.code + 20;
    auto emit = [&](uint32_t byte) {
        if (out < end) *out++ = uint8_t(byte);
    };
    for (uint32_t i = 0; i < count; ++i) emit(prefixes[i]);
    if (d.shape.opcode >= 0x0F00) emit(0x0F);
    emit(d.shape.opcode & 0xFF);
    if (d.shape.has_modrm) emit(d.modrm);
    if (d.has_sib) emit(d.sib);
    for (uint32_t i = 0; i < d.displacement_bytes; ++i) emit(d.displacement >> i * 8);
    for (uint32_t i = 0; i < d.immediate_bytes; ++i) emit(d.immediate[i]);
    d.test.code_length = uint8_t(out - d.test.code);

    uint32_t offset = random.below(code_bytes - 0x40);
    if (random.percent(3)) offset = page_size - random.below(d.test.code_length + 1u);
    const uint32_t least = code16; // the host cannot start a program beyond the limit of its CS
    if (random.percent(3)) offset = code_bytes - random.between(least, d.test.code_length);
    d.test.code_address = code_base + offset;
    d.test.eip = d.test.code_address - segment_base(d.test.segments[Cs]);
    d.test.single_step = d.is_branch() || d.shape.undefined || random.percent(d.is_string() && d.repeat ? 12 : 50);
}

bool is_safe(const Draft& d) {
    if (d.memory && is_forbidden(d.effective_address())) return false;
    if (is_forbidden(d.stack_address())) return false;
    for (const uint32_t r : {Esp, Ebp, Esi, Edi, Ebx})
        for (const uint32_t base : {0u, data_base, stack_base})
            if (is_forbidden(base + d.reg(r))) return false;
    return true;
}

} // namespace trapgate::silicon
