// SPDX-License-Identifier: MIT
// Every call with every argument wrong: the errno of tests/guest/errno-table.tsv, which was recorded from a Linux by the same
// program (tests/tools/errno-table). Source: tests/rows.tsv, row U01.
#include "catch.hpp"
#include "guest/guest.hpp"
#include "paths.hpp"

#include <fstream>
#include <sstream>

using namespace trapgate;
using namespace trapgate::tests;

namespace {
std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> fields;
    std::istringstream in(line);
    for (std::string field; std::getline(in, field, '\t');) fields.push_back(field);
    return fields;
}

/// "call: what is wrong: result" for each row; an answer of ours that differs from Linux' must say why.
std::vector<std::string> expected() {
    std::ifstream in(source_folder() / "tests/guest/errno-table.tsv");
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('#')) continue;
        const auto fields = split(line);
        REQUIRE(fields.size() >= 3);
        if (fields.size() > 3) {
            INFO(line);
            CHECK((fields.size() == 5 && fields[4].size() > 20));
        }
        lines.push_back(fields[0] + ": " + fields[1] + ": " + (fields.size() > 3 ? fields[3] : fields[2]));
    }
    return lines;
}
} // namespace

TEST_CASE("every call with a bad descriptor, process, pointer, name or flag gives Linux's errno",
          "[U01][U02][U03][U04][U05][U06]") {
    GuestSetup setup{.command = {"probes/probe-errno-table"}};
    setup.watched = false;
    Guest guest(setup);
    guest.run_to_exit();
    std::vector<std::string> seen;
    std::istringstream output(guest.output());
    for (std::string line; std::getline(output, line);) {
        const auto fields = split(line);
        if (fields.size() == 3) seen.push_back(fields[0] + ": " + fields[1] + ": " + fields[2]);
    }
    const auto wanted = expected();
    CHECK(wanted.size() > 2000);
    REQUIRE(seen.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(seen[i] == wanted[i]);
}
