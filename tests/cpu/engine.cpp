// SPDX-License-Identifier: MIT
// The engine as a whole: blocks, links, interrupts at the exact instruction, self-modifying code, and that watching changes nothing.
#include "catch.hpp"
#include "cpu/engine_machine.hpp"

#include <algorithm>

using namespace trapgate;
using namespace trapgate::tests;

namespace {

/// mov ecx, n; l: add eax, ecx; dec ecx; jnz l; hlt
void sum_loop(EngineMachine& m, u32 n) {
    m.code(at::user_code, {0xb9, int(n & 0xff), int(n >> 8 & 0xff), int(n >> 16 & 0xff), int(n >> 24), 0x31, 0xc0,
                           0x01, 0xc8, 0x49, 0x75, 0xfb, 0xf4});
    m.cpu.eip = at::user_code;
}

struct Counter : trace::Observer {
    u64 retired = 0, accesses = 0;
    void on(const trace::Retired&) override { ++retired; }
    void on(const trace::Access&) override { ++accesses; }
};

struct OneInterrupt final : InterruptController {
    bool pending = false;
    bool requested() override { return pending; }
    u8 acknowledge() override {
        pending = false;
        return 0x20;
    }
};

} // namespace

TEST_CASE("a loop runs to its end and every instruction is counted") {
    EngineMachine m;
    sum_loop(m, 1000);
    const engine::Stop stop = m.engine.run(1'000'000);
    CHECK(stop.reason == engine::StopReason::Halted);
    CHECK(m.eax() == 500500);
    CHECK(m.cpu.instructions == 2 + 3 * 1000 + 1);
}

TEST_CASE("a run stops at exactly the instruction asked for, in the middle of a block too") {
    for (u64 until = 1; until < 40; ++until) {
        EngineMachine fast, watched;
        Counter counter;
        sum_loop(fast, 1000);
        sum_loop(watched, 1000);
        CHECK(fast.engine.run(until).reason == engine::StopReason::Limit);
        CHECK(watched.engine.run_watched(until, counter).reason == engine::StopReason::Limit);
        CHECK(fast.cpu.instructions == until);
        CHECK(counter.retired == until);
        CHECK(fast.cpu.eip == watched.cpu.eip);
        CHECK(fast.cpu.gpr == watched.cpu.gpr);
        CHECK(fast.cpu.flags.image() == watched.cpu.flags.image());
    }
}

TEST_CASE("code that a store changes is decoded again, even ahead in the same block") {
    EngineMachine m;
    // mov byte [next+1], 7; next: mov al, 1; hlt
    m.code(at::user_code, {0xc6, 0x05, 0x08, 0xc0, 0, 0, 7, 0xb0, 1, 0xf4});
    m.cpu.eip = at::user_code;
    m.engine.run(100);
    CHECK((m.eax() & 0xff) == 7);
}

TEST_CASE("int 0x80 and iret come back behind the int") {
    EngineMachine m;
    m.enable_paging();
    m.enter_user();
    m.code(at::user_code, {0x90, 0xcd, 0x80, 0x90, 0xeb, 0xfe});
    m.code(m.handler(0x80), {0xff, 0x05, 0x00, 0x80, 0x00, 0x00, 0xcf}); // inc dword [8000]; iret
    m.cpu.eip = at::user_code;
    m.engine.run(4);
    CHECK(m.cpu.cpl == 3);
    CHECK(m.cpu.eip == at::user_code + 3);
    CHECK(m.word(0x8000) == 1);
}

TEST_CASE("a jump that an interrupt cuts off is not remembered as a jump to the handler") {
    for (u64 when = 1; when < 12; ++when) {
        EngineMachine m;
        OneInterrupt controller;
        m.cpu.interrupt_controller = &controller;
        m.enable_paging();
        m.enter_user();
        m.cpu.flags.set_system_bit(eflags::if_, true);
        m.code(at::user_code, {0x31, 0xc0, 0x40, 0xeb, 0xfd}); // xor eax, eax; l: inc eax; jmp l
        m.code(m.handler(0x20), {0x90, 0xcf});                 // nop; iret
        m.cpu.eip = at::user_code;
        m.engine.run(when);
        controller.pending = true;
        m.engine.run(when + 3 + 100); // the delivery counts as one
        CHECK(m.cpu.cpl == 3);
        CHECK(m.eax() == (when + 100) / 2);
    }
}

TEST_CASE("an interrupt that the last instruction of a run lets in belongs to the next run") {
    for (bool watched : {false, true}) {
        EngineMachine m;
        OneInterrupt controller;
        Counter counter;
        m.cpu.interrupt_controller = &controller;
        m.cpu.flags.set_system_bit(eflags::if_, false);
        m.code(at::user_code, {0x68, 0x02, 0x02, 0, 0, 0x9d, 0x90, 0xf4}); // push $0x202; popf; nop; hlt
        m.code(m.handler(0x20), {0xcf});
        m.cpu.eip = at::user_code;
        controller.pending = true;
        for (u64 until = 1; until <= 4; ++until) { // push, popf, the delivery, iret
            if (watched)
                m.engine.run_watched(until, counter);
            else
                m.engine.run(until);
            CHECK(m.cpu.instructions == until);
            CHECK(m.cpu.eip == (until == 1 ? at::user_code + 5 : until == 3 ? m.handler(0x20) : at::user_code + 6));
        }
    }
}

TEST_CASE("a repeated move in one go leaves what one element after the other leaves") {
    struct Move {
        u32 from, to, count;
    };
    // Apart, over page ends, overlapping upwards (the pattern repeats) and downwards.
    for (const Move& move : {Move{0x30010, 0x34020, 5000}, Move{0x30ffe, 0x34001, 9}, Move{0x30000, 0x30004, 3000},
                             Move{0x30004, 0x30000, 3000}, Move{0x30000, 0x30000, 100}})
        for (int opcode : {0xa4, 0xa5, 0xaa, 0xab}) {
            EngineMachine fast, watched;
            Counter counter;
            for (EngineMachine* m : {&fast, &watched}) {
                m->enable_paging();
                for (u32 n = 0; n < 0x8000; n += 4) m->put(0x30000 + n, n * 2654435761u);
                m->code(at::user_code, {0xf3, opcode, 0xf4});
                m->cpu.eip = at::user_code;
                m->cpu.reg(Gpr::esi) = move.from;
                m->cpu.reg(Gpr::edi) = move.to;
                m->cpu.reg(Gpr::ecx) = opcode & 1 ? move.count / 4 : move.count;
                m->cpu.reg(Gpr::eax) = 0x12345678;
            }
            CHECK(fast.engine.run(1000).reason == engine::StopReason::Halted);
            CHECK(watched.engine.run_watched(1000, counter).reason == engine::StopReason::Halted);
            CHECK(fast.cpu.gpr == watched.cpu.gpr);
            CHECK(fast.cpu.instructions == watched.cpu.instructions);
            CHECK(std::ranges::equal(fast.memory.bytes(), watched.memory.bytes()));
        }
}

TEST_CASE("an instruction that crosses a page takes its tail from where that page is mapped, and goes on there") {
    EngineMachine m;
    m.enable_paging();
    const auto map_second_page = [&](u32 physical) {
        m.put(at::page_table + 4 * 0x2d, physical | 7);
        m.cpu.flush_tlb_page(0x2d000);
    };
    m.code(0x2cffd, {0xb8, 0x11, 0x22});             // mov eax, ...
    m.code(0x31000, {0x33, 0x44, 0x43, 0xf4});       // ... 44332211; inc ebx; hlt
    m.code(0x32000, {0x55, 0x66, 0x43, 0x43, 0xf4}); // ... 66552211; inc ebx; inc ebx; hlt
    m.code(0x2d000, {0x77, 0x77, 0xf4});             // where the page would be if it followed
    u32 ebx = 0;
    for (u32 round = 0; round < 4; ++round) {
        const bool other = round & 1;
        map_second_page(other ? 0x32000 : 0x31000);
        m.cpu.halted = false;
        m.cpu.eip = 0x2cffd;
        CHECK(m.engine.run(m.cpu.instructions + 100).reason == engine::StopReason::Halted);
        CHECK(m.eax() == (other ? 0x66552211u : 0x44332211u));
        ebx += other ? 2 : 1;
        CHECK(m.cpu.reg(Gpr::ebx) == ebx);
    }
}

TEST_CASE(
    "a fault on the tail of an instruction names where its page begins, whether the instruction is known or not") {
    for (const bool known : {false, true}) {
        EngineMachine m;
        m.enable_paging();
        m.code(0x2cffd, {0xb8, 0x11, 0x22, 0x33, 0x44}); // mov eax, 44332211: two bytes lie in the next page
        if (known) {
            m.cpu.eip = 0x2cffd;
            m.engine.run(m.cpu.instructions + 1);
            REQUIRE(m.eax() == 0x44332211);
        }
        m.put(at::page_table + 4 * 0x2d, 0);
        m.cpu.flush_tlb_page(0x2d000);
        m.cpu.eip = 0x2cffd;
        m.engine.run(m.cpu.instructions + 1);
        CHECK(m.cpu.cr2 == 0x2d000);
    }
}

TEST_CASE("invlpg of any address in a 4 MB page forgets all of it") {
    EngineMachine m;
    m.enable_paging();
    m.cpu.set_cr4(cr4::pse);
    const auto map_at_8m = [&](u32 physical) { m.put(at::page_directory + 8, physical | 0x83); };
    map_at_8m(0);
    m.put(0x30000, 0x11111111);
    CHECK(load<u32>(m.cpu, 0x800000 + 0x30000) == 0x11111111);
    map_at_8m(0x400000); // outside RAM: reads all ones
    CHECK(load<u32>(m.cpu, 0x800000 + 0x30000) == 0x11111111);
    m.cpu.flush_tlb_page(0x800000 + 0x1000);
    CHECK(load<u32>(m.cpu, 0x800000 + 0x30000) == 0xffffffff);
}
