// SPDX-License-Identifier: MIT
// Lines and addresses of a file with DWARF: the tests' own program.
#include "kernel/line_addresses.hpp"

#include "catch.hpp"

using namespace trapgate;
using namespace trapgate::kernel;

TEST_CASE("paths_name_the_same_file_when_their_last_parts_agree", "[lines]") {
    CHECK(same_file("guest/libc/crt0.S", "/home/me/trapgate/guest/libc/crt0.S"));
    CHECK(same_file("crt0.S", "guest/libc/crt0.S"));
    CHECK(same_file("./a.c", "a.c"));
    CHECK(!same_file("t0.S", "guest/libc/crt0.S"));
    CHECK(!same_file("libc/a.c", "kernel/a.c"));
    CHECK(!same_file("", "a.c"));
}

TEST_CASE("a_file_that_is_no_elf_has_no_lines_but_an_error", "[lines]") {
    CHECK(!LineAddresses::from_file("/dev/null"));
    CHECK(!LineAddresses::from_file("/nonexistent"));
}
