// SPDX-License-Identifier: MIT
// A machine whose host is the test, with a flat 32-bit program at 1 MB.
#pragma once

#include "../devices/fakes.hpp"
#include "machine/machine.hpp"

#include <initializer_list>
#include <string>
#include <vector>

namespace trapgate::machine::test {

struct FakeTerminal : TerminalInput {
    std::string typed;
    bool quit = false;
    int waits = 0;
    std::size_t read(std::span<u8> into) override {
        const std::size_t bytes = std::min(into.size(), typed.size());
        std::copy_n(typed.begin(), bytes, into.begin());
        typed.erase(0, bytes);
        return bytes;
    }
    void wait(std::chrono::nanoseconds) override { ++waits; }
    bool quit_requested() const override { return quit; }
    bool size_changed() override { return false; }
    devices::HostTerminals terminals() override { return {7, 24, 80}; }
};

struct Rig {
    devices::test::FakeSource input;
    devices::test::FakeSink output, error, serial, log;
    FakeTerminal typist;
    Machine machine;

    explicit Rig(const std::vector<u8>& program, bool with_terminal = false)
        : machine({.ram_bytes = 2 << 20}, {{input, devices::HostChannel::InputKind::Lines, output, error, {}},
                                           serial,
                                           log,
                                           with_terminal ? &typist : nullptr}) {
        constexpr u32 place = 0x100000;
        machine.loader_memory().write({place}, program, mmu::Writer::Loader);
        cpu::Cpu& cpu = machine.loader_cpu();
        cpu.set_segment(cpu::SegmentRegister::cs, cpu::Segment::from(8, {0x00cf9b000000ffff}));
        for (const auto data : {cpu::SegmentRegister::ds, cpu::SegmentRegister::es, cpu::SegmentRegister::ss})
            cpu.set_segment(data, cpu::Segment::from(16, {0x00cf93000000ffff}));
        cpu.eip = place;
        machine.start();
    }
};

/// Three ticks of the timer at 1000 Hz, each waited for with HLT; then ECX = 3 goes to port F4h.
///     lgdt gdtr · lidt idtr · mov $0x100200, %esp · both 8259: vectors 20h and 28h, only IRQ 0 open · 8254: mode 2, 1193
///     xor %ecx, %ecx · sti
///  1: hlt · cmp $3, %ecx · jb 1b · mov %ecx, %eax · out %eax, $0xf4
///  2: jmp 2b
///     tick: inc %ecx · mov $0x20, %al · out %al, $0x20 · iret
inline const std::vector<u8> three_ticks{
    0x0f, 0x01, 0x15, 0x70, 0x00, 0x10, 0x00, 0x0f, 0x01, 0x1d, 0x76, 0x00, 0x10, 0x00, 0xbc, 0x00, 0x02,
    0x10, 0x00, 0xb0, 0x11, 0xe6, 0x20, 0xe6, 0xa0, 0xb0, 0x20, 0xe6, 0x21, 0xb0, 0x28, 0xe6, 0xa1, 0xb0,
    0x04, 0xe6, 0x21, 0xb0, 0x02, 0xe6, 0xa1, 0xb0, 0x01, 0xe6, 0x21, 0xe6, 0xa1, 0xb0, 0xfe, 0xe6, 0x21,
    0xb0, 0x34, 0xe6, 0x43, 0xb0, 0xa9, 0xe6, 0x40, 0xb0, 0x04, 0xe6, 0x40, 0x31, 0xc9, 0xfb, 0xf4, 0x83,
    0xf9, 0x03, 0x72, 0xfa, 0x89, 0xc8, 0xe7, 0xf4, 0xeb, 0xfe, 0x41, 0xb0, 0x20, 0xe6, 0x20, 0xcf, 0x8d,
    0x74, 0x26, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x9b,
    0xcf, 0x00, 0xff, 0xff, 0x00, 0x00, 0x00, 0x93, 0xcf, 0x00, 0x17, 0x00, 0x58, 0x00, 0x10, 0x00, 0x07,
    0x01, 0x80, 0xff, 0x0f, 0x00, 0x8d, 0x74, 0x26, 0x00, 0x4e, 0x00, 0x08, 0x00, 0x00, 0x8e, 0x10, 0x00};

} // namespace trapgate::machine::test
