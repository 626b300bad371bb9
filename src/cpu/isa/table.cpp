// SPDX-License-Identifier: MIT
// Reading instructions.def at compile time.
#include "cpu/isa/table.hpp"

namespace trapgate::cpu::isa {

namespace {

using Kind = ModRmRule::Kind;

constexpr u32 flag_bits(std::string_view letters) {
    u32 bits = 0;
    for (char letter : letters)
        bits |= letter == 'o'   ? eflags::of
                : letter == 's' ? eflags::sf
                : letter == 'z' ? eflags::zf
                : letter == 'a' ? eflags::af
                : letter == 'p' ? eflags::pf
                : letter == 'c' ? eflags::cf
                                : throw "unknown flag letter";
    return bits;
}

constexpr Size parse_size(char letter) {
    switch (letter) {
    case 'b': return Size::b;
    case 'w': return Size::w;
    case 'v': return Size::v;
    case 'd': return Size::d;
    case 'q': return Size::q;
    case 'p': return Size::p;
    case 'a': return Size::a;
    case 's': return Size::s;
    case 't': return Size::t;
    case 'e': return Size::x87_env;
    case 'f': return Size::x87_all;
    case 'x': return Size::x;
    case 'o': return Size::o;
    case 'S': return Size::fx;
    default: throw "unknown operand size";
    }
}

constexpr Source parse_source(char letter) {
    constexpr std::string_view letters = "EGMRIJAOXYZSCDPQNVWU";
    constexpr Source sources[] = {Source::E, Source::G, Source::M, Source::R, Source::I, Source::J, Source::A,
                                  Source::O, Source::X, Source::Y, Source::Z, Source::S, Source::C, Source::D,
                                  Source::P, Source::Q, Source::N, Source::V, Source::W, Source::U};
    const auto at = letters.find(letter);
    return at == letters.npos ? throw "unknown operand" : sources[at];
}

constexpr Operand parse_operand(std::string_view text) {
    constexpr std::string_view segments[] = {"es", "cs", "ss", "ds", "fs", "gs"};
    for (u8 i = 0; i < 6; ++i)
        if (text == segments[i]) return {Source::FixedSegment, Size::w, false, i};
    if (text == "AL") return {Source::Accumulator, Size::b};
    if (text == "rAX") return {Source::Accumulator, Size::v};
    if (text == "AX") return {Source::Accumulator, Size::w};
    if (text == "CL") return {Source::Cl, Size::b};
    if (text == "DX") return {Source::Dx, Size::w};
    if (text == "1") return {Source::One, Size::b};
    if (text == "st") return {Source::Stack, Size::t};
    if (text == "st(i)") return {Source::Stack, Size::t, false, 1};
    if (text == "M") return {Source::M, Size::any};
    if (text == "sIb") return {Source::I, Size::b, true};
    if (text.size() != 2) throw "bad operand";
    return {parse_source(text[0]), parse_size(text[1])};
}

constexpr std::array<Operand, 3> parse_operands(std::string_view text) {
    std::array<Operand, 3> operands{};
    for (std::size_t n = 0; !text.empty(); ++n) {
        const auto comma = text.find(',');
        operands[n] = parse_operand(text.substr(0, comma));
        text = comma == text.npos ? "" : text.substr(comma + 1);
    }
    return operands;
}

constexpr bool needs_modrm(ModRmRule rule, const std::array<Operand, 3>& operands) {
    if (rule.kind != Kind::Any) return true;
    for (const Operand& operand : operands) switch (operand.source) {
        case Source::E:
        case Source::G:
        case Source::M:
        case Source::R:
        case Source::S:
        case Source::C:
        case Source::D:
        case Source::P:
        case Source::Q:
        case Source::N:
        case Source::V:
        case Source::W:
        case Source::U: return true;
        default: break;
        }
    return false;
}

constexpr Generation generation(Since since) {
    return static_cast<Generation>(since);
}

constexpr Row make_row(u16 opcode, ModRmRule modrm, std::string_view mnemonic, std::string_view operands,
                       Since since, std::string_view written, std::string_view read, std::string_view undefined,
                       u8 attributes) {
    const auto parsed = parse_operands(operands);
    return {opcode,
            modrm,
            mnemonic,
            operands,
            parsed,
            generation(since),
            flag_bits(written),
            flag_bits(read),
            flag_bits(undefined),
            attributes,
            needs_modrm(modrm, parsed)};
}

constexpr ModRmRule ANY{};
constexpr ModRmRule MEM{Kind::Memory, 0};
constexpr ModRmRule REG{Kind::Register, 0};
constexpr ModRmRule DIGIT(u8 n) {
    return {Kind::Digit, n};
}
constexpr ModRmRule DIGIT_MEM(u8 n) {
    return {Kind::DigitMemory, n};
}
constexpr ModRmRule DIGIT_REG(u8 n) {
    return {Kind::DigitRegister, n};
}
constexpr ModRmRule EXACT(u8 n) {
    return {Kind::Exact, n};
}
constexpr u8 LOCKABLE = attribute::lockable, ENDS = attribute::ends, BARE = attribute::bare;
constexpr u8 F3 = attribute::f3;

constexpr Row table[] = {
#define INSN(opcode, modrm, mnemonic, operands, since, written, read, undefined, attributes, ...)                  \
    make_row(opcode, modrm, mnemonic, operands, Since::since, written, read, undefined, attributes),
#include "cpu/isa/instructions.def"
#undef INSN
};
constexpr u16 count = sizeof table / sizeof table[0];

constexpr u16 slot(u16 opcode) {
    return opcode >= 0x0f00 ? 0x100 + (opcode & 0xff) : opcode;
}

struct Index {
    std::array<u16, 512> first{};
    std::array<u16, count> next{};
};

constexpr Index make_index() {
    Index index;
    index.first.fill(no_row);
    for (int number = count - 1; number >= 0; --number) {
        u16& first = index.first[slot(table[number].opcode)];
        index.next[static_cast<std::size_t>(number)] = first;
        first = static_cast<u16>(number);
    }
    return index;
}
constexpr Index opcode_index = make_index();

/// Rules look at the digit, at memory or register, or at one exact byte: one byte of each kind stands for all.
constexpr bool overlap(ModRmRule a, ModRmRule b) {
    if (a.kind == Kind::Exact) return fits(b, a.value);
    if (b.kind == Kind::Exact) return fits(a, b.value);
    for (u32 digit = 0; digit < 8; ++digit)
        for (u32 mod : {0x00u, 0xc0u}) {
            const auto modrm = static_cast<u8>(mod | digit << 3);
            if (fits(a, modrm) && fits(b, modrm)) return true;
        }
    return false;
}

/// One row wants F3 before it and the other none.
constexpr bool told_apart_by_prefix(const Row& a, const Row& b) {
    return (a.is(attribute::bare) && b.is(attribute::f3)) || (a.is(attribute::f3) && b.is(attribute::bare));
}

/// Two rows of one opcode must not both fit any ModRM byte after the same prefixes.
constexpr bool disjoint() {
    for (u16 a = 0; a < count; ++a)
        for (u16 b = opcode_index.next[a]; b != no_row; b = opcode_index.next[b]) {
            if (table[a].has_modrm != table[b].has_modrm) return false;
            if (overlap(table[a].modrm, table[b].modrm) && !told_apart_by_prefix(table[a], table[b])) return false;
        }
    return true;
}
static_assert(disjoint(), "two rows of instructions.def overlap");

} // namespace

const Row& row(u16 number) {
    return table[number];
}

u16 row_count() {
    return count;
}

u16 first_row(u16 opcode) {
    return opcode_index.first[slot(opcode)];
}

u16 next_row(u16 number) {
    return opcode_index.next[number];
}

} // namespace trapgate::cpu::isa
