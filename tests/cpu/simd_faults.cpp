// SPDX-License-Identifier: MIT
// When MMX, SSE, FXSAVE and FXRSTOR do not run: CR0.TS, CR0.EM, CR4.OSFXSR, pending exceptions, operands that are not aligned. Ring 3
// of a host (tests/silicon) cannot show these. H20.
// Source: [SDM3] "Providing Operating System Support for … SSE Extensions", tables of the action for CR0.EM, MP and TS; [SDM2].
#include "catch.hpp"
#include "cpu/bare_machine.hpp"
#include "cpu/engine/engine.hpp"

using namespace trapgate;
using namespace trapgate::tests;

namespace {

constexpr u32 data = 0xe000;

struct SimdMachine : BareMachine {
    engine::Engine engine{cpu};

    explicit SimdMachine(const Model& model = model_p3, u32 cr4 = cr4::osfxsr | cr4::osxmmexcpt) {
        cpu.model = model;
        cpu.set_cr4(cr4);
        cpu.set_cr0(cpu.cr0 | cr0::ne | cr0::mp);
    }

    /// Runs one instruction that uses EBX = `data` as its operand; the vector it raised, or nothing.
    std::optional<u32> run(std::initializer_list<u8> bytes, u32 ebx = data) {
        engine.blocks().before_store({at::user_code}, 16);
        put_bytes(at::user_code, bytes.begin(), static_cast<u32>(bytes.size()));
        enter_kernel();
        cpu.eip = at::user_code;
        cpu.reg(Gpr::ebx) = ebx;
        engine.run(cpu.instructions + 1);
        if (cpu.eip == at::user_code + bytes.size()) return std::nullopt;
        return (cpu.eip - at::handler) / 16;
    }
    void set_cr0_bits(u32 bits) { cpu.set_cr0((cpu.cr0 & ~(cr0::em | cr0::ts)) | bits); }
};

constexpr std::initializer_list<u8> fld1{0xd9, 0xe8}, paddb{0x0f, 0xfc, 0xc1}, emms{0x0f, 0x77},
    movq_load{0x0f, 0x6f, 0x03}, fxsave{0x0f, 0xae, 0x03}, fxrstor{0x0f, 0xae, 0x0b}, pavgb{0x0f, 0xe0, 0xc1},
    prefetch{0x0f, 0x18, 0x03}, sfence{0x0f, 0xae, 0xf8}, clts{0x0f, 0x06};

constexpr std::initializer_list<u8> addps{0x0f, 0x58, 0xc1}, addss{0xf3, 0x0f, 0x58, 0xc1},
    movaps{0x0f, 0x28, 0x03}, movaps_store{0x0f, 0x29, 0x03}, movups{0x0f, 0x10, 0x03}, movntps{0x0f, 0x2b, 0x03},
    xorps{0x0f, 0x57, 0xc0}, mulps{0x0f, 0x59, 0x03}, divps{0x0f, 0x5e, 0xc1}, sqrtps{0x0f, 0x51, 0xc1},
    comiss{0x0f, 0x2f, 0xc1}, cvtps2pi{0x0f, 0x2d, 0xc1}, cvttss2si{0xf3, 0x0f, 0x2c, 0xc1},
    ldmxcsr{0x0f, 0xae, 0x13}, stmxcsr{0x0f, 0xae, 0x1b};
constexpr std::array all_sse{addps, addss,  movaps, movaps_store, movups,    movntps, xorps,  mulps,
                             divps, sqrtps, comiss, cvtps2pi,     cvttss2si, ldmxcsr, stmxcsr};

constexpr u32 UD = 6, NM = 7, GP = 13, PF = 14, MF = 16, XM = 19;
constexpr u32 one = 0x3f800000;

} // namespace

TEST_CASE("with CR0.TS every x87, MMX and FXSAVE instruction raises #NM, until CLTS", "[H20]") {
    SimdMachine m;
    for (const auto& bytes : {fld1, paddb, emms, movq_load, fxsave, fxrstor, pavgb}) {
        m.set_cr0_bits(cr0::ts);
        CHECK(m.run(bytes) == NM);
        CHECK(m.run(clts) == std::nullopt);
        CHECK(m.run(bytes) == std::nullopt);
    }
    m.set_cr0_bits(cr0::ts);
    CHECK(m.run(prefetch) == std::nullopt);
    CHECK(m.run(sfence) == std::nullopt);
}

TEST_CASE("with CR0.EM the x87 and FXSAVE raise #NM, MMX raises #UD", "[H20]") {
    SimdMachine m;
    for (const u32 bits : {cr0::em, cr0::em | cr0::ts}) {
        m.set_cr0_bits(bits);
        for (const auto& bytes : {fld1, fxsave, fxrstor}) CHECK(m.run(bytes) == NM);
        for (const auto& bytes : {paddb, emms, movq_load, pavgb}) CHECK(m.run(bytes) == UD);
    }
}

TEST_CASE("a processor without MMX, FXSAVE or SSE does not know their instructions", "[H20]") {
    SimdMachine older(model_i686, 0), middle(model_p2, cr4::osfxsr);
    for (const auto& bytes : {paddb, emms, movq_load, fxsave, fxrstor, pavgb}) CHECK(older.run(bytes) == UD);
    for (const auto& bytes : {paddb, emms, movq_load, fxsave, fxrstor}) CHECK(middle.run(bytes) == std::nullopt);
    CHECK(middle.run(pavgb) == UD);
    CHECK(middle.run(sfence) == UD);
}

TEST_CASE("an unmasked x87 exception strikes at the next MMX instruction", "[H20]") {
    SimdMachine m;
    m.cpu.x87.control = 0x37b; // divide by zero
    m.cpu.x87.status = 0x8084;
    CHECK(m.run(paddb) == MF);
    CHECK(m.run(fxsave) == std::nullopt); // which does not wait
    m.cpu.x87.status = 0;
    CHECK(m.run(paddb) == std::nullopt);
}

TEST_CASE("FXSAVE and FXRSTOR want an operand that is aligned to 16 bytes, and a legal MXCSR", "[H20]") {
    SimdMachine m;
    for (u32 by = 1; by < 16; ++by) {
        CHECK(m.run(fxsave, data + by) == GP);
        CHECK(m.run(fxrstor, data + by) == GP);
    }
    CHECK(m.run(fxsave) == std::nullopt);
    for (u32 bit = 0; bit < 32; ++bit) {
        m.put(data + 24, 1u << bit);
        const bool legal = 0xffbfu >> bit & 1;
        CHECK(m.run(fxrstor) == (legal ? std::nullopt : std::optional<u32>(GP)));
    }
}

TEST_CASE("FXSAVE and FXRSTOR bring 512 bytes there and back", "[H20]") {
    SimdMachine m;
    X87State x87;
    for (u32 n = 0; n < 8; ++n) {
        x87.registers[n] = {0x8123456789abcd00u + n, static_cast<u16>(0x3ff0 + n)};
        for (u32 lane = 0; lane < 4; ++lane) m.cpu.sse.xmm[n][lane] = 0x10000 * n + lane;
    }
    x87.control = 0x27f;
    x87.status = 0x3900;
    x87.tags = 0x0c00; // R5 is empty
    m.cpu.x87 = x87;
    m.cpu.sse.mxcsr = 0x9fa5;
    const SseState sse = m.cpu.sse;
    for (u32 n = 0; n < 128; ++n) m.put(data + 4 * n, 0xeeeeeeee);
    CHECK(m.run(fxsave) == std::nullopt);
    CHECK(m.word(data) == 0x3900027f);
    CHECK((m.word(data + 4) & 0xff) == 0xdf);
    CHECK(m.word(data + 24) == 0x9fa5);
    CHECK(m.word(data + 28) == 0);          // the default mask
    CHECK(m.word(data + 32) == 0x89abcd07); // ST(0) is R7
    CHECK(m.word(data + 160 + 16 * 3 + 8) == 0x30002);
    for (u32 n = 288; n < 512; n += 4) CHECK(m.word(data + n) == 0xeeeeeeee);
    m.cpu.x87 = {};
    m.cpu.sse = {};
    CHECK(m.run(fxrstor) == std::nullopt);
    CHECK(m.cpu.x87.registers == x87.registers);
    CHECK(m.cpu.x87.control == x87.control);
    CHECK(m.cpu.x87.status == x87.status);
    CHECK(m.cpu.x87.tags == x87.tags);
    CHECK(m.cpu.sse.xmm == sse.xmm);
    CHECK(m.cpu.sse.mxcsr == sse.mxcsr);
}

TEST_CASE("without CR4.OSFXSR an image leaves XMM registers and MXCSR alone", "[H20]") {
    SimdMachine m(model_p3, 0);
    m.cpu.sse.xmm[3] = {1, 2, 3, 4};
    for (u32 n = 0; n < 128; ++n) m.put(data + 4 * n, 0xeeeeeeee);
    CHECK(m.run(fxsave) == std::nullopt);
    CHECK(m.word(data + 24) == 0xeeeeeeee);
    CHECK(m.word(data + 160 + 48) == 0xeeeeeeee);
    CHECK(m.run(fxrstor) == std::nullopt); // that MXCSR would be illegal
    CHECK(m.cpu.sse.xmm[3] == Xmm{1, 2, 3, 4});
}

TEST_CASE("an image that reaches into a bad page is not begun", "[H20]") {
    SimdMachine m;
    m.enable_paging();
    m.set_page(0xf000, 0);
    m.put(0xef00, 0x11111111);
    CHECK(m.run(fxsave, 0xef00) == PF);
    CHECK(m.cpu.cr2 == 0xf0ff);
    CHECK(m.word(0xef00) == 0x11111111);
    m.cpu.x87.control = 0x27f;
    CHECK(m.run(fxrstor, 0xef00) == PF);
    CHECK(m.cpu.x87.control == 0x27f);
}

TEST_CASE("MMX writes through to the x87's registers, and EMMS empties them", "[H20]") {
    SimdMachine m;
    m.cpu.x87.status = 0x2800;
    m.put64(data, 0x1122334455667788);
    CHECK(m.run(movq_load) == std::nullopt); // mm0
    CHECK(m.cpu.x87.registers[0] == Float80{0x1122334455667788, 0xffff});
    CHECK((m.cpu.x87.status & 0x3800) == 0);
    CHECK((m.cpu.x87.tags & m.cpu.x87.tags >> 1 & 0x5555) == 0);
    CHECK(m.run(emms) == std::nullopt);
    CHECK(m.cpu.x87.tags == 0xffff);
    CHECK(m.cpu.x87.registers[0] == Float80{0x1122334455667788, 0xffff});
}

TEST_CASE("SSE raises #UD with CR0.EM or without CR4.OSFXSR, then #NM with CR0.TS", "[H20]") {
    SimdMachine m;
    m.put(data, 0x1f80); // what LDMXCSR and the others find is harmless
    for (const auto& bytes : all_sse) {
        m.set_cr0_bits(cr0::ts);
        CHECK(m.run(bytes) == NM);
        m.set_cr0_bits(cr0::em | cr0::ts);
        CHECK(m.run(bytes) == UD);
        m.set_cr0_bits(0);
        m.put(data, 0x1f80);
        CHECK(m.run(bytes) == std::nullopt);
    }
    m.cpu.set_cr4(0);
    m.set_cr0_bits(cr0::ts);
    for (const auto& bytes : all_sse) CHECK(m.run(bytes) == UD);
    SimdMachine older(model_p2, cr4::osfxsr);
    for (const auto& bytes : all_sse) CHECK(older.run(bytes) == UD);
}

TEST_CASE("an unmasked exception of SSE raises #XM, or #UD if CR4.OSXMMEXCPT is not set", "[H20]") {
    for (const bool known : {true, false}) {
        SimdMachine m(model_p3, cr4::osfxsr | (known ? cr4::osxmmexcpt : 0));
        m.cpu.sse.xmm[0] = {one, one, one, one};
        m.cpu.sse.xmm[1] = {0, one, 0x40400000, one}; // 1/0 and 1/3
        m.cpu.sse.mxcsr = 0x1f80;
        CHECK(m.run(divps) == std::nullopt);
        CHECK(m.cpu.sse.mxcsr == 0x1fa4); // divided by zero, inexact
        CHECK(m.cpu.sse.xmm[0][0] == 0x7f800000);
        m.cpu.sse.xmm[0] = {one, one, one, one};
        m.cpu.sse.mxcsr = 0x1d80;
        CHECK(m.run(divps) == (known ? XM : UD));
        CHECK(m.cpu.sse.mxcsr == 0x1d84); // nothing was computed that could be inexact
        CHECK(m.cpu.sse.xmm[0] == Xmm{one, one, one, one});
        m.cpu.sse.mxcsr = 0x0f80; // inexact unmasked: found after computing
        CHECK(m.run(divps) == (known ? XM : UD));
        CHECK(m.cpu.sse.mxcsr == 0x0fa4);
    }
}

TEST_CASE("#XM pushes no error code and the address of the instruction; sticky flags alone raise nothing",
          "[H20]") {
    SimdMachine m;
    m.cpu.sse.xmm[1] = {0x7f800001}; // a signalling NaN
    m.cpu.sse.mxcsr = 0x1f00;
    CHECK(m.run(comiss) == XM);
    CHECK(m.stack(0) == at::user_code);
    CHECK((m.stack(1) & 0xffff) == selector::kernel_cs);
    CHECK(m.cpu.sse.mxcsr == 0x1f01);
    m.cpu.sse.xmm[1] = {one};
    CHECK(m.run(comiss) == std::nullopt);
    CHECK(m.run(addss) == std::nullopt);
}

TEST_CASE("packed operands in memory are aligned to 16 bytes, all but those of MOVUPS", "[H20]") {
    SimdMachine m;
    for (u32 by = 1; by < 16; ++by) {
        for (const auto& bytes : {movaps, movaps_store, movntps, mulps}) CHECK(m.run(bytes, data + by) == GP);
        CHECK(m.run(movups, data + by) == std::nullopt);
    }
}

TEST_CASE("LDMXCSR takes no bit that the processor does not have", "[H20]") {
    SimdMachine m;
    for (u32 bit = 0; bit < 32; ++bit) {
        m.put(data, 1u << bit);
        const bool legal = 0xffbfu >> bit & 1;
        CHECK(m.run(ldmxcsr) == (legal ? std::nullopt : std::optional<u32>(GP)));
        if (legal) CHECK(m.cpu.sse.mxcsr == 1u << bit);
    }
}

TEST_CASE("an unaligned store over a page's end that may not be written changes nothing", "[H20]") {
    SimdMachine m;
    m.enable_paging();
    m.set_page(0xf000, 0);
    m.cpu.sse.xmm[0] = {1, 2, 3, 4};
    m.put64(0xeff8, 0x1111111111111111);
    CHECK(m.run({0x0f, 0x11, 0x03}, 0xeff8) == PF);
    CHECK(m.word64(0xeff8) == 0x1111111111111111);
}

TEST_CASE("CR4 takes OSFXSR with FXSAVE, OSXMMEXCPT with SSE", "[H20]") {
    const auto accepts = [](const Model& model, u32 bit) {
        SimdMachine m(model, 0);
        return m.run({0x0f, 0x22, 0xe3}, bit) == std::nullopt && m.cpu.cr4 == bit; // mov cr4, ebx
    };
    CHECK(!accepts(model_i686, cr4::osfxsr));
    CHECK(accepts(model_p2, cr4::osfxsr));
    CHECK(!accepts(model_p2, cr4::osxmmexcpt));
    CHECK(accepts(model_p3, cr4::osfxsr));
    CHECK(accepts(model_p3, cr4::osxmmexcpt));
}
