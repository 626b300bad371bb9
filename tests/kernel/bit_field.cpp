// SPDX-License-Identifier: MIT
// Where bit fields lie: units as C reads them, and what crosses the border of one.
#include "kernel/bit_field.hpp"

#include "catch.hpp"

using namespace trapgate;
using kernel::Member;

namespace {

Member placed(u32 first_bit, u32 bits, u32 size) {
    Member member{"field", 0, size, 1, "unsigned int"};
    kernel::place_bits(member, first_bit, bits);
    return member;
}

} // namespace

TEST_CASE("a bit field is some bits of the unit of its type in which it lies", "[dwarf]") {
    const Member first = placed(0, 1, 4), last = placed(31, 1, 4), later = placed(8 * 20 + 3, 28, 4);
    CHECK((first.offset == 0 && bit_field(first).low_bit == 0 && bit_field(first).bits == 1));
    CHECK((last.offset == 0 && bit_field(last).low_bit == 31));
    CHECK((later.offset == 20 && later.size == 4 && later.type == "unsigned int : 28 @ 3"));
    CHECK(bit_field(first).value_in(0xfffffffe) == 0);
    CHECK(bit_field(last).value_in(0x80000000) == 1);
    CHECK(bit_field(later).value_in(0x7ffffff8) == 0xfffffff);
    const Member of_bytes = placed(8 * 5 + 6, 2, 1);
    CHECK((of_bytes.offset == 5 && bit_field(of_bytes).low_bit == 6));
    CHECK(kernel::unit_type(of_bytes) == "unsigned int");
}

TEST_CASE("a packed bit field across two units is read byte by byte", "[dwarf]") {
    const Member across = placed(30, 4, 4);
    CHECK((across.offset == 3 && across.size == 2 && bit_field(across).low_bit == 6));
    CHECK(bit_field(across).value_in(0x0240) == 0x9);
}

TEST_CASE("a member that is no bit field is what lies there", "[dwarf]") {
    const Member whole{"whole", 4, 4, 1, "struct list_head *"};
    CHECK(bit_field(whole).bits == 0);
    CHECK(bit_field(whole).value_in(0x12345678) == 0x12345678);
    CHECK(kernel::unit_type(whole) == "struct list_head *");
}
