// SPDX-License-Identifier: MIT
// The native side by itself: the child runs what it is given and tells the truth about it.
// These tests say so and pass where the host cannot run 32-bit programs.
#include "catch.hpp"
#include "generator.hpp"
#include "native_processor.hpp"
#include "paths.hpp"

#include <cstring>
#include <optional>
#include <vector>

using namespace trapgate::silicon;

namespace {

Case simple_case(std::initializer_list<uint8_t> bytes) {
    Case test{};
    test.eip = test.code_address = code_base + 0x100;
    for (uint8_t byte : bytes) test.code[test.code_length++] = byte;
    test.eflags = 0x202;
    for (uint16_t& selector : test.segments) selector = flat_data;
    test.segments[Cs] = flat_code;
    test.registers[Esp] = stack_base + 0x800;
    return test;
}

std::optional<Outcome> answer(const Case& test) try {
    NativeProcessor native(trapgate::tests::build_folder() / "silicon_child");
    Outcome outcome;
    native.run({&test, 1}, {&outcome, 1});
    return outcome;
} catch (const NativeFailure& failure) {
    WARN(failure.what());
    return std::nullopt;
}

} // namespace

TEST_CASE("the native child pushes a register and stops at the next instruction", "[silicon]") {
    Case test = simple_case({0x50}); // push eax
    test.registers[Eax] = 0x1234'5678;
    const auto outcome = answer(test);
    if (!outcome) return;
    CHECK(outcome->trap == breakpoint);
    CHECK(outcome->eip == test.eip + 2);
    CHECK(outcome->registers[Esp] == test.registers[Esp] - 4);
    REQUIRE(outcome->changed_count == 4);
    CHECK(outcome->changed[0].address == test.registers[Esp] - 4);
    CHECK(outcome->changed[0].value == 0x78);
}

TEST_CASE("the native child tells vector, error code and address of a fault", "[silicon]") {
    const Case test = simple_case({0xC6, 0x05, 0x00, 0x00, 0x00, 0x50, 0x01}); // mov byte [0x50000000], 1
    const auto outcome = answer(test);
    if (!outcome) return;
    CHECK(outcome->trap == page_fault);
    CHECK(outcome->error == 6); // user, write, not present
    CHECK(outcome->cr2 == 0x5000'0000);
    CHECK(outcome->eip == test.eip);
}

TEST_CASE("case N of seed S is always the same case", "[silicon]") {
    std::vector<Shape> shapes(1);
    shapes[0].opcode = 0x01; // add Ev,Gv
    shapes[0].has_modrm = true;
    const Generator generator(shapes, 7);
    const Case first = generator.make(41).test, again = Generator(shapes, 7).make(41).test,
               other = generator.make(42).test;
    CHECK(std::memcmp(&first, &again, sizeof first) == 0);
    CHECK(std::memcmp(&first, &other, sizeof first) != 0);
}
