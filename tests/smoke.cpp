// SPDX-License-Identifier: MIT
// What every test relies on: the width of the host's types.
#include "catch.hpp"

#include <climits>

TEST_CASE("the host has eight-bit bytes and 64-bit pointers") {
    STATIC_REQUIRE(CHAR_BIT == 8);
    STATIC_REQUIRE(sizeof(void*) == 8);
}
