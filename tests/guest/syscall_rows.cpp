// SPDX-License-Identifier: MIT
// src/kernel/syscalls.def against the guest's sys_call_table: the two lists cannot differ.
#include "catch.hpp"
#include "guest/image.hpp"
#include "kernel/syscalls.hpp"

using namespace trapgate;
using namespace trapgate::tests;

TEST_CASE("the host's list of system calls names the routines of the guest's table", "[D05][D17]") {
    const Image& image = Image::vmlinux();
    const u32 table = image.address("sys_call_table");
    const u32 nobody = image.address("sys_ni_syscall");
    constexpr u32 base_entries = 289;
    for (u32 number = 0; number < base_entries; ++number) {
        const u32 routine = image.word(table + 4 * number);
        const kernel::Syscall* call = kernel::find_syscall(number);
        INFO(number);
        if (call && call->profile == kernel::TableProfile::base)
            CHECK(image.symbols().name_at(routine) == image.symbols().name_at(image.address(call->routine)));
        else
            CHECK(routine == nobody);
    }
}

TEST_CASE("beyond 288 each slot is the named routine or says that it is not there") {
    const Image& image = Image::vmlinux();
    const kernel::Symbol* table = image.symbols().find("sys_call_table_extended");
    REQUIRE(table);
    const u32 missing = image.address("sys_unimplemented");
    u32 present = 0;
    for (u32 i = 0; i < table->size / 4; ++i) {
        const u32 routine = image.word(static_cast<u32>(table->address) + 4 * i);
        const kernel::Syscall* call = kernel::find_syscall(289 + i);
        INFO(289 + i);
        if (routine == missing) continue;
        ++present;
        REQUIRE(call);
        CHECK(image.symbols().address_of(call->routine) == routine);
    }
    CHECK(present > 30);
}
