// SPDX-License-Identifier: MIT
// Copying and hashing states: see the header. The hash is XXH3 of 64 bits over the values in the order in which they stand here.
#include "machine/snapshot.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace trapgate::machine {

namespace {

class Hasher {
  public:
    Hasher() { XXH3_64bits_reset(&state_); }
    void bytes(const void* data, std::size_t size) { XXH3_64bits_update(&state_, data, size); }
    /// Only values without padding: each of their bytes means something.
    template <class T> void add(const T& value) {
        static_assert(std::has_unique_object_representations_v<T>);
        bytes(&value, sizeof(T));
    }
    u64 digest() const { return XXH3_64bits_digest(&state_); }

  private:
    XXH3_state_t state_;
};

void add_segment(Hasher& hash, const cpu::Segment& segment) {
    hash.add(segment.selector);
    hash.add(segment.base);
    hash.add(segment.limit);
    hash.add(segment.type);
    for (const bool bit : {segment.s, segment.present, segment.big, segment.granular}) hash.add(bit);
    hash.add(segment.dpl);
}

void add_table(Hasher& hash, const cpu::TableRegister& table) {
    hash.add(table.base);
    hash.add(table.limit);
}

void add_x87(Hasher& hash, const cpu::X87State& x87) {
    for (const cpu::Float80& value : x87.registers) {
        hash.add(value.significand);
        hash.add(value.sign_exponent);
    }
    for (const u16 word :
         {x87.control, x87.status, x87.tags, x87.opcode, x87.instruction_selector, x87.operand_selector})
        hash.add(word);
    hash.add(x87.instruction_offset);
    hash.add(x87.operand_offset);
}

void add_sse(Hasher& hash, const cpu::SseState& sse) {
    for (const cpu::Xmm& value : sse.xmm) hash.add(value);
    hash.add(sse.mxcsr);
}

void add_cpu(Hasher& hash, const cpu::State& cpu) {
    for (const u32 value : cpu.gpr) hash.add(value);
    hash.add(cpu.eip);
    hash.add(cpu.flags.image());
    for (const cpu::Segment& segment : cpu.segments) add_segment(hash, segment);
    add_segment(hash, cpu.ldtr);
    add_segment(hash, cpu.tr);
    add_table(hash, cpu.gdtr);
    add_table(hash, cpu.idtr);
    for (const u32 value :
         {cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4, cpu.sysenter_cs, cpu.sysenter_esp, cpu.sysenter_eip})
        hash.add(value);
    for (const u32 value : cpu.dr) hash.add(value);
    hash.add(cpu.tsc_offset);
    add_x87(hash, cpu.x87);
    add_sse(hash, cpu.sse);
    hash.add(cpu.cpl);
    for (const bool bit : {cpu.halted, cpu.interrupt_shadow, cpu.debug_shadow}) hash.add(bit);
    hash.add(cpu.instructions);
}

void add_keyboard(Hasher& hash, const devices::Keyboard8042::State& keyboard) {
    hash.bytes(keyboard.ram.data(), keyboard.ram.size());
    for (const u8 value : {keyboard.output, keyboard.output_full, keyboard.last_was_command, keyboard.output_port,
                           keyboard.expecting, keyboard.keyboard_expecting, keyboard.scanning,
                           keyboard.scan_code_set, keyboard.lights, keyboard.last_sent, keyboard.break_prefix,
                           keyboard.interrupt_open, keyboard.empty_looks})
        hash.add(value);
    hash.add(keyboard.next_byte_clock);
    hash.add(keyboard.next_key_clock);
    for (const std::vector<u8>* queue : {&keyboard.answers, &keyboard.scan_codes}) {
        hash.add(u64{queue->size()});
        hash.bytes(queue->data(), queue->size());
    }
    hash.bytes(keyboard.typed.data(), keyboard.typed.size());
}

void add_board(Hasher& hash, const Board::State& board) {
    hash.add(board.pic);
    hash.add(board.timer);
    hash.add(board.serial);
    hash.add(board.rtc);
    hash.add(board.system_control);
    hash.add(board.fast_gate);
    hash.add(board.post_code);
    const devices::HostChannel::State& channel = board.host_channel;
    // How much the host has been read ahead is not the guest's affair: only what it has been promised.
    hash.bytes(channel.input.data() + channel.taken, channel.granted);
    hash.add(channel.granted);
    hash.add(channel.errors);
    add_keyboard(hash, board.keyboard);
    hash.add(board.vga);
}

template <class Visit> void for_each_page(const mmu::PhysicalMemory& memory, Visit visit) {
    const u8* bytes = memory.bytes().data();
    for (u64 number = 0; number < memory.size() / page_size; ++number)
        if (const u8* page = bytes + number * page_size; !mmu::is_zero_page(page)) visit(number, page);
}

} // namespace

u64 hash_state(const cpu::State& cpu, u32 debug_hits, u64 slept, const Board::State& board,
               const mmu::PhysicalMemory& memory) {
    Hasher hash;
    add_cpu(hash, cpu);
    hash.add(debug_hits);
    hash.add(slept);
    add_board(hash, board);
    for_each_page(memory, [&](u64 number, const u8* page) {
        hash.add(number);
        hash.bytes(page, page_size);
    });
    return hash.digest();
}

} // namespace trapgate::machine
