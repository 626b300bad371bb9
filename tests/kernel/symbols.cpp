// SPDX-License-Identifier: MIT
// Symbols and DWARF, read from a program that this test's own compiler made: the test program itself.
#include "kernel/symbols.hpp"
#include "kernel/debug_info.hpp"

#include "catch.hpp"
#include "paths.hpp"

#include <cstddef>
#include <cstdio>
#include <fstream>

using namespace trapgate;
using namespace trapgate::kernel;

TEST_CASE("a symbol holds its own bytes and, without a size, all up to the next one") {
    using Kind = Symbol::Kind;
    const Symbols symbols({{0x200, 0, "label", Kind::Label, false},
                           {0x100, 0x10, "f", Kind::Function, true},
                           {0x100, 0, "alias", Kind::Label, true},
                           {0x300, 4, "table", Kind::Object, true}});
    CHECK(symbols.name_at(0x100) == "f");
    CHECK(symbols.name_at(0x10f) == "f+15");
    CHECK(symbols.name_at(0xff).empty());
    CHECK(symbols.name_at(0x2f0) == "label+240");
    CHECK(symbols.name_at(0x303) == "table+3");
    CHECK(symbols.name_at(0x304).empty());
    CHECK(symbols.address_of("table") == 0x300u);
    CHECK_FALSE(symbols.address_of("nothing"));
}

TEST_CASE("files that have no symbols to give say why") {
    CHECK(Symbols::from_file("/nowhere/at/all").error().exit_code == 127);
    CHECK(Symbols::from_file("/").error().exit_code == 126);
    const std::string text = (trapgate::tests::build_folder() / "not-an-elf").string();
    std::ofstream(text) << "#!/bin/sh\n";
    CHECK(Symbols::from_file(text).error().message == text + ": not an ELF file");
    std::ofstream(text) << "\x7f"
                           "ELF\1\1\1";
    const auto cut = Symbols::from_file(text);
    CHECK((!cut || cut.value().all().empty()));
    std::remove(text.c_str());
}
