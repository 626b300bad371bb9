// SPDX-License-Identifier: MIT
// EAX, ECX and EDX are worked on; EBX, ESI, EDI and EBP point to data and never change, so that no test runs wild.
// Source: [SDM2] "Instruction Format"; the table's columns of flags written, read and undefined.
#include "sequence.hpp"

#include <initializer_list>

namespace trapgate::silicon {

namespace {

constexpr uint32_t arithmetic = 0x8D5;

bool any_of(const Shape& s, std::initializer_list<std::pair<uint16_t, uint16_t>> ranges) {
    for (const auto& [low, high] : ranges)
        if (s.is(low, high)) return true;
    return false;
}

/// Instructions whose registers and memory the rules below keep in bounds.
bool may_stand_in_sequence(const Shape& s) {
    if (any_of(s, {{0x06, 0x07}, {0x0E, 0x0F}, {0x16, 0x17}, {0x1E, 0x1F}})) return false;
    if (s.is(0xF6, 0xF7)) return s.digit <= 5;
    if (s.is(0xFF)) return s.digit <= 1 || s.digit == 6;
    return any_of(s, {{0x00, 0x3F},     {0x40, 0x42},     {0x48, 0x4A},     {0x50, 0x5A},     {0x68, 0x6B},
                      {0x80, 0x8B},     {0x8D, 0x8D},     {0x90, 0x92},     {0x98, 0x99},     {0x9C, 0x9C},
                      {0x9E, 0xA3},     {0xA8, 0xA9},     {0xB0, 0xB2},     {0xB4, 0xB6},     {0xB8, 0xBA},
                      {0xC0, 0xC1},     {0xC6, 0xC7},     {0xD0, 0xD3},     {0xD5, 0xD6},     {0xF5, 0xF5},
                      {0xF8, 0xF9},     {0xFC, 0xFE},     {0x0F40, 0x0F4F}, {0x0F90, 0x0F9F}, {0x0FAF, 0x0FB1},
                      {0x0FB6, 0x0FB7}, {0x0FBA, 0x0FBA}, {0x0FBC, 0x0FC1}, {0x0FC8, 0x0FCA}, {0x0FA4, 0x0FA5},
                      {0x0FAC, 0x0FAD}, {0x0F1F, 0x0F1F}});
}

/// Flags whose value decides something, not merely passes through.
uint32_t consumed_flags(const Shape& s) {
    const bool alu_with_carry =
        any_of(s, {{0x10, 0x15}, {0x18, 0x1D}}) || (s.is(0x80, 0x83) && (s.digit == 2 || s.digit == 3));
    const bool rotates_carry = any_of(s, {{0xC0, 0xC1}, {0xD0, 0xD3}}) && (s.digit == 2 || s.digit == 3);
    if (alu_with_carry || rotates_carry || s.is(0xF5) || s.is(0xD6)) return 1;
    if (any_of(s, {{0x0F40, 0x0F4F}, {0x0F90, 0x0F9F}, {0x70, 0x7F}, {0x9C, 0x9C}, {0x9F, 0x9F}}))
        return s.read_flags;
    if (any_of(s, {{0x27, 0x27}, {0x2F, 0x2F}, {0x37, 0x37}, {0x3F, 0x3F}})) return 0x11;
    return 0;
}

bool has_byte_registers(const Shape& s, bool reg_field) {
    if (any_of(s, {{0x0FB6, 0x0FB6}, {0x0FBE, 0x0FBE}})) return !reg_field;
    if (any_of(s, {{0x0F90, 0x0F9F}, {0x0FB0, 0x0FB0}, {0x0FC0, 0x0FC0}})) return true;
    return s.opcode < 0x100 && !(s.opcode & 1) && !any_of(s, {{0x62, 0x63}, {0x8D, 0x8D}});
}

class Builder {
  public:
    Builder(Random& random, Question& question) : random_(random), question_(question) {}

    void add(const Shape& s) {
        const bool operand16 =
            random_.percent(15) && !s.is(0x0FA4, 0x0FA5) && !s.is(0x0FAC, 0x0FAD) && !s.is(0x0FC8, 0x0FCA);
        const bool memory = s.memory_only || (s.has_modrm && !s.register_only && random_.percent(35));
        if (operand16) emit(0x66);
        if (memory && s.lockable && random_.percent(10)) emit(0xF0);
        if (s.opcode >= 0x0F00) emit(0x0F);
        emit(s.opcode & 0xFF);
        if (s.has_modrm)
            memory ? add_memory(s) : emit(0xC0 | reg_field(s) << 3 | work_register(has_byte_registers(s, false)));
        for (const Immediate kind : s.immediates) add_immediate(kind, operand16);
        follow_flags(s);
    }

    void add_jcc(uint32_t condition, int32_t target) {
        emit(0x70 | condition);
        emit(uint32_t(target - (question_.test.code_length + 1)));
    }

    /// A conditional jump over what is added until land(): it depends on no flag that is undefined here.
    bool skip(uint32_t first_condition) {
        static constexpr uint32_t read[] = {0x800, 0x001, 0x040, 0x041, 0x080, 0x004, 0x880, 0x8C0};
        for (uint32_t tried = 0; tried < 16; ++tried) {
            const uint32_t condition = (first_condition + tried) % 16;
            if (read[condition >> 1] & undefined_) continue;
            emit(0x70 | condition);
            emit(0);
            skip_from_ = position();
            undefined_if_skipped_ = undefined_;
            return true;
        }
        return false;
    }
    bool is_skipping() const { return skip_from_ != 0; }
    /// Where the jump of skip() goes, `beyond` bytes further on.
    void land(uint32_t beyond = 0) {
        question_.test.code[skip_from_ - 1] = uint8_t(position() + beyond - skip_from_);
        undefined_ |= undefined_if_skipped_;
        skip_from_ = 0;
    }

    /// CALL to the next instruction: a block ends, the return address stays on the stack.
    void add_call() {
        emit(0xE8);
        emit_value(0, 4);
    }

    bool fits(uint32_t more) const { return question_.test.code_length + more < sizeof question_.test.code; }
    uint32_t undefined() const { return undefined_; }
    uint32_t position() const { return question_.test.code_length; }
    void spare_ecx() { spares_ecx_ = true; }
    void emit(uint32_t byte) { question_.test.code[question_.test.code_length++] = uint8_t(byte); }

  private:
    uint32_t work_register(bool byte) {
        static constexpr uint8_t bytes[] = {0, 2, 4, 6, 1, 5}, words[] = {0, 2, 1}; // ECX's last
        if (byte) return bytes[random_.below(spares_ecx_ ? 4 : 6)];
        return words[random_.below(spares_ecx_ ? 2 : 3)];
    }
    uint32_t reg_field(const Shape& s) {
        return s.digit >= 0 ? uint32_t(s.digit) : work_register(has_byte_registers(s, true));
    }
    void add_memory(const Shape& s) {
        static constexpr uint8_t pointers[] = {Ebx, Ebp, Esi, Edi};
        if (random_.percent(20)) {
            emit(reg_field(s) << 3 | 5);
            emit_value(data_address(random_, false), 4);
        } else {
            emit(0x40 | reg_field(s) << 3 | random_.pick(pointers));
            emit(random_.word());
        }
    }
    void add_immediate(Immediate kind, bool operand16) {
        const uint32_t value = random_.percent(60) ? corner(random_) : random_.word();
        if (kind == Immediate::AddressSize)
            emit_value(data_address(random_, false), 4);
        else
            emit_value(value, kind == Immediate::Byte ? 1 : operand16 ? 2 : 4);
    }
    void emit_value(uint32_t value, uint32_t bytes) {
        for (uint32_t i = 0; i < bytes; ++i, value >>= 8) emit(value & 0xFF);
    }
    void follow_flags(const Shape& s) {
        undefined_ = (undefined_ & ~(s.written_flags & ~s.read_flags)) | s.undefined_flags;
        question_.sequence_doubtful |= undefined_;
    }

    Random& random_;
    Question& question_;
    uint32_t undefined_ = 0, undefined_if_skipped_ = 0;
    uint32_t skip_from_ = 0; // position behind the open jump, 0 if none is open
    bool spares_ecx_ = false;
};

void choose_state(Random& random, Case& test) {
    for (uint16_t& selector : test.segments) selector = flat_data;
    test.segments[Cs] = flat_code;
    test.segments[Fs] = test.segments[Gs] = 0;
    for (uint32_t& value : test.registers) value = register_value(random);
    for (const uint32_t r : {Ebx, Ebp, Esi, Edi})
        test.registers[r] = data_base + 0x100 + random.below(2 * page_size - 0x200);
    if (random.percent(15))
        test.registers[Esi] = data_base + 2 * page_size + random.below(page_size); // read only, or a hole
    if (random.percent(15)) test.registers[Edi] = data_base - 0x40 + random.below(0x80);
    test.registers[Esp] = stack_base + 0x400 + random.below(0x400) * 2;
    if (random.percent(5)) test.registers[Esp] = stack_base + random.below(12);
    test.eflags = 0x202 | (random.word() & arithmetic);
    test.eip = test.code_address = code_base + random.below(code_bytes - 0x80);
}

} // namespace

SequenceGenerator::SequenceGenerator(std::span<const Shape> shapes, uint64_t seed) : name_(1), seed_(seed) {
    name_[0].row = "(sequence)";
    for (const Shape& shape : shapes)
        if (shape.excuse.empty() && may_stand_in_sequence(shape)) shapes_.push_back(&shape);
}

Question SequenceGenerator::make(uint64_t index) const {
    Random random(seed_ ^ 0x5E9E'4CE5, index);
    Question question{{}, &name_[0], 0, true};
    choose_state(random, question.test);
    Builder builder(random, question);
    const bool loops = random.percent(25);
    if (loops) {
        question.test.registers[Ecx] = random.percent(90) ? random.between(1, 5) : random.between(6, 200);
        builder.spare_ecx();
    }
    for (uint32_t wanted = random.between(2, 8); wanted && builder.fits(32);) {
        const Shape& shape = *shapes_[random.below(uint32_t(shapes_.size()))];
        const bool touches_ecx = shape.is(0x41) || shape.is(0x49) || shape.is(0x59) || shape.is(0x91) ||
                                 shape.is(0xB1) || shape.is(0xB5) || shape.is(0xB9) || shape.is(0x0FC9);
        const bool breaks_loop =
            loops && (touches_ecx || shape.undefined_flags); // a second pass would start in doubt
        if (consumed_flags(shape) & builder.undefined() || breaks_loop) continue;
        builder.add(shape);
        --wanted;
        if (builder.is_skipping() && random.percent(50))
            builder.land();
        else if (!builder.is_skipping() && random.percent(25))
            builder.skip(random.below(16));
        if (random.percent(4)) builder.add_call();
    }
    if (builder.is_skipping()) builder.land();
    if (loops) {
        builder.emit(0x49); // dec ecx
        builder.add_jcc(5, 0);
    } else if (random.percent(60) && builder.skip(random.below(16))) {
        builder.land(random.below(6));
    }
    question.sequence_undefined = builder.undefined();
    return question;
}

} // namespace trapgate::silicon
