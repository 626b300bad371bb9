// SPDX-License-Identifier: MIT
// One machine without devices; every handler of its kernel is a HLT, so that a test ends in one like a host's test in a signal.
// Source: kernel_tables.hpp; [SDM3] "Exception- and Interrupt-Handler Procedures" for the frame that is read back.
#include "emulated_processor.hpp"

#include "cpu/engine/engine.hpp"
#include "cpu/ops/x87_stack.hpp"
#include "kernel_tables.hpp"

#include <cstring>
#include <fmt/format.h>
#include <stdexcept>
#include <vector>

namespace trapgate::silicon {

namespace {

constexpr u64 enough_instructions = 100'000; // the longest REP of a test is shorter
constexpr u8 hlt = 0xF4;

std::array<u32, 4> ram_part(const u8* ram, u32 physical) {
    std::array<u32, 4> words;
    std::memcpy(words.data(), ram + physical, sizeof words);
    return words;
}

} // namespace

struct EmulatedProcessor::Parts {
    mmu::PhysicalMemory memory{place::ram_bytes};
    mmu::Bus bus{memory};
    cpu::Cpu cpu{bus, model()};
    cpu::engine::Engine engine{cpu};
    std::vector<u8> pristine = std::vector<u8>(page_count * page_size);
    trace::Observer nobody;
    u64 tests = 0; // every eighth runs in the watched engine, which must answer the same
    TestMemory pages{memory.processor_pointer() + place::test_pages, pristine.data()};

    /// A Pentium III as far as the table goes; with the host's denormals-are-zero.
    static cpu::Model model() {
        cpu::Model model = cpu::model_p3;
        model.mxcsr_mask_field = 0xFFFF;
        return model;
    }

    explicit Parts(u32 processor_descriptor_limit) {
        write_tables(memory, processor_descriptor_limit);
        for (u32 vector = 0; vector < 256; ++vector)
            memory.processor_pointer()[place::handlers + vector * handler_spacing] = hlt;
        pages.paint();
        set_system_state();
    }

    cpu::Segment segment(u16 selector) const {
        return cpu::selector_is_null(selector) ? cpu::Segment::null(selector)
                                               : cpu::Segment::from(selector, descriptor_of(memory, selector));
    }

    /// CR0 as Linux has it on an x86-64 host, as far as a program can tell.
    void set_system_state() {
        cpu.gdtr = {place::linear(place::gdt), gdt_limit};
        cpu.idtr = {place::linear(place::idt), 256 * 8 - 1};
        cpu.ldtr = segment(local_table_selector);
        cpu.tr = segment(task_selector);
        cpu.set_cr3(place::directory);
        using namespace cpu::cr0;
        cpu.set_cr0(pe | mp | et | ne | wp | am | pg);
        cpu.set_cr4(cpu::cr4::osfxsr | cpu::cr4::osxmmexcpt);
    }

    void run(const Case& test, Outcome& outcome) {
        forget_code(test);
        pages.arrange(test);
        start(test);
        const u64 until = cpu.instructions + enough_instructions;
        const cpu::engine::Stop stop = tests++ % 8 == 7 ? engine.run_watched(until, nobody) : engine.run(until);
        if (stop.reason == cpu::engine::StopReason::Halted)
            collect(outcome);
        else
            give_up(stop, outcome);
        pages.collect_changes(outcome);
        forget_code(test);
        pages.clean(test);
    }

    /// The code pages change behind the processor's back: what it decoded there goes.
    void forget_code(const Case& test) {
        for (u32 i = 0; i < test.code_length; ++i)
            for (u32 page = 0; page < page_count; ++page)
                if (test.code_address + i - silicon::pages[page].address < page_size)
                    engine.blocks().before_store(
                        {place::test_pages + page * page_size + ((test.code_address + i) & (page_size - 1))}, 1);
    }

    void start(const Case& test) {
        for (u32 r = 0; r < 8; ++r) cpu.gpr[r] = test.registers[r];
        cpu.set_cpl(3);
        for (u32 s = 0; s < 6; ++s) cpu.set_segment(cpu::SegmentRegister(s), segment(test.segments[s]));
        cpu.eip = test.eip;
        cpu.set_eflags(test.eflags | (test.single_step ? cpu::eflags::tf : 0));
        cpu.cr2 = 0;
        cpu.dr[6] = 0xFFFF'0FF0;
        cpu.halted = cpu.interrupt_shadow = false;
        cpu.x87 = {};
        if (test.uses_fpu) load_fpu(test.fpu);
        cpu.sse = {};
        if (test.uses_sse) load_sse(test.sse);
    }

    /// FSAVE's registers are ST(i); the processor keeps physical ones.
    void load_fpu(const FpuImage& image) {
        cpu.x87.control = u16(image.control);
        cpu.x87.status = u16(image.status);
        cpu.x87.tags = u16(image.tags);
        for (u32 i = 0; i < 8; ++i) {
            cpu::Float80& target = cpu.x87.registers[(i + (image.status >> 11)) & 7];
            std::memcpy(&target.significand, image.registers[i], 8);
            std::memcpy(&target.sign_exponent, image.registers[i] + 8, 2);
            const u32 tag = 2 * ((i + (image.status >> 11)) & 7);
            if ((image.tags >> tag & 3) != 3)
                cpu.x87.tags = u16((cpu.x87.tags & ~(3u << tag)) | u32(cpu::ops::tag_of(target)) << tag);
        }
    }

    void load_sse(const SseImage& image) {
        cpu.sse.mxcsr = image.mxcsr;
        std::memcpy(cpu.sse.xmm.data(), image.xmm, sizeof image.xmm);
    }
    void save_sse(SseImage& image) const {
        image.mxcsr = cpu.sse.mxcsr;
        std::memcpy(image.xmm, cpu.sse.xmm.data(), sizeof image.xmm);
    }

    void save_fpu(FpuImage& image) const {
        image.control = cpu.x87.control;
        image.status = cpu.x87.status;
        image.tags = cpu.x87.tags;
        for (u32 i = 0; i < 8; ++i) {
            const cpu::Float80& source = cpu.x87.registers[(i + (image.status >> 11)) & 7];
            std::memcpy(image.registers[i], &source.significand, 8);
            std::memcpy(image.registers[i] + 8, &source.sign_exponent, 2);
        }
    }

    /// After the handler's HLT: the frame on the kernel's stack, [error code,] EIP, CS, EFLAGS, ESP, SS.
    void collect(Outcome& outcome) {
        outcome = {};
        const u32 vector = (cpu.eip - 1 - place::linear(place::handlers)) / handler_spacing;
        u32 frame = cpu.reg(cpu::Gpr::esp) - place::window + place::gdt;
        const u8* ram = memory.processor_pointer();
        outcome.trap = vector;
        if (vector < 32 && cpu::pushes_error_code(cpu::Vector(vector))) {
            outcome.error = ram_part(ram, frame)[0];
            frame += 4;
        }
        const auto [eip, cs, eflags, esp] = ram_part(ram, frame);
        const u32 ss = ram_part(ram, frame + 16)[0];
        for (u32 r = 0; r < 8; ++r) outcome.registers[r] = cpu.gpr[r];
        outcome.registers[Esp] = esp;
        for (u32 s = 0; s < 6; ++s) outcome.segments[s] = cpu.segments[s].selector;
        outcome.segments[Cs] = u16(cs);
        outcome.segments[Ss] = u16(ss);
        outcome.eip = eip;
        outcome.eflags = eflags;
        outcome.cr2 = vector == page_fault ? cpu.cr2 : 0;
        save_fpu(outcome.fpu);
        save_sse(outcome.sse);
    }

    /// Not an answer that silicon could give: it will be reported as a difference, and says what happened.
    void give_up(const cpu::engine::Stop& stop, Outcome& outcome) {
        outcome = {};
        outcome.trap = 1000 + u32(stop.reason);
        for (u32 r = 0; r < 8; ++r) outcome.registers[r] = cpu.gpr[r];
        outcome.eip = cpu.eip;
        outcome.eflags = cpu.flags.image();
        cpu.attention = false;
    }
};

EmulatedProcessor::EmulatedProcessor(uint32_t processor_descriptor_limit)
    : parts_(std::make_unique<Parts>(processor_descriptor_limit)) {}
EmulatedProcessor::~EmulatedProcessor() = default;

void EmulatedProcessor::run(std::span<const Case> cases, std::span<Outcome> outcomes) {
    for (size_t i = 0; i < cases.size(); ++i) parts_->run(cases[i], outcomes[i]);
}

} // namespace trapgate::silicon
