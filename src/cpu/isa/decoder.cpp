// SPDX-License-Identifier: MIT
// Prefixes, opcode, ModRM, SIB, displacement, immediate; then the operands as the engine wants them.
#include "cpu/isa/decoder.hpp"

namespace trapgate::cpu::isa {

namespace {

constexpr u8 no_register = 32; // byte offset of gpr[8]

/// Reads little-endian values and notices the end of the bytes and of the 15 that an instruction may have.
class Reader {
  public:
    explicit Reader(std::span<const u8> bytes) : bytes_(bytes) {}
    u32 get(u32 size) {
        u32 value = 0;
        for (u32 i = 0; i < size; ++i) {
            if (position_ >= max_length)
                too_long_ = true;
            else if (position_ >= bytes_.size())
                ended_ = true;
            else
                value |= u32{bytes_[position_]} << (8 * i);
            ++position_;
        }
        return value;
    }
    u32 get_signed(u32 size) {
        const u32 value = get(size);
        return size == 1   ? static_cast<u32>(s32{static_cast<s8>(value)})
               : size == 2 ? static_cast<u32>(s32{static_cast<s16>(value)})
                           : value;
    }
    bool failed() const { return ended_ || too_long_; }
    Found failure() const { return ended_ ? Found::NeedMoreBytes : Found::TooLong; }
    u32 position() const { return position_; }

  private:
    std::span<const u8> bytes_;
    u32 position_ = 0;
    bool ended_ = false;
    bool too_long_ = false;
};

/// Byte offset of register `number` in State::gpr: AH, CH, DH, BH are the second bytes of the first four.
u8 register_offset(u8 number, u32 size) {
    if (size == 1 && number >= 4) return static_cast<u8>((number - 4) * 4 + 1);
    return static_cast<u8>(number * 4);
}

struct Decoder {
    Reader reader;
    bool code32;
    u32 eip;
    Generation generation;
    Decoded result{};
    Insn& insn = result.insn;
    bool segment_override = false;
    bool operand16 = false;
    bool address16 = false;
    u16 opcode = 0;
    u8 modrm = 0;
    const Row* the_row = nullptr;

    Found run() {
        read_prefixes();
        if (reader.failed()) return reader.failure();
        const Found row_found = find_row();
        if (row_found != Found::Instruction) return row_found;
        if (the_row->has_modrm && modrm < 0xc0 && !is_always_register()) read_address();
        const bool resolved = resolve_operands();
        if (reader.failed()) return reader.failure();
        if (!resolved) return Found::Undefined;
        if ((insn.prefixes & prefix::lock) && !(the_row->is(attribute::lockable) && destination_is_memory()))
            return Found::Undefined;
        insn.length = static_cast<u8>(reader.position());
        finish_branch();
        return Found::Instruction;
    }

    void read_prefixes() {
        insn.segment = static_cast<u8>(SegmentRegister::ds);
        for (;;) {
            const auto byte = static_cast<u8>(reader.get(1));
            if (reader.failed()) return;
            switch (byte) {
            case 0x26: override_segment(SegmentRegister::es); break;
            case 0x2e: override_segment(SegmentRegister::cs); break;
            case 0x36: override_segment(SegmentRegister::ss); break;
            case 0x3e: override_segment(SegmentRegister::ds); break;
            case 0x64: override_segment(SegmentRegister::fs); break;
            case 0x65: override_segment(SegmentRegister::gs); break;
            case 0x66: insn.prefixes |= prefix::operand_size; break;
            case 0x67: insn.prefixes |= prefix::address_size; break;
            case 0xf0: insn.prefixes |= prefix::lock; break;
            case 0xf2: insn.prefixes = (insn.prefixes & ~prefix::rep) | prefix::repne; break;
            case 0xf3: insn.prefixes = (insn.prefixes & ~prefix::repne) | prefix::rep; break;
            default:
                opcode = byte;
                operand16 = code32 == bool(insn.prefixes & prefix::operand_size);
                address16 = code32 == bool(insn.prefixes & prefix::address_size);
                insn.shape =
                    static_cast<u8>((operand16 ? shape::operand16 : 0) | (address16 ? shape::address16 : 0));
                if (byte == 0x0f) opcode = static_cast<u16>(0x0f00 | reader.get(1));
                return;
            }
        }
    }

    void override_segment(SegmentRegister r) {
        insn.segment = static_cast<u8>(r);
        insn.prefixes |= prefix::segment;
        segment_override = true;
    }

    Found find_row() {
        u16 number = first_row(opcode);
        if (number == no_row) return Found::Undefined;
        if (row(number).has_modrm) {
            modrm = static_cast<u8>(reader.get(1));
            if (reader.failed()) return reader.failure();
        }
        while (number != no_row && !(fits(row(number).modrm, modrm) && prefixes_fit(row(number))))
            number = next_row(number);
        if (number == no_row || row(number).since > generation) return Found::Undefined;
        insn.row = number;
        the_row = &row(number);
        return Found::Instruction;
    }

    /// Whether the prefixes that can be part of an opcode are those of the row.
    bool prefixes_fit(const Row& row) const {
        const u8 meaning = insn.prefixes & (prefix::operand_size | prefix::rep | prefix::repne);
        return row.is(attribute::bare) ? meaning == 0 : !row.is(attribute::f3) || meaning == prefix::rep;
    }

    /// MOV to and from control and debug registers: silicon takes any ModRM byte as naming a register.
    bool is_always_register() const {
        return the_row->operands[0].source == Source::R || the_row->operands[1].source == Source::R;
    }

    void default_segment_ss() {
        if (!segment_override) insn.segment = static_cast<u8>(SegmentRegister::ss);
    }

    void read_address() {
        insn.shape |= shape::memory;
        if (address16)
            read_address16();
        else
            read_address32();
    }

    void read_address16() {
        constexpr u8 bx = 12, bp = 20, si = 24, di = 28;
        constexpr u8 bases[] = {bx, bx, bp, bp, si, di, bp, bx};
        constexpr u8 indices[] = {si, di, si, di, no_register, no_register, no_register, no_register};
        const u8 mod = modrm >> 6, rm = modrm & 7;
        if (mod == 0 && rm == 6) {
            insn.displacement = reader.get(2);
            return;
        }
        insn.base = bases[rm];
        insn.scaled = indices[rm];
        if (insn.base == bp) default_segment_ss();
        if (mod == 1)
            insn.displacement = reader.get_signed(1);
        else if (mod == 2)
            insn.displacement = reader.get(2);
    }

    void read_address32() {
        constexpr u8 esp = 16, ebp = 20;
        const u8 mod = modrm >> 6, rm = modrm & 7;
        bool displacement_only = mod == 0 && rm == 5;
        insn.base = static_cast<u8>(rm * 4);
        if (rm == 4) {
            const auto sib = static_cast<u8>(reader.get(1));
            insn.base = static_cast<u8>((sib & 7) * 4);
            displacement_only = mod == 0 && (sib & 7) == 5;
            const u8 index = (sib >> 3) & 7;
            if (index != 4) {
                insn.scaled = static_cast<u8>(index * 4);
                insn.scale = sib >> 6;
            }
        }
        if (displacement_only)
            insn.base = no_register;
        else if (insn.base == esp || insn.base == ebp)
            default_segment_ss();
        if (mod == 1)
            insn.displacement = reader.get_signed(1);
        else if (mod == 2 || displacement_only)
            insn.displacement = reader.get(4);
    }

    u32 size_of(const Operand& operand) const {
        switch (operand.size) {
        case Size::b: return 1;
        case Size::w: return 2;
        case Size::v: return operand16 ? 2 : 4;
        case Size::s: return insn.shape & shape::memory || operand16 ? 2 : 4;
        case Size::d: return 4;
        default: return operand16 ? 2 : 4;
        }
    }

    /// Fills rm, reg and immediate, and settles the form. False: not an instruction after all.
    bool resolve_operands() {
        const auto& operands = the_row->operands;
        const bool memory = insn.shape & shape::memory;
        result.width = static_cast<u8>(size_of(operands[0]));
        for (const Operand& operand : operands)
            if (operand.size == Size::b && operand.source != Source::I && operand.source != Source::J)
                insn.shape |= shape::byte;
        u8 registers[2] = {no_register, no_register};
        u32 register_count = 0;
        bool has_immediate = false, first_is_memory = false, uses_memory = false, resolved = true;
        for (u32 n = 0; n < 3 && operands[n].source != Source::None; ++n) {
            const Operand& operand = operands[n];
            const u32 size = size_of(operand);
            const auto add_register = [&](u8 number) {
                if (register_count < 2) registers[register_count++] = register_offset(number, size);
            };
            const auto add_vector_register = [&](u8 number) {
                if (register_count < 2) registers[register_count++] = number;
            };
            switch (operand.source) {
            case Source::E:
                if (memory) {
                    uses_memory = true;
                    first_is_memory |= n == 0;
                } else {
                    add_register(modrm & 7);
                }
                break;
            case Source::M:
                if (!memory) return false;
                uses_memory = true;
                first_is_memory |= n == 0;
                break;
            case Source::Q:
            case Source::W:
                if (memory) {
                    uses_memory = true;
                    first_is_memory |= n == 0;
                } else {
                    add_vector_register(modrm & 7);
                }
                break;
            case Source::N:
            case Source::U:
                resolved &= !memory;
                add_vector_register(modrm & 7);
                break;
            case Source::P:
            case Source::V: add_vector_register((modrm >> 3) & 7); break;
            case Source::R: add_register(modrm & 7); break;
            case Source::G: add_register((modrm >> 3) & 7); break;
            case Source::Z: add_register(opcode & 7); break;
            case Source::Accumulator: add_register(0); break;
            case Source::S:
            case Source::C:
            case Source::D: insn.reg = (modrm >> 3) & 7; break;
            case Source::FixedSegment: insn.reg = operand.fixed; break;
            case Source::Stack: break;
            case Source::O:
                insn.displacement = reader.get(address16 ? 2 : 4);
                insn.shape |= shape::memory;
                uses_memory = true;
                first_is_memory |= n == 0;
                break;
            case Source::I:
                read_immediate(operand, size, has_immediate);
                has_immediate = true;
                break;
            case Source::One: insn.immediate = 1; break;
            case Source::J: insn.immediate = reader.get_signed(operand.size == Size::b ? 1 : size); break;
            case Source::A:
                insn.immediate = reader.get(operand16 ? 2 : 4);
                insn.selector = static_cast<u16>(reader.get(2));
                break;
            default: break;
            }
        }
        place_registers(registers, register_count, uses_memory);
        result.form = form(register_count, uses_memory, first_is_memory, has_immediate);
        return resolved;
    }

    void read_immediate(const Operand& operand, u32 size, bool second) {
        if (second) // the level of ENTER
            insn.selector = static_cast<u16>(reader.get(1));
        else if (operand.sign_extended_byte)
            insn.immediate = reader.get_signed(1);
        else
            insn.immediate = reader.get(size);
    }

    /// One register goes to `rm`, or to `reg` beside memory; of two the destination is `rm`, the source `reg`.
    void place_registers(const u8 (&registers)[2], u32 count, bool uses_memory) {
        if (the_row->operands[0].source == Source::S || the_row->operands[1].source == Source::S ||
            the_row->operands[0].source == Source::C || the_row->operands[1].source == Source::C ||
            the_row->operands[0].source == Source::D || the_row->operands[1].source == Source::D) {
            insn.rm = registers[0]; // `reg` holds the special register's number
        } else if (uses_memory) {
            insn.reg = count ? registers[0] : insn.reg;
        } else {
            insn.rm = count > 0 ? registers[0] : modrm & 7;
            insn.reg = count > 1 ? registers[1] : insn.reg;
        }
    }

    static Form form(u32 registers, bool memory, bool memory_first, bool immediate) {
        if (memory)
            return registers   ? (memory_first ? Form::MemoryRegister : Form::RegisterMemory)
                   : immediate ? Form::MemoryImmediate
                               : Form::Memory;
        if (registers == 2) return Form::RegisterRegister;
        if (registers == 1) return immediate ? Form::RegisterImmediate : Form::Register;
        return immediate ? Form::Immediate : Form::None;
    }

    bool destination_is_memory() const {
        return (insn.shape & shape::memory) &&
               (the_row->operands[0].source == Source::E || the_row->operands[0].source == Source::M);
    }

    void finish_branch() {
        if (the_row->operands[0].source != Source::J) return;
        const u32 target = eip + insn.length + insn.immediate;
        insn.immediate = operand16 ? target & 0xffff : target;
    }
};

} // namespace

Decoded decode(std::span<const u8> bytes, bool code32, u32 eip, Generation generation) {
    Decoder decoder{Reader(bytes), code32, eip, generation};
    decoder.result.found = decoder.run();
    return decoder.result;
}

} // namespace trapgate::cpu::isa
