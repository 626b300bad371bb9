// SPDX-License-Identifier: MIT
// The registers as gdb is told of them: numbers, the target description, bytes; and what gdb wants to be stopped by.
#include "frontend/gdb/registers.hpp"
#include "frontend/gdb/signals.hpp"
#include "frontend/gdb/stops.hpp"
#include "frontend/gdb/target_xml.hpp"

#include "catch.hpp"

#include <algorithm>
#include <set>

using namespace trapgate;
using namespace trapgate::frontend::gdb;

namespace {

std::size_t count(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
    return n;
}

} // namespace

TEST_CASE("gdb's registers have the numbers that gdb gives them", "[gdb]") {
    CHECK(register_number("eax") == 0u);
    CHECK(register_number("esp") == 4u);
    CHECK(register_number("eip") == 8u);
    CHECK(register_number("cs") == 10u);
    CHECK(register_number("st0") == 16u);
    CHECK(register_number("fctrl") == 24u);
    CHECK(register_number("fop") == 31u);
    CHECK(register_number("orig_eax") == 32u);
    CHECK(register_number("cpl") == 33u);
    CHECK_FALSE(register_number("rax"));
    std::set<std::string_view> names;
    for (const Register& r : registers()) CHECK(names.insert(r.name).second);
}

TEST_CASE("the target description names every register once, in three features", "[gdb]") {
    const std::string xml = target_xml(false);
    CHECK(count(xml, "<reg ") == registers().size() - 9);
    for (const char* feature : {"org.gnu.gdb.i386.core", "org.gnu.gdb.i386.linux", "org.trapgate.system"})
        CHECK(count(xml, feature) == 1);
    CHECK(count(xml, "<feature") == count(xml, "</feature>"));
    CHECK(count(xml, "<flags") == 3);
    CHECK(xml.find("<reg name=\"tss_esp0\" bitsize=\"32\"") != std::string::npos);
    CHECK(xml.find("<architecture>i386</architecture>") != std::string::npos);
}

TEST_CASE("with SSE the description has a fourth feature: eight XMM registers and MXCSR", "[gdb]") {
    const std::string xml = target_xml(true);
    CHECK(count(xml, "<reg ") == registers().size());
    CHECK(count(xml, "type=\"vec128\"") == 8);
    CHECK(count(xml, "org.gnu.gdb.i386.sse") == 1);
    CHECK(count(xml, "<feature") == count(xml, "</feature>"));
    const unsigned xmm3 = *register_number("xmm3");
    CHECK(register_text(xmm3, Value{0x1122334455667788, 0x99}) == "88776655443322119900000000000000");
    CHECK(parse_register(xmm3, "88776655443322119900000000000080")->high == 0x8000000000000099);
}

TEST_CASE("gdb's register values travel lowest byte first", "[gdb]") {
    const unsigned eax = 0, st0 = 16, clock = *register_number("clock");
    CHECK(register_text(eax, Value{0x12345678}) == "78563412");
    CHECK(register_text(st0, Value{0x8000000000000000, 0x3fff}) == "0000000000000080ff3f");
    CHECK(register_text(clock, Value{0x1122334455667788}) == "8877665544332211");
    CHECK(register_text(eax, std::nullopt) == "xxxxxxxx");
    CHECK(parse_register(eax, "78563412")->low == 0x12345678);
    CHECK(parse_register(st0, "0000000000000080ff3f")->high == 0x3fff);
    CHECK_FALSE(parse_register(eax, "785634"));
    CHECK_FALSE(parse_register(eax, "7856341200"));
    CHECK_FALSE(parse_register(eax, "xxxxxxxx"));
}

TEST_CASE("Linux' signals have gdb's numbers", "[gdb]") {
    CHECK(gdb_signal(11) == 11);
    CHECK(gdb_signal(7) == 10);   // SIGBUS
    CHECK(gdb_signal(17) == 20);  // SIGCHLD
    CHECK(gdb_signal(31) == 12);  // SIGSYS
    CHECK(gdb_signal(64) == 143); // a name that we do not send
}

TEST_CASE("gdb's breakpoints and watchpoints come and go", "[gdb]") {
    Stops stops;
    CHECK(stops.change(Fields("0,8048000,1"), true) == "OK");
    CHECK(stops.change(Fields("0,8048000,1"), true) == "OK");
    CHECK(stops.change(Fields("1,c0100000,1"), true) == "OK");
    CHECK(stops.breakpoints() == std::vector<u32>{0x8048000, 0xc0100000});
    CHECK(stops.break_reason(0x8048000) == "swbreak:;");
    CHECK(stops.break_reason(0xc0100000) == "hwbreak:;");
    CHECK(stops.change(Fields("0,8048000,1"), false) == "OK");
    CHECK(stops.change(Fields("0,8048000,1"), false) == "OK"); // twice is no error
    CHECK_FALSE(stops.breaks_at(0x8048000));
    CHECK(stops.change(Fields("2,bffffff0,4"), true) == "OK");
    machine::WatchHit hit;
    hit.address = 0xbffffff2;
    hit.size = 1;
    hit.intent = Intent::Write;
    CHECK(stops.watch_reason(hit) == "watch:bffffff0;");
    hit.intent = Intent::Read;
    CHECK(stops.watch_reason(hit).empty());
    CHECK(stops.change(Fields("4,bffffff0,4"), true) == "OK");
    CHECK(stops.watch_reason(hit) == "awatch:bffffff0;");
    CHECK(stops.change(Fields("2,0,0"), true).starts_with("E"));
    CHECK(stops.change(Fields("2,0,ffffffff"), true).starts_with("E"));
    CHECK(stops.change(Fields("5,0,1"), true).empty());
    CHECK(stops.change(Fields("0,100000000,1"), true).starts_with("E"));
    CHECK(stops.change(Fields("0;1"), true).starts_with("E"));
}

TEST_CASE("gdb's catch of system calls takes all or a list", "[gdb]") {
    Stops stops;
    CHECK_FALSE(stops.catches_call(4));
    CHECK(stops.catch_calls(Fields("1;4;14")) == "OK");
    CHECK(stops.catches_call(4));
    CHECK(stops.catches_call(20));
    CHECK_FALSE(stops.catches_call(5));
    CHECK(stops.catch_calls(Fields("1")) == "OK");
    CHECK(stops.catches_call(5));
    CHECK(stops.catch_calls(Fields("0")) == "OK");
    CHECK_FALSE(stops.catches_calls());
    CHECK(stops.catch_calls(Fields("2")).starts_with("E"));
    CHECK(stops.catch_calls(Fields("1;x")).starts_with("E"));
}
