// SPDX-License-Identifier: MIT
// The fields of recordings and snapshots, in the order in which they lie in the file. A change here is a new version of the format.
#include "frontend/state/files.hpp"

#include "frontend/state/archive.hpp"

#include <memory>

// fields() of a type lies in the type's own namespace, so that the archive finds it.

namespace trapgate::kernel {
template <class A> void fields(A& a, BootModule& module) {
    a(module.bytes, module.text);
}
} // namespace trapgate::kernel

namespace trapgate::cpu {

template <class A> void fields(A& a, Segment& s) {
    a(s.selector, s.base, s.limit, s.type, s.s, s.dpl, s.present, s.big, s.granular, s.lowest, s.highest,
      s.can_read, s.can_write, s.raw);
}
template <class A> void fields(A& a, TableRegister& table) {
    a(table.base, table.limit);
}
template <class A> void fields(A& a, Flags& flags) {
    u32 image = flags.image();
    a(image);
    if constexpr (A::reads) flags.set_image(image);
}
template <class A> void fields(A& a, X87State& x87) {
    for (Float80& value : x87.registers) a(value.significand, value.sign_exponent);
    a(x87.control, x87.status, x87.tags, x87.opcode, x87.instruction_offset, x87.instruction_selector,
      x87.operand_offset, x87.operand_selector);
}
template <class A> void fields(A& a, SseState& sse) {
    for (Xmm& value : sse.xmm) a(value);
    a(sse.mxcsr);
}
template <class A> void fields(A& a, State& cpu) {
    a(cpu.gpr, cpu.eip, cpu.flags);
    for (Segment& segment : cpu.segments) a(segment);
    a(cpu.ldtr, cpu.tr, cpu.gdtr, cpu.idtr, cpu.cr0, cpu.cr2, cpu.cr3, cpu.cr4, cpu.dr, cpu.sysenter_cs,
      cpu.sysenter_esp, cpu.sysenter_eip, cpu.tsc_offset, cpu.x87, cpu.sse, cpu.cpl, cpu.halted,
      cpu.interrupt_shadow, cpu.debug_shadow, cpu.instructions);
}

} // namespace trapgate::cpu

namespace trapgate::machine {

template <class A> void fields(A& a, HostEvent& event) {
    a(event.instruction, event.slept, event.kind, event.value, event.address, event.bytes, event.name);
    if constexpr (A::reads)
        if (event.kind > HostEvent::Kind::Edit) a.fail();
}
template <class A> void fields(A& a, InputChunk& chunk) {
    a(chunk.bytes, chunk.error);
}
template <class A> void fields(A& a, HostLog& log) {
    a(log.terminal, log.end, log.events, log.input);
}

template <class A> void host_channel(A& a, devices::HostChannel::State& channel) {
    a(channel.input, channel.taken, channel.granted, channel.end_of_file, channel.errors);
    if constexpr (A::reads)
        if (channel.taken > channel.input.size() || channel.granted > channel.input.size() - channel.taken)
            a.fail();
}
template <class A> void keyboard(A& a, devices::Keyboard8042::State& k) {
    a(k.ram, k.output, k.output_full, k.last_was_command, k.output_port, k.expecting, k.keyboard_expecting,
      k.scanning, k.scan_code_set, k.lights, k.last_sent, k.break_prefix, k.interrupt_open, k.empty_looks,
      k.next_byte_clock, k.next_key_clock, k.answers, k.scan_codes, k.typed);
}
/// The other devices' states have no padding and no pointers: their bytes are their fields.
template <class A> void board(A& a, Board::State& board) {
    a(board.pic, board.timer, board.serial, board.rtc, board.system_control, board.fast_gate, board.post_code,
      board.vga);
    host_channel(a, board.host_channel);
    keyboard(a, board.keyboard);
}

template <class A> void pages(A& a, mmu::PageImage& image) {
    u64 all = image.pages();
    a(all);
    if constexpr (A::reads) {
        constexpr u64 most = (u64{4} << 30) / page_size;
        if (all > most) return a.fail();
        image = mmu::PageImage(all);
        for (u64 number = 0; a(number), a.good() && number < all;) {
            auto page = std::make_shared<mmu::PageBytes>();
            a(*page);
            image.set(number, std::move(page));
        }
    } else {
        for (u64 number = 0; number < all; ++number)
            if (const mmu::PageBytes* page = image.page(number)) a(number, *page);
        a(all); // ends the list
    }
}

template <class A> void fields(A& a, Snapshot& snapshot) {
    a(snapshot.cpu, snapshot.debug_hits, snapshot.slept);
    board(a, snapshot.board);
    pages(a, snapshot.pages);
}

} // namespace trapgate::machine

namespace trapgate::frontend::state {

template <class A> void fields(A& a, Identity& i) {
    a(i.made_by, i.program_name, i.program, i.kernel_name, i.kernel, i.own_kernel, i.cpu, i.memory, i.hertz, i.date,
      i.terminals, i.rows, i.columns, i.input_kind, i.terminal_is_keyboard, i.keys);
}
template <class A> void fields(A& a, Ending& ending) {
    a(ending.kind, ending.value, ending.text, ending.hash);
}
template <class A> void fields(A& a, Recording& r) {
    a(r.identity, r.command_line, r.modules, r.log, r.ending);
}
template <class A> void fields(A& a, SnapshotFile& file) {
    a(file.identity, file.snapshot, file.hash);
}

namespace {

template <class T> std::vector<u8> write(const T& value) {
    Writer writer;
    writer(value);
    return writer.bytes();
}

template <class T> Result<T> read(std::span<const u8> bytes) {
    Reader reader(bytes);
    T value;
    reader(value);
    if (!reader.good() || !reader.at_end()) return Error{"its contents are damaged", 2};
    return value;
}

/// A machine can be built from it at all.
Status check(const Identity& identity) {
    constexpr u64 most_memory = u64{3584} << 20;
    const bool sane = cpu::find_model(identity.cpu) && identity.memory >= page_size &&
                      identity.memory <= most_memory && identity.hertz && identity.input_kind <= 1;
    if (!sane) return Error{"the machine it describes is not possible here", 2};
    return Nothing{};
}

} // namespace

std::vector<u8> to_bytes(const Recording& recording) {
    return write(recording);
}

std::vector<u8> to_bytes(const SnapshotFile& snapshot) {
    return write(snapshot);
}

Result<Recording> recording_from(std::span<const u8> bytes) {
    TRY(recording, read<Recording>(bytes));
    TRY(checked, check(recording.identity));
    (void)checked;
    if (recording.ending.kind > static_cast<u8>(machine::StopKind::LogEnds)) return Error{"its end is damaged", 2};
    return std::move(recording);
}

Result<SnapshotFile> snapshot_from(std::span<const u8> bytes) {
    TRY(file, read<SnapshotFile>(bytes));
    TRY(checked, check(file.identity));
    (void)checked;
    const u64 pages = (file.identity.memory + page_size - 1) / page_size;
    if (mmu::PageImage(pages).pages() != file.snapshot.pages.pages())
        return Error{"its memory has another size than it says", 2};
    if (file.snapshot.cpu.cpl > 3) return Error{"its processor is damaged", 2};
    return std::move(file);
}

} // namespace trapgate::frontend::state
