// SPDX-License-Identifier: MIT
// The image: 0 control, 2 status, 4 tags (a bit each), 6 opcode, 8 instruction pointer, 16 operand pointer, 24 MXCSR, 28 its mask,
// 32 ST(0) to ST(7), 160 XMM0 to XMM7, each in 16 bytes. What follows is left alone.
// Source: [SDM2] FXSAVE, table "Non-64-Bit-Mode Layout of FXSAVE and FXRSTOR Memory Region".
#include "cpu/ops/fxsave.hpp"

#include "cpu/ops/x87_stack.hpp"

namespace trapgate::cpu::ops {

namespace {

constexpr u32 image_bytes = 512, written_bytes = 288, words = written_bytes / 8;
/// The part that lies in memory whatever CR4.OSFXSR says, and the words of the header.
constexpr u32 words_without_xmm = 160 / 8;
using Image = std::array<u64, words>;

/// XMM registers and MXCSR belong to the image only if the system says that it knows of them.
bool holds_xmm(const Cpu& cpu) {
    return cpu.model.has(feature::sse) && (cpu.cr4 & cr4::osfxsr);
}

/// Where the image lies. A 16-bit address wraps inside it.
struct Place {
    u32 offset, base;
    bool address16;
    u32 linear(u32 at) const { return base + (address16 ? (offset + at) & 0xffff : offset + at); }
};

/// The first doubleword, then the alignment, then the rest of it: so it is on silicon.
Place place_of_image(const Cpu& cpu, const Insn& i, Intent intent) {
    const u32 offset = effective_offset(cpu, i);
    const Place place{offset, cpu.segment(segment_of(i)).base, bool(i.shape & isa::shape::address16)};
    linear_address(cpu, segment_of(i), offset, 4, Intent::Read);
    if (cpu.alignment_checked && place.linear(0) % 4) raise(Vector::AC); // measured: only so far
    if (place.linear(0) % 16) raise(Vector::GP, 0);
    linear_address(cpu, segment_of(i), offset, 1, intent);
    linear_address(cpu, segment_of(i), wrap(i, offset + image_bytes - 1), 1, intent);
    return place;
}

u8 short_tags(const Cpu& cpu) {
    u8 bits = 0;
    for (u32 n = 0; n < 8; ++n)
        if ((cpu.x87.tags >> (2 * n) & 3) != static_cast<u32>(Tag::Empty)) bits |= static_cast<u8>(1u << n);
    return bits;
}

Image make_image(Cpu& cpu) {
    const X87State& x87 = cpu.x87;
    const X87Stack stack(cpu);
    Image image{};
    image[0] = x87.control | u64{x87.status} << 16 | u64{short_tags(cpu)} << 32 | u64{x87.opcode} << 48;
    image[1] = x87.instruction_offset | u64{x87.instruction_selector} << 32;
    image[2] = x87.operand_offset | u64{x87.operand_selector} << 32;
    if (holds_xmm(cpu)) image[3] = cpu.sse.mxcsr | u64{cpu.model.mxcsr_mask_field} << 32;
    for (u32 n = 0; n < 8; ++n) {
        image[4 + 2 * n] = stack.get(n).significand;
        image[5 + 2 * n] = stack.get(n).sign_exponent;
        std::memcpy(&image[20 + 2 * n], &cpu.sse.xmm[n], 16);
    }
    return image;
}

void take_image(Cpu& cpu, const Image& image) {
    X87State& x87 = cpu.x87;
    x87.control = static_cast<u16>((image[0] & 0x1f7f) | 0x40);
    x87.status = static_cast<u16>(image[0] >> 16);
    x87.opcode = image[0] >> 48 & 0x7ff;
    x87.instruction_offset = static_cast<u32>(image[1]);
    x87.instruction_selector = static_cast<u16>(image[1] >> 32);
    x87.operand_offset = static_cast<u32>(image[2]);
    x87.operand_selector = static_cast<u16>(image[2] >> 32);
    X87Stack stack(cpu);
    for (u32 n = 0; n < 8; ++n) {
        stack.set(n, {image[4 + 2 * n], static_cast<u16>(image[5 + 2 * n])});
        if (!(image[0] >> (32 + stack.physical(n)) & 1)) stack.free(n);
    }
    stack.update_summary();
    if (!holds_xmm(cpu)) return;
    cpu.sse.mxcsr = static_cast<u32>(image[3]);
    for (u32 n = 0; n < 8; ++n) std::memcpy(&cpu.sse.xmm[n], &image[20 + 2 * n], 16);
}

} // namespace

void fxsave(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    const Place place = place_of_image(cpu, i, Intent::Write);
    probe_write(cpu, place.linear(image_bytes - 1), 1,
                Rights::Current); // the end before the start: so it is on silicon
    probe_write(cpu, place.linear(0), 1, Rights::Current);
    const Image image = make_image(cpu);
    for (u32 n = 0; n < (holds_xmm(cpu) ? words : words_without_xmm); ++n)
        if (n != 3 || holds_xmm(cpu)) store<u64>(cpu, place.linear(8 * n), image[n]);
}

void fxrstor(Cpu& cpu, const Insn& i) {
    require_x87(cpu);
    const Place place = place_of_image(cpu, i, Intent::Read);
    probe_read(cpu, place.linear(image_bytes - 1), 1, Rights::Current);
    probe_read(cpu, place.linear(0), 1, Rights::Current);
    Image image{};
    for (u32 n = 0; n < (holds_xmm(cpu) ? words : words_without_xmm); ++n)
        image[n] = load<u64>(cpu, place.linear(8 * n));
    if (holds_xmm(cpu) && (image[3] & 0xffffffff & ~u64{cpu.model.mxcsr_mask()})) raise(Vector::GP, 0);
    take_image(cpu, image);
}

} // namespace trapgate::cpu::ops
