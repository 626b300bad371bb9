// SPDX-License-Identifier: MIT
// The x87's loads and stores.
// Source: [SDM2] FLD, FILD, FBLD, FLD constants, FST/FSTP, FIST/FISTP, FBSTP; order of faults as measured on silicon.
#include "cpu/ops/x87.hpp"
#include "cpu/ops/x87_stack.hpp"

#include <array>

namespace trapgate::cpu::ops {

namespace {

using host::Outcome;
namespace st = x87_status;

template <class T> T read_memory(Cpu& cpu, const Insn& i) {
    return load_from<T>(cpu, segment_of(i), effective_offset(cpu, i));
}

/// Ten bytes at the memory operand, in two pieces that are checked one after the other.
template <class T> T read_ten(Cpu& cpu, const Insn& i) {
    const u32 offset = effective_offset(cpu, i);
    u8 bytes[10];
    const u64 low = load_from<u64>(cpu, segment_of(i), offset);
    const u16 high = load_from<u16>(cpu, segment_of(i), wrap(i, offset + 8));
    std::memcpy(bytes, &low, 8);
    std::memcpy(bytes + 8, &high, 2);
    T value{};
    std::memcpy(static_cast<void*>(&value), bytes, 10);
    return value;
}

/// In two pieces; the second wraps with a 16-bit address.
void write_ten(Cpu& cpu, const Insn& i, const void* from) {
    const u32 offset = effective_offset(cpu, i);
    u64 low;
    u16 high;
    std::memcpy(&low, from, 8);
    std::memcpy(&high, static_cast<const u8*>(from) + 8, 2);
    store_to<u64>(cpu, segment_of(i), offset, low);
    store_to<u16>(cpu, segment_of(i), wrap(i, offset + 8), high);
}

/// The memory operand as a register value, with the flags of the conversion.
Outcome fetch(Cpu& cpu, const Insn& i, X87Type type) {
    switch (type) {
    case X87Type::Single: return host::load_single(read_memory<u32>(cpu, i));
    case X87Type::Double: return host::load_double(read_memory<u64>(cpu, i));
    case X87Type::Int16: return host::load_int16(read_memory<u16>(cpu, i));
    case X87Type::Int32: return host::load_int32(read_memory<u32>(cpu, i));
    case X87Type::Int64: return host::load_int64(read_memory<u64>(cpu, i));
    case X87Type::Bcd: return host::load_bcd(read_ten<host::Bcd>(cpu, i));
    case X87Type::Extended: return {read_ten<Float80>(cpu, i), {}, 0};
    }
    __builtin_unreachable();
}

/// What a store is about to write: the bytes, and the flags of the conversion.
struct Image {
    std::array<u8, 10> bytes{};
    u32 size = 0;
    u16 status = 0;
};

template <class T, class Convert> Image convert(u16 control, const Float80& value, Convert convert_on_host) {
    T memory{};
    Image image;
    image.size = sizeof(T);
    image.status = convert_on_host(control, value, memory).status;
    std::memcpy(image.bytes.data(), &memory, sizeof(T));
    return image;
}

Image image_of(u16 control, X87Type type, const Float80& value) {
    switch (type) {
    case X87Type::Single: return convert<u32>(control, value, host::store_single);
    case X87Type::Double: return convert<u64>(control, value, host::store_double);
    case X87Type::Int16: return convert<u16>(control, value, host::store_int16);
    case X87Type::Int32: return convert<u32>(control, value, host::store_int32);
    case X87Type::Int64: return convert<u64>(control, value, host::store_int64);
    case X87Type::Bcd: return convert<host::Bcd>(control, value, host::store_bcd);
    case X87Type::Extended: {
        Image image;
        image.size = 10;
        std::memcpy(image.bytes.data(), &value, 10);
        return image;
    }
    }
    __builtin_unreachable();
}

template <class T> void write_piece(Cpu& cpu, const Insn& i, const Image& image) {
    T value;
    std::memcpy(&value, image.bytes.data(), sizeof(T));
    store_to<T>(cpu, segment_of(i), effective_offset(cpu, i), value);
}

void write_image(Cpu& cpu, const Insn& i, const Image& image) {
    switch (image.size) {
    case 2: return write_piece<u16>(cpu, i, image);
    case 4: return write_piece<u32>(cpu, i, image);
    case 8: return write_piece<u64>(cpu, i, image);
    default: return write_ten(cpu, i, image.bytes.data());
    }
}

void push_value(X87Stack& stack, const Float80& value) {
    if (!stack.empty(7)) {
        if (stack.stack_fault(true)) stack.push(indefinite);
        return;
    }
    stack.set_condition(0, st::c1);
    stack.push(value);
}

} // namespace

void x87_load_memory(Cpu& cpu, const Insn& i, X87Type type) {
    begin_waiting(cpu);
    const Outcome operand = fetch(cpu, i, type);
    note_pointers(cpu, i);
    X87Stack stack(cpu);
    if (!stack.empty(7)) // found before anything about the operand
        return push_value(stack, operand.value);
    stack.record(operand.status);
    stack.set_condition(0, st::c1);
    if (!(operand.status & ~stack.control() & st::ie)) // an unmasked denormal is loaded
        push_value(stack, operand.value);
}

/// An unmasked invalid operation, overflow or underflow stores nothing and touches no memory; any other goes by after the store.
void x87_store_memory(Cpu& cpu, const Insn& i, X87Type type, bool pop) {
    begin_waiting(cpu);
    X87Stack stack(cpu);
    const bool empty = stack.empty(0);
    Image image = image_of(stack.control(), type, empty ? indefinite : stack.get(0));
    if (empty) image.status = st::ie | st::sf;
    const bool stores = !(image.status & ~stack.control() & (st::ie | st::oe | st::ue));
    if (stores) write_image(cpu, i, image);
    stack.set_condition(image.status, st::c1);
    stack.record(image.status);
    if (stores && pop) stack.pop();
    note_pointers(cpu, i);
}

void fld_register(Cpu& cpu, const Insn& i) {
    begin_waiting(cpu);
    note_pointers(cpu, i);
    X87Stack stack(cpu);
    if (stack.empty(i.rm)) { // found before a full stack
        if (stack.stack_fault(false)) stack.push(indefinite);
        return;
    }
    push_value(stack, stack.get(i.rm));
}

void x87_push_constant(Cpu& cpu, const Insn& i, u8 which) {
    begin_waiting(cpu);
    note_pointers(cpu, i);
    X87Stack stack(cpu);
    const u16 control = stack.control();
    const Outcome outcome = which == 0   ? host::constant<0>(control)
                            : which == 1 ? host::constant<1>(control)
                            : which == 2 ? host::constant<2>(control)
                            : which == 3 ? host::constant<3>(control)
                            : which == 4 ? host::constant<4>(control)
                            : which == 5 ? host::constant<5>(control)
                                         : host::constant<6>(control);
    push_value(stack, outcome.value);
}

} // namespace trapgate::cpu::ops
