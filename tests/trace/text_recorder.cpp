// SPDX-License-Identifier: MIT
// The text trace: which line comes when, and with what.
#include "trace/text_recorder.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::trace;

namespace {

struct FakeReader final : MachineReader {
    RegisterValues values{};
    u64 number = 7;
    u32 eip = 0xc0100a40;
    u8 ring = 3;
    std::string place(u64 linear) const override { return linear == 0xc0100a40 ? "system_call" : ""; }
    std::string instruction(u64, u8) const override { return "int $0x80"; }
    std::string_view step_name(u8 step) const override { return step == 1 ? "read gate" : "push ss"; }
    RegisterValues registers() const override { return values; }
    u64 now() const override { return number; }
    u32 linear_eip() const override { return eip; }
    u8 cpl() const override { return ring; }
};

Access read8() {
    return {{0xc1000400}, {0x1000400}, 0xc010ef0000600a40, Intent::Read, 8, true};
}

} // namespace

TEST_CASE("an instruction's line comes before the micro-steps of its transfer") {
    FakeReader reader;
    std::string text;
    TextRecorder recorder(TextLevel::Micro, reader, [&](std::string_view piece) { text += piece; });
    recorder.on(Transfer{TransferKind::Interrupt, Transfer::Phase::Begin, 0x80});
    recorder.on(MicroStep{TransferKind::Interrupt, 1, 2, true});
    recorder.on(read8());
    recorder.on(MicroStep{TransferKind::Interrupt, 1, 2, false});
    reader.ring = 0;
    reader.values[4] = 0xc12fdfec;
    recorder.on(Transfer{TransferKind::Interrupt, Transfer::Phase::Done, 0x80});
    recorder.on(Retired{7, 0x8048094, {0x8048094}, 0, 2, 3});
    CHECK(text == "7.00 3 08048094                          int $0x80 | esp=c12fdfec\n"
                  "7.02 3 .                                 read gate            r8 c1000400=c010ef0000600a40\n");
}

TEST_CASE("a fault has its own line, with what delivering it did") {
    FakeReader reader;
    std::string text;
    TextRecorder recorder(TextLevel::Insn, reader, [&](std::string_view piece) { text += piece; });
    reader.eip = 0x8048000;
    recorder.on(Fault{14, true, 6, 0xdead0000});
    reader.number = 8;
    reader.ring = 0;
    reader.values[0] = 1;
    recorder.on(Transfer{TransferKind::Interrupt, Transfer::Phase::Done, 14});
    CHECK(text == "7.00 3 08048000                          exception 0e error 6 cr2 dead0000 | eax=00000001\n");
}

TEST_CASE("level ring shows changes of the ring only") {
    FakeReader reader;
    std::string text;
    TextRecorder recorder(TextLevel::Ring, reader, [&](std::string_view piece) { text += piece; });
    recorder.on(Transfer{TransferKind::Interrupt, Transfer::Phase::Done, 0x20});
    CHECK(text.empty());
    reader.ring = 0;
    recorder.on(Transfer{TransferKind::Interrupt, Transfer::Phase::Done, 0x80});
    CHECK(text == "7.00 0 c0100a40 system_call              int 80  ring 3 -> 0\n");
    recorder.on(Retired{7, 0, {0}, 0, 2, 3});
    CHECK(recorder.lines() == 1);
}
